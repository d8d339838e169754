"""Mobile push by Apple's push service: HTTP/2, signed in by a key's token.

One request is one device. Apple wants the token renewed at least every 60 minutes and at most every
20, so it is renewed after 50, and not for each message.
"""

from __future__ import annotations

import re
import time
from typing import Any, Literal
from uuid import uuid5

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import Field, SecretStr, field_validator

from channels.errors import TransientFailure
from channels.http_answers import (
    RETRY_ACCOUNT,
    Answer,
    http_client,
    refusal,
    retry_after,
)
from channels.protocol import (
    Channel,
    Delivered,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from channels.provider_settings import ProviderContext, ProviderSettings
from channels.push_payload import (
    LIFETIME,
    NATIVE_APNS,
    badge,
    check_size,
    collapse_id,
    extras,
    image,
)
from channels.whole_requests import WholeRequests

HOSTS = {
    "production": "https://api.push.apple.com",
    "sandbox": "https://api.sandbox.push.apple.com",
}
RENEW = 50 * 60.0
"""Seconds after which the token is renewed."""
AT_MOST = 20 * 60.0
"""Seconds within which Apple refuses a second renewal."""

_DEAD = frozenset({"Unregistered", "ExpiredToken"})
_ABOUT_US = frozenset({"BadTopic", "TopicDisallowed", "MissingTopic", "BadPath"})
"""Refusals with a 400 or 404 that speak of the account, not of the message."""


class ApnsAccount(ProviderSettings):
    """A key of an Apple developer team, and the app that it pushes to."""

    team_id: str = Field(pattern=r"^[A-Z0-9]{10}$")
    key_id: str = Field(pattern=r"^[A-Z0-9]{10}$")
    private_key: SecretStr
    """The text of the `.p8` file."""
    bundle_id: str = Field(pattern=r"^[A-Za-z0-9.-]{1,155}$")
    """The app's, which is the topic of its pushes."""
    environment: Literal["production", "sandbox"] = "production"
    """`sandbox` for apps that were installed from Xcode."""

    @field_validator("private_key")
    @classmethod
    def _p256(cls, text: SecretStr) -> SecretStr:
        try:
            key = load_pem_private_key(text.get_secret_value().encode(), password=None)
        except (ValueError, TypeError):
            raise ValueError("is not the text of a .p8 file") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise ValueError("is no key of the curve P-256")
        return text


class ApnsChannel:
    """Pushes to one device at a time."""

    def __init__(
        self, account: ApnsAccount, url: str | None = None, client: httpx.AsyncClient | None = None
    ) -> None:
        self._account = account
        self._url = url or HOSTS[account.environment]
        self._key = ECKey.import_key(account.private_key.get_secret_value())
        self._requests = WholeRequests(client or http_client(connections=4, http2=True))
        self._token: tuple[str, float] | None = None

    def address(self, recipient: Recipient) -> str | Unreachable:
        """The device's token, if iOS gave it."""
        for device in recipient.devices:
            if device.platform in {"ios", None} and NATIVE_APNS.fullmatch(device.token):
                return device.token
        return Unreachable("no device")

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt; with a new token at once if the present one has expired."""
        if not NATIVE_APNS.fullmatch(message.to):
            return Rejected("that is no device token of iOS", bad_address=True)
        try:
            same, body = collapse_id(message), orjson.dumps(_payload(message))
        except ValueError as error:
            return Rejected(str(error))
        id_ = str(uuid5(message.id, message.to))
        token = self._bearer()
        answer = await self._post(message.to, id_, same, body, token)
        if answer.status == 403 and _reason(answer) == "ExpiredProviderToken":
            answer = await self._post(message.to, id_, same, body, self._bearer(expired=token))
        if answer.taken:
            return Delivered(id_)
        return _refused(answer, message.to)

    async def close(self) -> None:
        """Close the connections."""
        await self._requests.close()

    def _bearer(self, expired: str | None = None) -> str:
        now = time.time()
        if self._token is not None:
            token, made = self._token
            age = now - made
            if age < (AT_MOST if token == expired else RENEW):
                return token
        header = {"alg": "ES256", "kid": self._account.key_id}
        claims = {"iss": self._account.team_id, "iat": int(now)}
        token = jwt.encode(header, claims, self._key, algorithms=["ES256"])
        self._token = (token, now)
        return token

    async def _post(self, to: str, id_: str, same: str, body: bytes, token: str) -> Answer:
        request = self._requests.client.build_request(
            "POST",
            f"{self._url}/3/device/{to.lower()}",
            content=body,
            headers={
                "authorization": f"bearer {token}",
                "apns-topic": self._account.bundle_id,
                "apns-push-type": "alert",
                "apns-priority": "10",
                "apns-id": id_,
                "apns-collapse-id": same,
                "apns-expiration": str(int(time.time()) + LIFETIME),
            },
        )
        return await self._requests.exchange(request, provider="APNs")


def _payload(message: OutgoingMessage) -> dict[str, Any]:
    """The message as iOS gets it. Raises ValueError for what Apple would refuse."""
    content = message.content
    alert = {"title": content.title, "body": content.body}
    aps: dict[str, Any] = {"alert": {name: value for name, value in alert.items() if value}}
    if content.sound:
        aps["sound"] = content.sound
    if (count := badge(message)) is not None:
        aps["badge"] = count
    own = extras(message)
    if picture := image(message):
        # Shown by the app's notification service extension.
        aps["mutable-content"] = 1
        own["image"] = picture
    if "aps" in own:
        raise ValueError("data must not have 'aps': Apple keeps the name for itself")
    payload = {"aps": aps, **own}
    check_size(payload)
    return payload


def _reason(answer: Answer) -> str:
    return re.sub(r"[^A-Za-z]", "", str(answer.json().get("reason", "")))[:60]


def _refused(answer: Answer, token: str) -> Rejected:
    reason = _reason(answer)
    if answer.status == 410 or reason in _DEAD:
        return Rejected(f"APNs answered {reason or answer.status}", bad_address=True, dead=(token,))
    if reason in _ABOUT_US:
        raise TransientFailure(
            f"APNs answered {answer.status}: {reason}", retry_after(answer) or RETRY_ACCOUNT
        )
    # BadDeviceToken stays: with the wrong environment set, all tokens would seem to be dead.
    return refusal(answer, "APNs", reason=reason or None, bad_address=reason == "BadDeviceToken")


def open_apns(account: ApnsAccount, context: ProviderContext) -> Channel:
    """The channel to this app."""
    return ApnsChannel(account, context.urls.get("apns"))
