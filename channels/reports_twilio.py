"""Twilio's status callbacks, and what people answer to an SMS: STOP and START.

Their signature has no time in it, so an old one stays valid: a repeat is known by the message's and
the status' names, and tells nothing twice. The id of our message is in the address that we gave
Twilio to call, which the signature covers.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

from channels.phones import phone_number
from channels.reports import (
    Reply,
    Report,
    Reported,
    ReportRefusedError,
    ReportRequest,
    message_id_of,
)
from channels.sms_twilio import TwilioAccount

SIGNATURE = "x-twilio-signature"
MOST_FIELDS = 200

_SIGNS: dict[str, Reported] = {
    "delivered": "delivered",
    "read": "opened",
    "undelivered": "failed",
    "failed": "failed",
}
_NO_SUCH_NUMBER = frozenset({"30005", "30006"})
"""Unknown or unreachable for good: no number, a landline."""
_WISHES: Mapping[str, Literal["stop", "start"]] = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"), "stop"
    ),
    **dict.fromkeys(("START", "UNSTOP", "YES"), "start"),
}
"""The words that Twilio itself obeys; HELP it answers, and nothing follows from it."""
_DEFAULT_PORTS = {"https": 443, "http": 80}


def read_twilio(
    account: TwilioAccount, request: ReportRequest, now: datetime
) -> Sequence[Report | Reply]:
    """The report or reply in a request; none for a status that says nothing yet."""
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise ReportRefusedError("the body is not a form", forged=False) from None
    form = dict(pairs)
    _verify(account, request, form)
    if "MessageStatus" not in form and "From" in form:
        return _reply(form)
    message_id = message_id_of(parse_qs(request.query).get("message", [None])[0])
    status = form.get("MessageStatus", "")
    sign = _SIGNS.get(status)
    if message_id is None or sign is None:
        return []
    code = form.get("ErrorCode") or None
    bounced = sign == "failed" and code in _NO_SUCH_NUMBER
    reason = f"Twilio: {status}{f', error {code[:10]}' if code else ''}"
    return [
        Report(
            f"{form.get('MessageSid', '')[:100]}:{status}",
            message_id,
            "bounced" if bounced else sign,
            now,
            reason=reason if sign == "failed" else None,
            unwanted="bounce" if bounced else None,
        )
    ]


def _reply(form: Mapping[str, str]) -> Sequence[Reply]:
    """`OptOutType` is there where the account has words of its own; it goes before the text."""
    number, sid = phone_number(form["From"]), form.get("MessageSid", "")[:100]
    if number is None or not sid:
        return []
    words = form.get("OptOutType") or form.get("Body", "")
    wish = _WISHES.get(words[:100].strip().strip(".!").upper())
    return [Reply(f"{sid}:reply", number, wish)]


def _verify(account: TwilioAccount, request: ReportRequest, form: Mapping[str, str]) -> None:
    given = request.headers.get(SIGNATURE, "").encode()
    fields = "".join(f"{name}{form[name]}" for name in sorted(form))
    token = account.auth_token.get_secret_value().encode()
    signatures = [
        b64encode(hmac.digest(token, f"{url}{fields}".encode(), "sha1"))
        for url in _as_called(request.url)
    ]
    # Every one is compared: how long it takes tells nothing.
    if not any([hmac.compare_digest(given, signature) for signature in signatures]):  # noqa: C419
        raise ReportRefusedError(
            "the signature does not fit: it is made with the account's auth_token, and with the"
            " address that Twilio calls, which begins with SOJOURN_PUBLIC_URL"
        )


def _as_called(url: str) -> list[str]:
    """The address with its port and without: which of them Twilio signs depends on its product."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    return [
        url,
        *(urlunsplit(parts._replace(netloc=netloc)) for netloc in (host, f"{host}:{port}")),
    ]
