"""What this process delivers by: the installation's own channels, and accounts of workspaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from channels.email_smtp import EmailChannel
from channels.in_app import AppChannel
from channels.local_inbox import LocalInboxChannel
from channels.pool import ChannelPool
from channels.protocol import Channel
from channels.provider_settings import ProviderContext
from channels.providers import kinds_of
from journeys.app_display import APP_CHANNELS
from journeys.templates import CHANNEL_PARTS
from runtime.encryption import encryption_of
from runtime.settings import Settings, SmtpSettings
from storage.database import Database

PROVIDERS = ("email",)
"""Channels for which the installation itself has a provider."""


def undeliverable(settings: Settings, served: Collection[str] = ()) -> dict[str, str]:
    """The channels that nothing delivers: of each, why, and what to do.

    `served` are those that accounts of the workspace deliver.
    """
    return {
        name: (
            f"the workspace has no account with a provider for it; add one"
            f" ({' or '.join(kinds_of(name))}) at /v1/providers; or to catch its messages in the"
            f" local inbox, as 'sojourn dev' does, name '{name}' in SOJOURN_INBOX_CHANNELS"
            " of the API and of the workers"
        )
        for name in CHANNEL_PARTS
        if name not in PROVIDERS
        and name not in APP_CHANNELS
        and name not in settings.inbox_channels
        and name not in served
    }


def provider_context(settings: Settings) -> ProviderContext:
    """What accounts of workspaces are opened with."""
    return ProviderContext(
        public_url=settings.public_url,
        private_addresses=settings.private_addresses,
        urls=settings.provider_urls,
    )


def open_pool(
    settings: Settings, database: Database, smtp: SmtpSettings | None = None
) -> ChannelPool:
    """All that can deliver: `open_channels`, and the accounts of each workspace."""
    return ChannelPool(
        open_channels(settings, database, smtp),
        caught=settings.inbox_channels,
        encryption=encryption_of(settings),
        context=provider_context(settings),
    )


def open_channels(
    settings: Settings, database: Database, smtp: SmtpSettings | None = None
) -> dict[str, Channel]:
    """The installation's own channels: the local inbox for `inbox_channels`, else what it has.

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
