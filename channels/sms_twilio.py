"""SMS through Twilio's Messages API.

Twilio has no key by which it would know a repeated request: when its answer was lost, the next
attempt may be a second SMS. Its callbacks carry the message's id, so both count as one message.
"""

from __future__ import annotations

import re
from typing import Annotated, Self
from urllib.parse import urlencode

import httpx
from pydantic import SecretStr, StringConstraints, model_validator

from channels.errors import TransientFailure
from channels.http_answers import (
    RETRY_ACCOUNT,
    Answer,
    exchange,
    http_client,
    later,
    quoted,
    refusal,
)
from channels.phones import phone_number
from channels.protocol import Channel, Delivered, OutgoingMessage, Recipient, Rejected, Unreachable
from channels.provider_settings import ProviderContext, ProviderSettings

MAX_TEXT = 1600
"""Characters that Twilio takes in one message."""
PUBLIC_URL = "https://api.twilio.com"

_OPTED_OUT = 21610
_BAD_NUMBER = frozenset({21211, 21214, 21217, 21401, 21407, 21421, 21614})
_ABOUT_US = frozenset(
    {20003, 20005, 20006, 21212, 21408, 21603, 21606, 21607, 21608, 21659, 21660, 21701, 21703,
     21704, 21705}
)  # fmt: skip
"""Codes that speak of the account or its senders: they wait to be repaired."""
_LATER = frozenset({14107, 20429, 21611})
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")

AccountSid = Annotated[str, StringConstraints(pattern=r"^AC[0-9a-f]{32}$")]
ServiceSid = Annotated[str, StringConstraints(pattern=r"^MG[0-9a-f]{32}$")]
KeySid = Annotated[str, StringConstraints(pattern=r"^SK[0-9a-f]{32}$")]
SenderName = Annotated[
    str, StringConstraints(pattern=r"^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})$")
]


class TwilioAccount(ProviderSettings):
    """An account, and the number, name or messaging service that the SMS come from."""

    account_sid: AccountSid
    auth_token: SecretStr
    """It also signs what Twilio calls back with, so it is needed beside an API key too."""
    api_key: KeySid | None = None
    api_secret: SecretStr | None = None
    sender: SenderName | None = None
    """A number in international form, a short code, or a name of at most 11 letters."""
    messaging_service: ServiceSid | None = None

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("api_key and api_secret go together")
        if (self.sender is None) == (self.messaging_service is None):
            raise ValueError("give either sender or messaging_service")
        return self


class TwilioChannel:
    """SMS to the contact's `phone`."""

    def __init__(
        self, account: TwilioAccount, url: str = PUBLIC_URL, hooks_url: str | None = None
    ) -> None:
        self._account = account
        self._url = f"{url}/2010-04-01/Accounts/{account.account_sid}/Messages.json"
        self._hooks_url = hooks_url
        secret = account.api_secret or account.auth_token
        self._auth = httpx.BasicAuth(
            account.api_key or account.account_sid, secret.get_secret_value()
        )
        self._client = http_client(auth=self._auth)

    def address(self, recipient: Recipient) -> str | Unreachable:
        """The contact's phone in international form."""
        if not recipient.phone or not recipient.phone.strip():
            return Unreachable("no phone")
        return phone_number(recipient.phone) or Unreachable("invalid phone")

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt."""
        number, text = phone_number(message.to), message.content.text or ""
        if number is None:
            return Rejected("invalid phone", bad_address=True)
        if not text.strip():
            return Rejected("the SMS is empty")
        if len(text) > MAX_TEXT:
            return Rejected(f"the SMS is longer than {MAX_TEXT:,} characters")
        answer = await exchange(
            self._client, self._request(message, number, text), provider="Twilio"
        )
        if not answer.taken:
            return _refused(answer)
        sid = str(answer.json().get("sid"))
        return Delivered(sid if _SID.fullmatch(sid) else str(message.id))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _request(self, message: OutgoingMessage, number: str, text: str) -> httpx.Request:
        form = {"To": number, "Body": text}
        if self._account.messaging_service:
            form["MessagingServiceSid"] = self._account.messaging_service
        else:
            form["From"] = self._account.sender or ""
        if self._hooks_url:
            form["StatusCallback"] = f"{self._hooks_url}?{urlencode({'message': message.id})}"
        return self._client.build_request("POST", self._url, data=form)


def _refused(answer: Answer) -> Rejected:
    """What Twilio's error code means; its HTTP status alone does not tell."""
    told = answer.json()
    code = told.get("code") if isinstance(told.get("code"), int) else None
    said = quoted(str(told.get("message") or "")) or answer.words()
    reason = f"Twilio answered {code or answer.status}: {said}"
    if code == _OPTED_OUT:
        return Rejected(f"opted out: {reason}", bad_address=True)
    if code in _BAD_NUMBER:
        return Rejected(reason, bad_address=True)
    if code in _ABOUT_US:
        raise TransientFailure(reason, RETRY_ACCOUNT)
    if code in _LATER:
        later(answer, reason)
    return refusal(answer, "Twilio", reason=f"{code} {said}" if code else None)


def open_twilio(account: TwilioAccount, context: ProviderContext) -> Channel:
    """The channel over this account."""
    return TwilioChannel(account, context.urls.get("twilio", PUBLIC_URL), context.hooks_url)
