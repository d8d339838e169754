"""A webhook: the message as JSON, posted to the URL that its template makes.

It is signed as Standard Webhooks says, so that receivers verify it with any of its libraries, and
know a repeated one by `webhook-id`. The URL is not ours: it must be https and public (see
public_hosts), no redirect is followed, and no more of the answer is read than its status needs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import httpx
import orjson
from pydantic import Field, SecretStr, field_validator

from channels.http_answers import exchange, refusal
from channels.protocol import (
    Channel,
    Delivered,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from channels.provider_settings import ProviderContext, ProviderSettings
from channels.public_hosts import public_client
from channels.web_urls import outside_url

SECRET_PREFIX = "whsec_"  # noqa: S105  (what every secret begins with)
MAX_SECRETS = 5


def secret_bytes(written: str) -> bytes:
    """The key in `whsec_<base64>`. Raises ValueError when it is not one of 24 to 64 bytes."""
    try:
        key = base64.b64decode(written.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError(f"is {SECRET_PREFIX} and then 24 to 64 bytes as base64")
    return key


def signatures(keys: Iterable[bytes], id_: UUID | str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: one signature for each key, so that keys can be replaced."""
    signed = f"{id_}.{timestamp}.".encode() + body
    found = (hmac.digest(key, signed, hashlib.sha256) for key in keys)
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in found)


class WebhookAccount(ProviderSettings):
    """The secrets that webhooks are signed with, the newest first."""

    secrets: Annotated[tuple[SecretStr, ...], Field(min_length=1, max_length=MAX_SECRETS)]
    authorization: SecretStr | None = None
    """An `Authorization` header for receivers that ask for one: `Bearer …`."""

    @field_validator("secrets")
    @classmethod
    def _keys(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for secret in secrets:
            secret_bytes(secret.get_secret_value())
        return secrets

    @field_validator("authorization")
    @classmethod
    def _one_line(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            written = value.get_secret_value()
            if not (written.isascii() and written.isprintable() and 0 < len(written) <= 4096):
                raise ValueError("is one line of at most 4,096 ASCII characters")
        return value


class WebhookChannel:
    """Posts to the URL in the message's `link`, about the contact that the message is for."""

    def __init__(
        self, account: WebhookAccount, client: httpx.AsyncClient, *, private_addresses: bool = False
    ) -> None:
        self._keys = [secret_bytes(secret.get_secret_value()) for secret in account.secrets]
        self._authorization = account.authorization
        self._private = private_addresses
        self._client = client

    def address(self, recipient: Recipient) -> str | Unreachable:
        """Who the message is about: the receiver looks people up by it."""
        return recipient.user_id or recipient.email or str(recipient.contact_id)

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt."""
        try:
            request = self._request(message, datetime.now(UTC))
            answer = await exchange(self._client, request, provider="the webhook's receiver")
        except ValueError as error:
            return Rejected(f"webhook: {error}")
        if answer.taken:
            return Delivered(str(message.id))
        return refusal(answer, "the webhook's receiver")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _request(self, message: OutgoingMessage, now: datetime) -> httpx.Request:
        url = outside_url(message.content.link or "", plain_http=self._private)
        body, timestamp = _body(message), int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": str(message.id),
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signatures(self._keys, message.id, timestamp, body),
        }
        if self._authorization is not None:
            headers["authorization"] = self._authorization.get_secret_value()
        return self._client.build_request("POST", url, content=body, headers=headers)


def _body(message: OutgoingMessage) -> bytes:
    """The template's own body, which must be JSON; without one, its data around the contact.

    Raises ValueError.
    """
    written = message.content.body
    if written is None or not written.strip():
        about = {"message_id": str(message.id), "contact": message.to}
        return orjson.dumps({"type": "message", **about, "data": dict(message.content.data)})
    body = written.encode()
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error}") from error
    return body


def open_webhook(account: WebhookAccount, context: ProviderContext) -> Channel:
    """The channel with these secrets."""
    private = context.private_addresses
    client = public_client(private_addresses=private, timeout=15.0)
    return WebhookChannel(account, client, private_addresses=private)
