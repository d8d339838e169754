"""Google's sign-in for service accounts, and Firebase Cloud Messaging, as documented."""

from __future__ import annotations

import time
from collections import Counter
from functools import cache
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.support.providers.speaking import Asked, Provider, Reply, json_reply

PROJECT = "shop-1234"
EMAIL = f"push@{PROJECT}.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def service_account(**changes: Any) -> dict[str, Any]:
    """The key file, as Google gives it."""
    pem = _key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "type": "service_account", "project_id": PROJECT, "private_key_id": "key-1",
        "private_key": pem.decode(), "client_email": EMAIL, "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token", **changes,
    }  # fmt: skip


class GoogleSignIn(Provider):
    """Gives access tokens for statements that are signed by the service account's key."""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.valid: set[str] = set()
        self.lasts = 3600

    def reply(self, asked: Asked) -> Reply:
        form = asked.form()
        if form.get("grant_type") != GRANT:
            return json_reply(400, {"error": "unsupported_grant_type"})
        public = RSAKey.import_key(
            _key()
            .public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        try:
            token = jwt.decode(form["assertion"], public, algorithms=["RS256"])
        except JoseError:
            said = "Invalid JWT Signature."
            return json_reply(400, {"error": "invalid_grant", "error_description": said})
        claims, now = token.claims, time.time()
        fits = (
            claims["iss"] == EMAIL
            and claims["aud"] == self.url
            and claims["scope"] == SCOPE
            and claims["iat"] <= now + 5
            and now < claims["exp"] <= claims["iat"] + 3600
            and token.header["kid"] == "key-1"
        )
        if not fits:
            return json_reply(400, {"error": "invalid_grant", "error_description": "Bad claims."})
        given = f"ya29.{uuid4().hex}"
        self.valid.add(given)
        return json_reply(
            200, {"access_token": given, "expires_in": self.lasts, "token_type": "Bearer"}
        )


def fcm_error(status: int, general: str, code: str | None, *fields: str, **headers: str) -> Reply:
    details: list[dict[str, Any]] = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
    if fields:
        violations = [{"field": name, "description": "Invalid value"} for name in fields]
        details.append({"@type": BAD_REQUEST, "fieldViolations": violations})
    error = {"code": status, "message": f"It is {general}.", "status": general, "details": details}
    return json_reply(status, {"error": error}, **headers)


class Fcm(Provider):
    """Takes messages for the devices of one project; tokens that are not known are malformed."""

    def __init__(self, sign_in: GoogleSignIn) -> None:
        super().__init__()
        self.sign_in = sign_in
        self.gone: set[str] = set()
        self.busy: Counter[str] = Counter()
        """How often a token's messages are still to be put off."""
        self.messages: list[dict[str, Any]] = []

    def reply(self, asked: Asked) -> Reply:  # noqa: PLR0911
        if (asked.method, asked.path) != ("POST", f"/v1/projects/{PROJECT}/messages:send"):
            return fcm_error(404, "NOT_FOUND", None)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.sign_in.valid:
            return fcm_error(401, "UNAUTHENTICATED", None)
        message = asked.json()["message"]
        token = message["token"]
        if token in self.gone:
            return fcm_error(404, "NOT_FOUND", "UNREGISTERED")
        if not token.startswith("fcm:"):
            return fcm_error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.token")
        if self.busy[token]:
            self.busy[token] -= 1
            return fcm_error(503, "UNAVAILABLE", "UNAVAILABLE", **{"retry-after": "1"})
        for name, value in message.get("data", {}).items():
            if not isinstance(value, str) or name in {"from", "message_type"}:
                return fcm_error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data")
        self.messages.append(message)
        return json_reply(200, {"name": f"projects/{PROJECT}/messages/{len(self.messages)}"})
