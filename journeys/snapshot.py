"""All that a predicate may look at, of one contact at one moment, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from journeys.predicates import Predicate


@dataclass(frozen=True, slots=True)
class ContactData:
    """The contact: built-in fields, and all others in `fields`."""

    created_at: datetime
    updated_at: datetime
    user_id: str | None = None
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    locale: str | None = None
    last_seen_at: datetime | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventData:
    """An event of the contact."""

    name: str
    timestamp: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderData:
    """An order in its present state."""

    order_id: str
    status: str
    timestamp: datetime
    created_at: datetime
    updated_at: datetime
    total: Decimal | None = None
    currency: str | None = None
    items: Sequence[Any] = ()

    def properties(self) -> dict[str, Any]:
        """The attributes that an order's `where` sees."""
        return order_properties(
            order_id=self.order_id, status=self.status, total=self.total, currency=self.currency,
            items=self.items, timestamp=self.timestamp, created_at=self.created_at,
            updated_at=self.updated_at,
        )  # fmt: skip


def order_properties(
    *,
    order_id: str,
    status: str,
    total: Decimal | None,
    currency: str | None,
    items: Sequence[Any],
    timestamp: datetime,
    created_at: datetime,
    updated_at: datetime,
) -> dict[str, Any]:
    """An order as the mapping that `where` sees, for `PropertyFilter`."""
    return {
        "orderId": order_id, "order_id": order_id, "status": status, "total": total,
        "currency": currency, "items": items, "timestamp": timestamp, "created_at": created_at,
        "updated_at": updated_at,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class MessageData:
    """A message of the present journey."""

    block: str
    visit: int
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    failed_at: datetime | None = None
    links: frozenset[str] = frozenset()
    """The links that were followed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One contact at `now` (aware UTC).

    `segments` holds, by key, a segment's predicate, or for a static list whether the contact is on
    it. Outside a journey `journey_started_at` is None and there are no messages.
    """

    now: datetime
    contact: ContactData
    workspace_zone: str = "UTC"
    events: Sequence[EventData] = ()
    orders: Sequence[OrderData] = ()
    messages: Sequence[MessageData] = ()
    device_platforms: Sequence[str | None] = ()
    segments: Mapping[str, Predicate | bool] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    journey_started_at: datetime | None = None
