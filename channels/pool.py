"""Who delivers a channel for a workspace, kept open between messages.

The local inbox where the installation says so, else the workspace's own account, else what the
installation has for everybody. An account is opened when its first message comes and opened anew
when its revision changes; what was open before is closed after the messages that are under way.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.accounts import open_account
from channels.protocol import (
    Channel,
    Delivered,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from channels.provider_settings import ProviderContext
from journeys.templates import CHANNEL_PARTS
from storage.encryption import Encryption
from storage.repositories.providers import Account, read_provider

MAX_OPEN = 200
"""Accounts kept open by a process; beyond that, the one that was idle longest is closed."""

log = structlog.get_logger(__name__)


@dataclass
class _Open:
    """An opened account, and by how many messages it is used at this moment."""

    channel: Channel
    revision: int
    users: int = 0
    retired: bool = False


class FirstThatCan:
    """Several accounts for one channel: each device goes to the first that knows its token."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = tuple(channels)

    def address(self, recipient: Recipient) -> str | Unreachable:
        """Where the first one that can would reach the recipient."""
        found = [channel.address(recipient) for channel in self._channels]
        return next((one for one in found if isinstance(one, str)), found[0])

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt, by the account that the message's device belongs to."""
        devices = (message.device,) if message.device else ()
        recipient = Recipient(contact_id=message.id, devices=devices)
        for channel in self._channels:
            if isinstance(channel.address(recipient), str):
                return await channel.send(message)
        return Rejected("no account for this device")

    async def close(self) -> None:
        """The accounts are the pool's to close."""


class ChannelPool:
    """Lends channels. One for a process; for one event loop."""

    def __init__(
        self,
        fixed: Mapping[str, Channel],
        *,
        caught: Collection[str],
        encryption: Encryption | None = None,
        context: ProviderContext | None = None,
        max_open: int = MAX_OPEN,
    ) -> None:
        """`fixed` are the installation's own; for those in `caught` no account is looked at.

        Without `encryption` no account is looked at for any.
        """
        self.fixed = fixed
        self._caught = frozenset(caught)
        self._only_fixed = encryption is None
        self._encryption = encryption or Encryption(())
        self._context = context or ProviderContext()
        self._max_open = max_open
        self._open: OrderedDict[UUID, _Open] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def public_url(self) -> str | None:
        """Where people reach this installation's API."""
        return self._context.public_url

    @property
    def encryption(self) -> Encryption:
        """The installation's keys."""
        return self._encryption

    @property
    def names(self) -> list[str]:
        """The channels that it may deliver: without accounts, only the fixed ones."""
        return [name for name in CHANNEL_PARTS if name in self.fixed or not self._only_fixed]

    def looks_at_accounts(self, channel: str) -> bool:
        """Whether a workspace's own accounts deliver the channel, if it has any."""
        return not self._only_fixed and channel not in self._caught

    @property
    def size(self) -> int:
        """How many accounts are open."""
        return len(self._open)

    @asynccontextmanager
    async def lend(
        self,
        connection: AsyncConnection,
        workspace_id: UUID,
        channel: str,
        accounts: Sequence[Account],
    ) -> AsyncIterator[Channel | None]:
        """What delivers the channel, open as long as the block lasts; None when nothing does.

        `accounts` are the workspace's enabled ones for this channel; the connection is used to read
        those that are not open yet. Raises TransientFailure when one cannot be opened.
        """
        if not accounts or not self.looks_at_accounts(channel):
            yield self.fixed.get(channel)
            return
        async with AsyncExitStack() as stack:
            opened = [
                stack.enter_context(self._in_use(entry))
                for account in accounts
                if (entry := await self._entry(connection, workspace_id, account)) is not None
            ]
            match opened:
                case []:
                    yield self.fixed.get(channel)
                case [one]:
                    yield one
                case several:
                    yield FirstThatCan(several)

    async def close(self) -> None:
        """Close everything, the installation's own channels too."""
        for entry in self._open.values():
            self._retire(entry)
        self._open.clear()
        while self._closing:
            await asyncio.gather(*self._closing)
        for channel in self.fixed.values():
            await channel.close()

    async def _entry(
        self, connection: AsyncConnection, workspace_id: UUID, account: Account
    ) -> _Open | None:
        """The opened account; None when it is gone or switched off by now."""
        present = self._open.get(account.id)
        if present is not None and present.revision >= account.revision:
            self._open.move_to_end(account.id)
            return present
        stored = await read_provider(connection, account.id)
        if stored is None or stored.workspace_id != workspace_id or not stored.enabled:
            return None
        present = self._open.get(account.id)
        if present is not None and present.revision >= stored.revision:
            return present  # another message opened it meanwhile
        entry = _Open(
            open_account(self._encryption, stored, self._context_of(stored.kind, stored.id)),
            stored.revision,
        )
        if present is not None:
            self._retire(present)
        self._open[account.id] = entry
        self._open.move_to_end(account.id)
        self._make_room(account.id)
        return entry

    def _context_of(self, kind: str, account_id: UUID) -> ProviderContext:
        if self._context.public_url is None:
            return self._context
        hooks = f"{self._context.public_url}/v1/hooks/{kind}/{account_id}"
        return replace(self._context, hooks_url=hooks)

    @contextmanager
    def _in_use(self, entry: _Open) -> Iterator[Channel]:
        entry.users += 1
        try:
            yield entry.channel
        finally:
            entry.users -= 1
            self._close_if_free(entry)

    def _make_room(self, newest: UUID) -> None:
        idle = [id_ for id_, entry in self._open.items() if not entry.users and id_ != newest]
        for id_ in idle:
            if len(self._open) <= self._max_open:
                return
            self._retire(self._open.pop(id_))

    def _retire(self, entry: _Open) -> None:
        entry.retired = True
        self._close_if_free(entry)

    def _close_if_free(self, entry: _Open) -> None:
        if entry.retired and not entry.users:
            task = asyncio.create_task(_close(entry.channel))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


async def _close(channel: Channel) -> None:
    try:
        await channel.close()
    except Exception:  # nobody waits for this, and a new one is open already
        log.exception("channels.close_failed")


def fixed_pool(channels: Mapping[str, Channel]) -> ChannelPool:
    """Channels that are the same for every workspace."""
    return ChannelPool(channels, caught=channels)
