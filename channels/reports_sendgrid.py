"""SendGrid's signed event webhook.

SendGrid repeats what is not answered with 2xx for a day, so a request may be as old as that; within
this window, a repeat is known by the events' own ids.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from channels.email_sendgrid import MESSAGE_ARGUMENT, SendGridAccount
from channels.reports import Report, Reported, ReportRefusedError, ReportRequest, message_id_of
from journeys.tracking import web_link

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
OLDEST = timedelta(hours=25)
"""A request older than this is refused: SendGrid gives up after 24 hours."""
AHEAD = timedelta(minutes=5)
"""How far SendGrid's clock may be ahead of ours."""
MOST_EVENTS = 10_000

_SIGNS: dict[str, Reported] = {
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "bounce": "bounced",
    "dropped": "failed",
    "spamreport": "complained",
}
"""Of the other events, nothing follows for a message: it was processed, or is still tried."""
_DROPPED_FOR = {"bounced address": "bounce", "spam reporting address": "complaint"}


def read_sendgrid(
    account: SendGridAccount, request: ReportRequest, now: datetime
) -> Sequence[Report]:
    """The reports in a request; those without a message of ours are left out."""
    _verify(account, request, now)
    try:
        events = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise ReportRefusedError("the body is not JSON", forged=False) from None
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise ReportRefusedError("the body is not a list of events", forged=False)
    found = [_report(event, now) for event in events if isinstance(event, dict)]
    return [report for report in found if report is not None]


def _verify(account: SendGridAccount, request: ReportRequest, now: datetime) -> None:
    if account.webhook_public_key is None:
        raise ReportRefusedError(
            "the account has no webhook_public_key: switch on SendGrid's signed event webhook and"
            " store the verification key that it shows"
        )
    timestamp = request.headers.get(TIMESTAMP, "")
    try:
        key = load_der_public_key(b64decode(account.webhook_public_key, validate=True))
        signature = b64decode(request.headers.get(SIGNATURE, ""), validate=True)
        sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    except (binascii.Error, ValueError, OverflowError, OSError):
        raise ReportRefusedError(
            "the signature, its timestamp or the verification key cannot be read"
        ) from None
    if not isinstance(key, EllipticCurvePublicKey):
        raise ReportRefusedError("webhook_public_key is not a key of an elliptic curve")
    try:
        key.verify(signature, timestamp.encode() + request.body, ECDSA(SHA256()))
    except InvalidSignature:
        raise ReportRefusedError("the signature does not fit the request") from None
    if not now - OLDEST <= sent_at <= now + AHEAD:
        raise ReportRefusedError(f"the request was signed at {sent_at.isoformat()}: too long ago")


def _report(event: dict[str, Any], now: datetime) -> Report | None:
    message_id = message_id_of(event.get(MESSAGE_ARGUMENT))
    sign = _SIGNS.get(str(event.get("event")))
    id_, seconds = event.get("sg_event_id"), event.get("timestamp")
    if message_id is None or sign is None or not isinstance(id_, str):
        return None
    reason = str(event.get("reason") or event.get("response") or "")[:1000]
    unwanted = "complaint" if sign == "complained" else None
    if sign == "bounced":
        # `blocked` is a server's refusal of this message; the address may well be good.
        unwanted = "bounce" if event.get("type") != "blocked" else None
        sign = "bounced" if unwanted else "failed"
    elif sign == "failed":
        unwanted = _DROPPED_FOR.get(reason.strip().lower())
    url = event.get("url")
    own = isinstance(url, str) and "/t/c/" in url  # tells of itself when it is followed
    return Report(
        id_,
        message_id,
        sign,
        _moment(seconds, now),
        reason=f"SendGrid: {reason}" if reason and sign in ("bounced", "failed") else None,
        link=web_link(url) if sign == "clicked" and isinstance(url, str) and not own else None,
        machine="provider" if event.get("sg_machine_open") is True else None,
        unwanted="bounce" if unwanted == "bounce" else "complaint" if unwanted else None,
    )


def _moment(seconds: object, now: datetime) -> datetime:
    if not isinstance(seconds, int | float):
        return now
    try:
        return min(datetime.fromtimestamp(seconds, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now
