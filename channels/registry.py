"""Which channels this process can deliver on. Explicit: a new provider is a line here."""

from __future__ import annotations

from collections.abc import Mapping

from channels.email_smtp import EmailChannel
from channels.in_app import AppChannel
from channels.local_inbox import LocalInboxChannel
from channels.protocol import Channel
from journeys.app_display import APP_CHANNELS
from journeys.templates import CHANNEL_PARTS
from runtime.settings import Settings, SmtpSettings
from storage.database import Database

PROVIDERS = ("email",)
"""Channels that this release can hand to a provider."""


def undeliverable(settings: Settings) -> dict[str, str]:
    """The channels that `open_channels` does not open: of each, why, and what to set."""
    return {
        name: (
            "this release has no provider for it"
            f" (it has one for {', '.join(PROVIDERS)}); to catch its messages in the local inbox,"
            f" as 'sojourn dev' does, name '{name}' in SOJOURN_INBOX_CHANNELS"
            " of the API and of the workers"
        )
        for name in CHANNEL_PARTS
        if name not in PROVIDERS
        and name not in APP_CHANNELS
        and name not in settings.inbox_channels
    }


def open_channels(
    settings: Settings, database: Database, smtp: SmtpSettings | None = None
) -> dict[str, Channel]:
    """The channels by name: the local inbox for `inbox_channels`, else the provider there is.

    Messages in the app need no provider; the local inbox shows copies of them.

    `smtp` is read from the environment when it is left out. Raises ValueError when the settings
    name an unknown channel or the sender is no address.
    """
    unknown = sorted(set(settings.inbox_channels) - set(CHANNEL_PARTS))
    if unknown:
        raise ValueError(
            f"SOJOURN_INBOX_CHANNELS names {', '.join(unknown)};"
            f" there are {', '.join(CHANNEL_PARTS)}"
        )
    caught = {name: LocalInboxChannel(name, database) for name in settings.inbox_channels}
    app = {name: AppChannel(name, database, caught.get(name)) for name in sorted(APP_CHANNELS)}
    channels: dict[str, Channel] = {**caught, **app}
    if "email" not in channels:
        channels["email"] = EmailChannel(smtp or SmtpSettings())
    return channels


async def close_channels(channels: Mapping[str, Channel]) -> None:
    """Close each of them."""
    for channel in channels.values():
        await channel.close()
