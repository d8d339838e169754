"""Mobile push by Firebase Cloud Messaging: HTTP v1, signed in as a service account.

One request is one device. The access token is fetched with a signed statement of the service
account's (RFC 7523), kept for as long as it lasts, and fetched anew once when it is refused.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Annotated, Any

import orjson
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import BeforeValidator, SecretStr, field_validator

from channels.errors import TransientFailure
from channels.http_answers import RETRY_ACCOUNT, Answer, http_client, refusal
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
    text_value,
)
from channels.whole_requests import WholeRequests

API_URL = "https://fcm.googleapis.com"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105  (an address)
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
MARGIN = 60.0
"""Seconds before its end at which an access token is not used any more."""
RETRY_QUOTA = 60.0
"""Seconds before the next try when a quota is used up and the answer names no time."""
MAX_TOKEN = 4096

_RESERVED = re.compile(r"from|notification|message_type|(google|gcm).*")
_PROJECT = re.compile(r"[a-z0-9:.-]{4,60}")


def _as_text(value: Any) -> Any:
    """The file as text, or as the object that it holds."""
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


class ServiceAccount:
    """What is needed of a service account's key file."""

    def __init__(self, text: str) -> None:
        """Raises ValueError, which never repeats what the file holds."""
        try:
            file = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise ValueError("is not the JSON file of a service account's key") from None
        if not isinstance(file, dict) or file.get("type") != "service_account":
            raise ValueError("is not the JSON file of a service account's key")
        wanted = ("project_id", "client_email", "private_key", "private_key_id")
        if not all(isinstance(file.get(name), str) for name in wanted):
            raise ValueError(f"lacks one of {', '.join(wanted)}")
        if not _PROJECT.fullmatch(file["project_id"]):
            raise ValueError("has a project_id that is none")
        self.project: str = file["project_id"]
        self.email: str = file["client_email"]
        self.key_id: str = file["private_key_id"]
        try:
            self.key = RSAKey.import_key(file["private_key"])
        except Exception:  # noqa: BLE001  (whatever is wrong with it; the text stays out of it)
            raise ValueError("has a private_key that is no RSA key") from None

    def assertion(self, audience: str, now: float) -> str:
        """The signed statement for which an access token is given."""
        claims = {
            "iss": self.email, "scope": SCOPE, "aud": audience,
            "iat": int(now), "exp": int(now) + 3600,
        }  # fmt: skip
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        return jwt.encode(header, claims, self.key, algorithms=["RS256"])


class FcmAccount(ProviderSettings):
    """A Firebase project."""

    service_account: Annotated[SecretStr, BeforeValidator(_as_text)]
    """The JSON file of a service account's key, as text or as the object in it."""

    @field_validator("service_account")
    @classmethod
    def _whole(cls, text: SecretStr) -> SecretStr:
        ServiceAccount(text.get_secret_value())
        return text


class FcmChannel:
    """Pushes to one device at a time: Android, and iOS where the app uses Firebase's SDK."""

    def __init__(self, account: FcmAccount, url: str = API_URL, token_url: str = TOKEN_URL) -> None:
        self._account = ServiceAccount(account.service_account.get_secret_value())
        self._url = f"{url}/v1/projects/{self._account.project}/messages:send"
        self._token_url = token_url
        self._requests = WholeRequests(http_client(connections=4, http2=True))
        self._token: tuple[str, float] | None = None
        self._signing_in = asyncio.Lock()

    def address(self, recipient: Recipient) -> str | Unreachable:
        """The device's token, if it is one of Firebase's."""
        for device in recipient.devices:
            if device.platform != "web" and not NATIVE_APNS.fullmatch(device.token):
                return device.token
        return Unreachable("no device")

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt; with a fresh access token at once if the present one is refused."""
        if not message.to or len(message.to) > MAX_TOKEN:
            return Rejected("that is no device token", bad_address=True, dead=(message.to,))
        try:
            body = orjson.dumps({"message": _message(message)})
        except ValueError as error:
            return Rejected(str(error))
        token = await self._access_token()
        answer = await self._post(body, token)
        if answer.status == 401 and _code(answer) != "THIRD_PARTY_AUTH_ERROR":
            answer = await self._post(body, await self._access_token(refused=token))
        if answer.taken:
            name = answer.json().get("name")
            return Delivered(name if isinstance(name, str) and name else str(message.id))
        return _refused(answer, message.to)

    async def close(self) -> None:
        """Close the connections."""
        await self._requests.close()

    async def _post(self, body: bytes, token: str) -> Answer:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        request = self._requests.client.build_request(
            "POST", self._url, content=body, headers=headers
        )
        return await self._requests.exchange(request, provider="FCM")

    async def _access_token(self, refused: str | None = None) -> str:
        """A token that is still good, asked for by one message at a time."""
        async with self._signing_in:
            if self._token is not None:
                token, until = self._token
                if token != refused and time.monotonic() < until:
                    return token
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": self._account.assertion(self._token_url, time.time()),
            }
            request = self._requests.client.build_request("POST", self._token_url, data=form)
            # Not ambiguous, whatever goes wrong: the message is not on its way yet.
            try:
                answer = await self._requests.exchange(request, provider="Google's sign-in")
            except TransientFailure as failure:
                raise TransientFailure(failure.reason, failure.retry_after) from failure
            given = answer.json()
            fresh, lasts = given.get("access_token"), given.get("expires_in")
            if not answer.taken or not isinstance(fresh, str) or not isinstance(lasts, int):
                said = given.get("error_description") or given.get("error") or "no access token"
                raise TransientFailure(
                    f"Google's sign-in answered {answer.status}: {said}"[:300], RETRY_ACCOUNT
                )
            self._token = (fresh, time.monotonic() + lasts - MARGIN)
            return fresh


def _message(message: OutgoingMessage) -> dict[str, Any]:
    """The message as FCM's API has it. Raises ValueError for what it would refuse."""
    content, same = message.content, collapse_id(message)
    picture = image(message)
    notification = _set(title=content.title, body=content.body, image=picture)
    data = {name: text_value(value) for name, value in extras(message).items()}
    for name in data:
        if _RESERVED.fullmatch(name):
            raise ValueError(f"data must not have {name!r}: FCM keeps the name for itself")
    check_size({"notification": notification, "data": data})
    count = badge(message)
    aps = _set(sound=content.sound, badge=count)
    if picture:
        aps["mutable-content"] = 1
    return {
        "token": message.to,
        "notification": notification,
        "data": data,
        "android": _set(
            ttl=f"{LIFETIME}s",
            collapse_key=content.collapse_id or None,
            notification=_set(tag=same, sound=content.sound, notification_count=count),
        ),
        "apns": {
            "headers": {
                "apns-collapse-id": same,
                "apns-expiration": str(int(time.time()) + LIFETIME),
            },
            "payload": {"aps": aps},
            **({"fcm_options": {"image": picture}} if picture else {}),
        },
    }


def _set(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _details(answer: Answer) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    error = answer.json().get("error")
    error = error if isinstance(error, dict) else {}
    details = error.get("details")
    found = details if isinstance(details, list) else []
    return error, [one for one in found if isinstance(one, dict)]


def _code(answer: Answer) -> str:
    """FCM's own code (`UNREGISTERED`), else Google's general one (`NOT_FOUND`)."""
    error, details = _details(answer)
    codes = [str(one["errorCode"]) for one in details if "errorCode" in one]
    return codes[0] if codes else str(error.get("status", ""))


def _is_about_token(answer: Answer) -> bool:
    _, details = _details(answer)
    violations = [one.get("fieldViolations") for one in details]
    fields = [v for found in violations if isinstance(found, list) for v in found]
    return any(isinstance(v, dict) and v.get("field") == "message.token" for v in fields)


def _refused(answer: Answer, token: str) -> Rejected:
    error, _ = _details(answer)
    code = _code(answer)
    reason = f"{code}: {error.get('message', '')}" if code else None
    dead = code == "UNREGISTERED" or (code == "INVALID_ARGUMENT" and _is_about_token(answer))
    if dead:
        return Rejected(f"FCM answered {reason}"[:300], bad_address=True, dead=(token,))
    if code == "SENDER_ID_MISMATCH":
        # Perhaps the account is of the wrong project: then all tokens would seem to be dead.
        return Rejected(f"FCM answered {reason}"[:300])
    if answer.status == 404:
        raise TransientFailure(f"FCM answered 404: {reason or answer.words()}", RETRY_ACCOUNT)
    if answer.status == 429 and "retry-after" not in answer.headers:
        raise TransientFailure(f"FCM answered 429: {reason or answer.words()}", RETRY_QUOTA)
    return refusal(answer, "FCM", reason=reason)


def open_fcm(account: FcmAccount, context: ProviderContext) -> Channel:
    """The channel over this project."""
    return FcmChannel(
        account,
        context.urls.get("fcm", API_URL),
        context.urls.get("fcm_token", TOKEN_URL),
    )
