"""What a channel is: an address for a person, and one attempt to hand a message to a provider.

A channel tells three outcomes apart. `Delivered`: the provider took it. `Rejected`: the provider
refused it for good, and trying again would be refused again. `TransientFailure`, raised: try again
later, with the same message id.

Delivery is at least once. When the answer of a provider is lost, the message may have been taken;
it is tried again under the same id, by which a provider or a reader's mailbox can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from journeys.templates import RenderedMessage


@dataclass(frozen=True)
class Device:
    """One registered device: its push token, and `ios`, `android` or `web` where that is known.

    The token of a browser is the JSON text of its push subscription.
    """

    token: str
    platform: str | None = None


@dataclass(frozen=True)
class Recipient:
    """The ways in which one contact could be reached.

    Who has several devices is asked for one address a device: `devices` then holds that one.
    """

    contact_id: UUID
    user_id: str | None = None
    email: str | None = None
    phone: str | None = None
    devices: tuple[Device, ...] = ()


@dataclass(frozen=True)
class Unreachable:
    """Why a contact has no address on a channel: `no email`, `invalid email`."""

    reason: str


@dataclass(frozen=True)
class OutgoingMessage:
    """One message, ready to go. `id` stays the same however often it is tried."""

    id: UUID
    workspace_id: UUID
    to: str
    content: RenderedMessage
    device: Device | None = None
    """Which of the contact's devices `to` is, where the channel reaches devices."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """For mail: more of its headers."""


@dataclass(frozen=True)
class Delivered:
    """The provider took the message; `provider_id` is its name for it.

    `dead` are the tokens of devices that nothing will ever arrive at again.
    """

    provider_id: str
    dead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rejected:
    """The provider refused the message for good. `bad_address`: nothing will ever arrive there.

    `dead`: as above; a channel that reaches devices names the token there.
    """

    reason: str
    bad_address: bool = False
    dead: tuple[str, ...] = ()


class Channel(Protocol):
    """One way to reach people. Safe to use from many tasks of one event loop at once."""

    def address(self, recipient: Recipient) -> str | Unreachable:
        """Where this channel would reach the recipient."""
        ...

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt. Raises TransientFailure; takes a bounded time; cancelling it is safe."""
        ...

    async def close(self) -> None:
        """Give up connections, after the messages that are on their way."""
        ...
