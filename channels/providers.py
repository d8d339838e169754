"""The kinds of provider that a workspace can have an account with. Explicit: a kind is a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from channels.email_account import SmtpAccount, open_smtp
from channels.email_sendgrid import SendGridAccount, open_sendgrid
from channels.protocol import Channel
from channels.provider_settings import ProviderContext, ProviderSettings
from channels.push_apns import ApnsAccount, open_apns
from channels.push_fcm import FcmAccount, open_fcm
from channels.sms_twilio import TwilioAccount, open_twilio
from channels.web_push import WebPushAccount, open_web_push
from channels.webhook import WebhookAccount, open_webhook


@dataclass(frozen=True)
class ProviderKind:
    """What delivers a channel: how an account is described, and how it becomes a `Channel`.

    `open` makes no connection; what is wrong with an account shows when it sends.
    """

    channel: str
    settings: type[ProviderSettings]
    open: Callable[[Any, ProviderContext], Channel]
    beside: frozenset[str] = frozenset()
    """Kinds that may deliver the same channel at the same time, each to devices of its own."""


PROVIDER_KINDS: Mapping[str, ProviderKind] = {
    "smtp": ProviderKind("email", SmtpAccount, open_smtp),
    "sendgrid": ProviderKind("email", SendGridAccount, open_sendgrid),
    "twilio": ProviderKind("sms", TwilioAccount, open_twilio),
    "apns": ProviderKind("push", ApnsAccount, open_apns, beside=frozenset({"fcm"})),
    "fcm": ProviderKind("push", FcmAccount, open_fcm, beside=frozenset({"apns"})),
    "web_push": ProviderKind("web_push", WebPushAccount, open_web_push),
    "webhook": ProviderKind("webhook", WebhookAccount, open_webhook),
}


def kinds_of(channel: str) -> list[str]:
    """The kinds that deliver a channel."""
    return [name for name, kind in PROVIDER_KINDS.items() if kind.channel == channel]
