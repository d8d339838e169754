"""Email through SendGrid's API (v3 mail/send).

SendGrid has no key by which it would know a repeated request. Every attempt carries the same
`Message-ID` and the same custom argument, by which mailboxes and SendGrid's webhooks can tell.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import httpx
import orjson
from pydantic import SecretStr, field_validator

from channels.addresses import mail_address
from channels.http_answers import Answer, exchange, http_client, refusal
from channels.mail_message import Sender, message_id
from channels.protocol import (
    Channel,
    Delivered,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from channels.provider_settings import OneLine, ProviderContext, ProviderSettings

MESSAGE_ARGUMENT = "sojourn_message"
"""The custom argument that SendGrid's webhooks give back: the id of the message."""
MAX_BODY = 20 * 1024 * 1024

_REGIONS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
_RESERVED = frozenset(
    {"to", "from", "cc", "bcc", "subject", "reply-to", "content-type", "received",
     "content-transfer-encoding", "dkim-signature", "x-sg-id", "x-sg-eid"}
)  # fmt: skip
"""Headers that SendGrid writes itself."""
_RECIPIENT_FIELD = re.compile(r"personalizations\.\d+\.to\.\d+(\.email)?")


class SendGridAccount(ProviderSettings):
    """An API key that may send mail, and who the mail is from."""

    api_key: SecretStr
    sender: OneLine
    """`Name <local@domain>`; a sender that the account has verified."""
    reply_to: OneLine | None = None
    region: Literal["global", "eu"] = "global"
    webhook_public_key: OneLine | None = None
    """The verification key that SendGrid shows for its signed event webhook."""

    @field_validator("sender", "reply_to")
    @classmethod
    def _plain_sender(cls, sender: str | None) -> str | None:
        if sender is not None:
            Sender.parse(sender)
        return sender


class SendGridChannel:
    """Mail to the contact's `email`."""

    def __init__(self, account: SendGridAccount, url: str | None = None) -> None:
        self._account = account
        self._sender = Sender.parse(account.sender)
        self._url = (url or _REGIONS[account.region]) + "/v3/mail/send"
        self._client = http_client()

    def address(self, recipient: Recipient) -> str | Unreachable:
        """The contact's email in normal form."""
        if not recipient.email or not recipient.email.strip():
            return Unreachable("no email")
        return mail_address(recipient.email) or Unreachable("invalid email")

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt."""
        address = mail_address(message.to)
        if address is None:
            return Rejected("invalid email", bad_address=True)
        try:
            request = self._request(message, address)
        except ValueError as error:
            return Rejected(str(error))
        answer = await exchange(self._client, request, provider="SendGrid")
        if answer.taken:
            return Delivered(answer.headers.get("x-message-id") or str(message.id))
        return _refused(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _request(self, message: OutgoingMessage, address: str) -> httpx.Request:
        body = orjson.dumps(self._mail(message, address))
        if len(body) > MAX_BODY:
            raise ValueError("the mail is larger than 20 MB")
        return self._client.build_request(
            "POST",
            self._url,
            content=body,
            headers={
                "authorization": f"Bearer {self._account.api_key.get_secret_value()}",
                "content-type": "application/json",
            },
        )

    def _mail(self, message: OutgoingMessage, address: str) -> dict[str, Any]:
        content = message.content
        if _CONTROL.search(content.subject or ""):
            raise ValueError("the Subject header holds a line break")
        texts = (("text/plain", content.text), ("text/html", content.html))
        off = {"enable": False}
        mail: dict[str, Any] = {
            "personalizations": [{"to": [{"email": address}]}],
            "from": _party(self._account.sender),
            "subject": content.subject or "",
            "content": [{"type": kind, "value": text} for kind, text in texts if text],
            "headers": _headers(message, self._sender),
            "custom_args": {MESSAGE_ARGUMENT: str(message.id)},
            # What opens and clicks are is ours to find out; links are not rewritten twice.
            "tracking_settings": {
                "click_tracking": {**off, "enable_text": False},
                "open_tracking": off,
                "subscription_tracking": off,
            },
        }
        if self._account.reply_to is not None:
            mail["reply_to"] = _party(self._account.reply_to)
        return mail


def _party(written: str) -> dict[str, str]:
    sender = Sender.parse(written)
    name = written.rpartition("<")[0].strip().strip('"')
    return {"email": sender.address, **({"name": name} if name else {})}


def _headers(message: OutgoingMessage, sender: Sender) -> dict[str, str]:
    """The message's own headers, and its Message-ID. Raises ValueError for any that may not be."""
    headers: dict[str, str] = {}
    for name, value in getattr(message, "headers", {}).items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _RESERVED:
            raise ValueError(f"a mail cannot have the header {name!r}")
        if _CONTROL.search(value):
            raise ValueError(f"the {name} header holds a line break")
        headers[name] = value
    return {**headers, "Message-ID": message_id(message, sender)}


def _refused(answer: Answer) -> Rejected:
    told = answer.json().get("errors")
    errors = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    reason = "; ".join(str(error.get("message")) for error in errors[:3] if error.get("message"))
    bad_address = answer.status == 400 and any(
        _RECIPIENT_FIELD.fullmatch(str(error.get("field"))) for error in errors
    )
    if answer.status == 413:
        return Rejected("SendGrid answered 413: the mail is too large")
    return refusal(answer, "SendGrid", reason=reason or None, bad_address=bad_address)


def open_sendgrid(account: SendGridAccount, context: ProviderContext) -> Channel:
    """The channel over this account."""
    return SendGridChannel(account, context.urls.get("sendgrid"))
