"""A receiver of webhooks that verifies them as Standard Webhooks says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from tests.support.providers.speaking import Asked, Provider, Reply


class Receiver(Provider):
    """Knows one secret; takes what is signed with it within five minutes."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.got: dict[str, Any] = {}
        """By `webhook-id`: a repeated one is one."""

    def reply(self, asked: Asked) -> Reply:
        id_, written = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
        if abs(int(written) - time.time()) > 300:
            return Reply(400, b"too old")
        signed = f"{id_}.{written}.".encode() + asked.body
        expected = base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        if f"v1,{expected}" not in asked.headers["webhook-signature"].split(" "):
            return Reply(401, b"bad signature")
        self.got[id_] = asked.json()
        return Reply(204)
