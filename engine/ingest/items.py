"""What a call is once it has been checked, and why an item of a batch was refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

CALLS = frozenset({"identify", "track", "page", "screen", "group", "alias"})

MAX_ID = 512
"""Characters of a userId, anonymousId, groupId, orderId or messageId."""
MAX_EVENT_NAME = 200
MAX_ITEM_BYTES = 32 * 1024
MAX_CONTACT_BYTES = 256 * 1024
"""All custom fields of one contact together, as JSON."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that was not stored: its place in the batch, why, and where in the body that is."""

    index: int
    reason: str
    path: str


class Rejected(Exception):  # noqa: N818  (a verdict on one item, not a failure)
    """An item that cannot be stored. `path` is relative to the item (`.context.device`)."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def at(self, index: int, path: str) -> Rejection:
        """The rejection of item `index` of the list at `path` (empty: the body is the item)."""
        return Rejection(
            index, self.reason, f"{path}[{index}]{self.path}" if path else f"${self.path}"
        )


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all items of one call share.

    `sent_at` is the sender's clock when it sent, so `received_at - sent_at` is how wrong it is.
    `suspicious` bodies may hold text that PostgreSQL cannot store; each item is then searched.
    `path` is where the items are: `$.batch`, or empty when the body itself is the only one.
    """

    workspace_id: UUID
    received_at: datetime
    sent_at: datetime | None = None
    context: dict[str, Any] | None = None
    backfill: bool = False
    suspicious: bool = False
    sized: bool = False
    """The body is small enough that no item in it can be too large."""
    topics: frozenset[str] = frozenset()
    """What items may subscribe to."""
    path: str = "$.batch"


@dataclass(frozen=True, slots=True)
class Device:
    """A push token and the platform it belongs to (`ios`, `android`, `web`)."""

    token: str
    platform: str | None


@dataclass(slots=True)
class Item:
    """One call, checked.

    `properties` and `context` are JSON text, ready to be stored. `traits` are built-in and
    custom ones, with the zone and locale of the context among them; null unsets. `stored` says
    whether the call leaves an event row, `profile` whether it may change more than that.
    """

    index: int
    kind: str
    user_id: str | None
    anonymous_id: str | None
    name: str
    properties: str
    context: str | None
    message_id: str
    event_id: UUID
    timestamp: datetime
    backfill: bool
    traits: dict[str, Any] | None = None
    device: Device | None = None
    group_id: str | None = None
    previous_id: str | None = None
    profile: bool = False
    stored: bool = True
    subscriptions: dict[str, bool] | None = None
    """By topic, on all channels."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many new events a batch brought, how many facts the dispatcher got, what was refused."""

    events: int = 0
    facts: int = 0
    rejected: list[Rejection] = field(default_factory=list)
