"""Push messages to browsers (RFC 8030), encrypted for one of them (RFC 8291), signed (RFC 8292).

A browser's token is the JSON text of its push subscription. Its endpoint is a URL that whoever
registers a device may write, so it must be https and public (see public_hosts).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import http_ece
import httpx
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr, field_validator

from channels.http_answers import Answer, exchange, refusal
from channels.protocol import (
    Channel,
    Delivered,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from channels.provider_settings import OneLine, ProviderContext, ProviderSettings
from channels.public_hosts import public_client
from channels.web_urls import outside_url

MAX_SUBSCRIPTION = 4096
"""Characters of a subscription's JSON."""
MAX_PAYLOAD = 3993
"""Bytes before encryption: 4,096 after it, which every push service takes (RFC 8291, 4)."""
TIME_TO_LIVE = 24 * 3600
"""Seconds for which a push service keeps the message for a browser that is not running."""
TOKEN_LIFE = 12 * 3600
"""Seconds for which a signed token serves; push services take at most 24 hours (RFC 8292, 2)."""
MAX_TOKENS = 100
"""Signed tokens that are kept, one for each push service."""
URGENCIES = frozenset({"very-low", "low", "normal", "high"})


@dataclass(frozen=True)
class Subscription:
    """Where a browser is reached, and the keys that only it can read with."""

    endpoint: str
    key: bytes
    secret: bytes

    @classmethod
    def parse(cls, token: str) -> Subscription:
        """From the JSON that a browser gives. Raises ValueError with what is wrong with it."""
        if len(token) > MAX_SUBSCRIPTION:
            raise ValueError("the subscription is too long")
        try:
            written = orjson.loads(token)
            endpoint, keys = written["endpoint"], written["keys"]
            key, secret = _bytes_of(keys["p256dh"]), _bytes_of(keys["auth"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError("that is no push subscription") from error
        if not isinstance(endpoint, str) or len(secret) != 16:
            raise ValueError("that is no push subscription")
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        except ValueError as error:
            raise ValueError("the subscription's key is no point of P-256") from error
        return cls(endpoint, key, secret)


class WebPushAccount(ProviderSettings):
    """The key pair by which push services know this sender (VAPID)."""

    private_key: SecretStr
    """32 bytes as base64url, as `npx web-push generate-vapid-keys` writes them."""
    public_key: OneLine
    """65 bytes as base64url: what the web page gives to `pushManager.subscribe`."""
    subject: OneLine
    """`mailto:…` or `https://…`: whom a push service asks when something is wrong."""

    @field_validator("private_key")
    @classmethod
    def _key(cls, key: SecretStr) -> SecretStr:
        _private_key(key.get_secret_value())
        return key

    @field_validator("subject")
    @classmethod
    def _reachable(cls, subject: str) -> str:
        if not subject.startswith(("mailto:", "https://")):
            raise ValueError("begins with mailto: or https://")
        return subject

    @field_validator("public_key")
    @classmethod
    def _together(cls, public_key: str, info: Any) -> str:
        private = info.data.get("private_key")
        if private is not None and public_key.rstrip("=") != _public_text(
            _private_key(private.get_secret_value())
        ):
            raise ValueError("does not belong to the private key")
        return public_key


class WebPushChannel:
    """Pushes to one browser at a time."""

    def __init__(
        self,
        account: WebPushAccount,
        client: httpx.AsyncClient,
        *,
        private_addresses: bool = False,
    ) -> None:
        key = _private_key(account.private_key.get_secret_value())
        self._public = _public_text(key)
        self._signer = ECKey.import_key(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self._subject = account.subject
        self._private = private_addresses
        self._client = client
        self._tokens: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def address(self, recipient: Recipient) -> str | Unreachable:
        """The subscription of the contact's browser."""
        browsers = [device for device in recipient.devices if device.platform == "web"]
        return browsers[0].token if browsers else Unreachable("no browser")

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt."""
        try:
            subscription = Subscription.parse(message.to)
            url = outside_url(subscription.endpoint, plain_http=self._private)
        except ValueError as error:
            return Rejected(f"web push: {error}", bad_address=True, dead=(message.to,))
        payload = _payload(message)
        if len(payload) > MAX_PAYLOAD:
            return Rejected(f"the push message is longer than {MAX_PAYLOAD:,} bytes")
        request = self._client.build_request(
            "POST",
            url,
            content=_encrypted(payload, subscription),
            headers=self._headers(message, url),
        )
        try:
            answer = await exchange(self._client, request, provider="the push service")
        except ValueError as error:
            return Rejected(f"web push: {error}", bad_address=True, dead=(message.to,))
        return _result(answer, message)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _headers(self, message: OutgoingMessage, url: httpx.URL) -> dict[str, str]:
        data = message.content.data
        urgency = str(data.get("urgency", "normal"))
        return {
            "ttl": str(TIME_TO_LIVE),
            "urgency": urgency if urgency in URGENCIES else "normal",
            "topic": _topic(message),
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "authorization": f"vapid t={self._token(_origin(url))}, k={self._public}",
        }

    def _token(self, origin: str) -> str:
        """The signed token for a push service; signing one takes longer than all the rest."""
        now = time.time()
        known = self._tokens.get(origin)
        if known is not None and known[0] > now + TOKEN_LIFE / 2:
            self._tokens.move_to_end(origin)
            return known[1]
        expires = now + TOKEN_LIFE
        claims = {"aud": origin, "exp": int(expires), "sub": self._subject}
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, self._signer)
        self._tokens[origin] = (expires, token)
        while len(self._tokens) > MAX_TOKENS:
            self._tokens.popitem(last=False)
        return token


def _topic(message: OutgoingMessage) -> str:
    """What a waiting message is replaced by: one of the same `collapse_id`, or itself repeated."""
    collapse = getattr(message.content, "collapse_id", None)
    named = f"{message.workspace_id}:{collapse}" if collapse else str(message.id)
    # 32 characters of base64url at most (RFC 8030, 5.4).
    return base64.urlsafe_b64encode(hashlib.sha256(named.encode()).digest()[:24]).decode()


def _payload(message: OutgoingMessage) -> bytes:
    """What the page's service worker gets: the parts that there are, and the message's id."""
    content = message.content
    parts = {
        "message_id": str(message.id),
        "title": content.title,
        "body": content.body,
        "link": content.link,
        "image": getattr(content, "image", None),
        "data": dict(content.data) or None,
    }
    return orjson.dumps({name: value for name, value in parts.items() if value})


def _encrypted(payload: bytes, subscription: Subscription) -> bytes:
    encrypted: bytes = http_ece.encrypt(
        payload,
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=subscription.key,
        auth_secret=subscription.secret,
        version="aes128gcm",
    )
    return encrypted


def _result(answer: Answer, message: OutgoingMessage) -> Delivered | Rejected:
    if answer.taken:
        return Delivered(str(message.id))
    if answer.status in {404, 410}:
        return Rejected(
            "the browser's subscription has ended", bad_address=True, dead=(message.to,)
        )
    return refusal(answer, "the push service")


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _bytes_of(text: str) -> bytes:
    """Base64url with or without its padding. Raises ValueError."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", True)
    except binascii.Error as error:
        raise ValueError("that is no base64url") from error


def _private_key(written: str) -> ec.EllipticCurvePrivateKey:
    """The key in 32 bytes of base64url. Raises ValueError."""
    number = int.from_bytes(raw) if len(raw := _bytes_of(written.strip())) == 32 else 0
    try:
        return ec.derive_private_key(number, ec.SECP256R1())
    except ValueError as error:
        raise ValueError("is a private key of P-256: 32 bytes as base64url") from error


def _public_text(key: ec.EllipticCurvePrivateKey) -> str:
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def open_web_push(account: WebPushAccount, context: ProviderContext) -> Channel:
    """The channel with this key pair."""
    private = context.private_addresses
    client = public_client(private_addresses=private)
    return WebPushChannel(account, client, private_addresses=private)
