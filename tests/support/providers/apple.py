"""Apple's push service, as documented: HTTP/2, and tokens signed with a team's key."""

from __future__ import annotations

import time
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from tests.support.providers.speaking import Asked, Provider, Reply, json_reply

TEAM, KEY_ID, TOPIC = "TEAM123456", "KEY1234567", "com.example.shop"


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def p8(key: ec.EllipticCurvePrivateKey | None = None) -> str:
    """The file that Apple gives for a key."""
    return (
        (key or _key())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def refused(status: int, reason: str, **headers: str) -> Reply:
    return json_reply(status, {"reason": reason}, **headers)


class Apns(Provider):
    """Takes pushes of one app."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: set[str] = set()
        self.bad: set[str] = set()
        self.expired: set[str] = set()
        """Tokens of the sender that are too old."""
        self.senders: list[str] = []
        self.pushes: list[tuple[Asked, dict[str, Any]]] = []
        self.versions: set[str] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.versions.add(scope["http_version"])
        await super().__call__(scope, receive, send)

    def reply(self, asked: Asked) -> Reply:  # noqa: PLR0911
        if not asked.path.startswith("/3/device/"):
            return refused(404, "BadPath")
        problem = self._sender_problem(asked)
        if problem is not None:
            return problem
        device = asked.path.removeprefix("/3/device/")
        if asked.headers.get("apns-topic") != TOPIC:
            return refused(400, "TopicDisallowed")
        if asked.headers.get("apns-push-type") != "alert":
            return refused(400, "InvalidPushType")
        if len(asked.body) > 4096:
            return refused(413, "PayloadTooLarge")
        if len(asked.headers["apns-collapse-id"].encode()) > 64:
            return refused(400, "BadCollapseId")
        if int(asked.headers["apns-expiration"]) < time.time():
            return refused(400, "BadExpirationDate")
        if device in self.gone:
            return json_reply(410, {"reason": "Unregistered", "timestamp": 1})
        if device in self.bad:
            return refused(400, "BadDeviceToken")
        id_ = str(UUID(asked.headers["apns-id"]))
        self.pushes.append((asked, asked.json()))
        return Reply(200, headers={"apns-id": id_})

    def _sender_problem(self, asked: Asked) -> Reply | None:
        bearer = asked.headers.get("authorization", "").removeprefix("bearer ")
        public = ECKey.import_key(
            _key()
            .public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        try:
            token = jwt.decode(bearer, public, algorithms=["ES256"])
        except JoseError:
            return refused(403, "InvalidProviderToken")
        if (token.header["kid"], token.claims["iss"]) != (KEY_ID, TEAM):
            return refused(403, "InvalidProviderToken")
        if bearer not in self.senders:
            self.senders.append(bearer)
        if bearer in self.expired or not -5 < time.time() - token.claims["iat"] < 3600:
            return refused(403, "ExpiredProviderToken")
        return None
