"""A browser with a push subscription, and the push service between it and the sender.

The service checks the sender's token by its public key (RFC 8292) and the headers (RFC 8030); the
browser decrypts what arrived with its private key (RFC 8291).
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from tests.support.providers.speaking import Asked, Provider, Reply


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """One that subscribed with a sender's public key."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = b"0123456789abcdef"
    got: list[dict[str, Any]] = field(default_factory=list)

    @property
    def subscription(self) -> str:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": text_of(point), "auth": text_of(self.secret)}
        return json.dumps({"endpoint": self.endpoint, "expirationTime": None, "keys": keys})

    def receive(self, body: bytes) -> None:
        plain = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        self.got.append(json.loads(plain))


class PushService(Provider):
    """Keeps browsers by their path."""

    def __init__(self, public_key: str) -> None:
        super().__init__()
        self.public_key = public_key
        self.url = ""
        self.browsers: dict[str, Browser] = {}
        self.topics: dict[tuple[str, str], int] = {}

    def subscribe(self) -> Browser:
        path = f"/push/{uuid4().hex}"
        self.browsers[path] = Browser(self.url + path)
        return self.browsers[path]

    def _signed(self, asked: Asked) -> bool:
        scheme, _, rest = asked.headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        if scheme != "vapid" or parts.get("k") != self.public_key:
            return False
        point = bytes_of(self.public_key)
        key = ECKey.import_key(
            {"kty": "EC", "crv": "P-256", "x": text_of(point[1:33]), "y": text_of(point[33:])}
        )
        try:
            claims = jwt.decode(parts["t"], key, algorithms=["ES256"]).claims
        except JoseError:
            return False
        soon = time.time() < claims["exp"] <= time.time() + 24 * 3600
        return bool(soon and claims["aud"] == self.url and claims["sub"].startswith("mailto:"))

    def reply(self, asked: Asked) -> Reply:
        browser = self.browsers.get(asked.path)
        if browser is None:
            return Reply(410, b"push subscription has unsubscribed or expired")
        if not self._signed(asked):
            return Reply(403, b"the VAPID credentials do not correspond to the subscription")
        if "ttl" not in asked.headers or asked.headers.get("content-encoding") != "aes128gcm":
            return Reply(400, b"missing TTL or content encoding")
        if len(asked.body) > 4096:
            return Reply(413, b"payload too large")
        if len(asked.headers.get("topic", "")) > 32:
            return Reply(400, b"invalid Topic")
        browser.receive(asked.body)
        return Reply(201, headers={"location": f"{self.url}/message/{uuid4().hex}"})
