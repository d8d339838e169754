"""What updates make of an order: pure, so that their order and lateness can be reasoned about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """What is known of an order at `timestamp`. None: not said, so what is known stays."""

    index: int
    order_id: str
    user_id: str
    status: str
    total: Decimal | None
    currency: str | None
    items: str | None
    """JSON text."""
    timestamp: datetime
    backfill: bool
    dated: bool = True
    """The sender said when; an undated update is of the moment at which it arrived."""


@dataclass(frozen=True, slots=True)
class State:
    """An order at one moment: its row."""

    contact_id: UUID
    status: str
    total: Decimal | None
    currency: str | None
    items: str
    """JSON text."""
    timestamp: datetime
    created_at: datetime
    updated_at: datetime

    def change(self, order_id: str) -> str:
        """The state as the fact of it carries it (JSON text)."""
        return orjson.dumps(
            {
                "order_id": order_id,
                "status": self.status,
                "total": None if self.total is None else str(self.total),
                "currency": self.currency,
                "items": orjson.Fragment(self.items),
                "timestamp": self.timestamp,
                "created_at": self.created_at,
                "updated_at": self.updated_at,
            }
        ).decode()


@dataclass(slots=True)
class Course:
    """One order's way through the updates of a call."""

    id: UUID
    order_id: str
    known: bool
    """The order has a row already."""
    said: frozenset[str] = frozenset()
    """The statuses that earlier calls gave it for the very moment of its present state."""
    state: State | None = None
    news: list[tuple[OrderUpdate, State]] = field(default_factory=list)
    """The updates that changed the order, by their timestamps, and what it was after each."""
    kept: list[tuple[OrderUpdate, bool]] = field(default_factory=list)
    """The updates for the history, and whether each came late: the order is what it was before."""

    def follow(self, updates: Sequence[tuple[OrderUpdate, UUID]], *, received_at: datetime) -> None:
        """Take these updates and their contacts in, by their timestamps.

        One that is older than the present state is kept and changes nothing. Calls may be repeated:
        what was overtaken within the same moment does not come back, and an undated update that
        says what is known already is none at all.
        """
        moment = None if self.state is None else self.state.timestamp
        for update, contact_id in sorted(updates, key=lambda pair: pair[0].timestamp):
            before = self.state
            overtaken = update.timestamp == moment and update.status in self.said
            if before is not None and (
                update.timestamp < before.timestamp
                or (overtaken and update.status != before.status)
            ):
                self.kept.append((update, True))
                continue
            after = _after(before, update, contact_id, received_at)
            repeated = before is not None and _says_the_same(before, after)
            if repeated and not update.dated:
                continue
            self.kept.append((update, False))
            if before is None or not repeated or before.timestamp < after.timestamp:
                self.state = after
                self.news.append((update, after))


def _after(
    before: State | None, update: OrderUpdate, contact_id: UUID, received_at: datetime
) -> State:
    items, total, currency = update.items, update.total, update.currency
    if before is not None:
        items = before.items if items is None else items
        total = before.total if total is None else total
        currency = currency or before.currency
    created_at = received_at if before is None else before.created_at
    return State(
        contact_id, update.status, total, currency, "[]" if items is None else items,
        update.timestamp, created_at, received_at,
    )  # fmt: skip


def _says_the_same(before: State, after: State) -> bool:
    """Nothing but the time of it is different."""
    return (before.contact_id, before.status, before.total, before.currency) == (
        after.contact_id, after.status, after.total, after.currency,
    ) and same_json(before.items, after.items)  # fmt: skip


def same_json(one: str, other: str) -> bool:
    """Equal as JSON, however it is written: `jsonb` answers in another form than it was given."""
    return one == other or _canonical(one) == _canonical(other)


def _canonical(value: str) -> bytes:
    return orjson.dumps(orjson.loads(value), option=orjson.OPT_SORT_KEYS)
