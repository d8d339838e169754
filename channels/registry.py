"""Which channels this process can deliver on. Explicit: a new provider is a line here."""

from __future__ import annotations

from collections.abc import Mapping

from channels.email_smtp import EmailChannel
from channels.local_inbox import LocalInboxChannel
from channels.protocol import Channel
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
        if name not in PROVIDERS and name not in settings.inbox_channels
    }


def open_channels(
    settings: Settings, database: Database, smtp: SmtpSettings | None = None
) -> dict[str, Channel]:
    """The channels by name: the local inbox for `inbox_channels`, else the provider there is.

    `smtp` is read from the environment when it is left out. Raises ValueError when the settings
    name an unknown channel or the sender is no address.
    """
    unknown = sorted(set(settings.inbox_channels) - set(CHANNEL_PARTS))
    if unknown:
        raise ValueError(
            f"SOJOURN_INBOX_CHANNELS names {', '.join(unknown)};"
            f" there are {', '.join(CHANNEL_PARTS)}"
        )
    channels: dict[str, Channel] = {
        name: LocalInboxChannel(name, database) for name in settings.inbox_channels
    }
    if "email" not in channels:
        channels["email"] = EmailChannel(smtp or SmtpSettings())
    return channels


async def close_channels(channels: Mapping[str, Channel]) -> None:
    """Close each of them."""
    for channel in channels.values():
        await channel.close()
