"""A lane's facts as they are decided on, read with what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.rules import ANY_ORDER, FactKind, Interest
from journeys.snapshot import order_properties


@dataclass(frozen=True)
class Fact:
    """Something of a contact that rules may mention: an event, an order, or a changed field."""

    seq: int
    workspace_id: UUID
    contact_id: UUID
    kind: FactKind
    ref: UUID | None
    """The event or the order."""
    name: str
    """The event's name, the order's status, or the field's name."""
    properties: dict[str, Any]
    """The event's properties, the order's attributes, or `{field, from, to}`."""
    timestamp: datetime
    depth: int

    @property
    def event_id(self) -> UUID | None:
        """The event, if it is one."""
        return self.ref if self.kind == "event" else None

    @property
    def identity(self) -> str:
        """The same however often the fact is dispatched; an event may be queued again."""
        if self.kind == "event":
            return f"{self.ref}:{self.contact_id}"
        return f"fact:{self.seq}"

    @property
    def interest(self) -> Interest:
        """What a rule that mentions it is indexed by."""
        return ANY_ORDER if self.kind == "order" else (self.kind, self.name)

    @property
    def label(self) -> str:
        """What happened, for people."""
        return label(self.kind, self.name, self.properties)


def label(kind: FactKind, name: str, properties: Mapping[str, Any]) -> str:
    """What happened, for people: the detail of a stop or a refusal."""
    match kind:
        case "order":
            return f"order {properties['order_id']} is {name}"
        case "field":
            return f"{name} changed"
        case _:
            return name


_FACTS = text("""
    SELECT f.seq, f.workspace_id, f.contact_id, w.rules_revision,
           f.kind, f.ref, f.change, f.created_at AS queued_at,
           e.id AS event_id, e.name, e.properties, e.timestamp, e.depth,
           o.id AS order_uuid, o.order_id, o.status, o.total, o.currency, o.items,
           o.timestamp AS ordered_at, o.created_at, o.updated_at
    FROM (
        SELECT * FROM facts
        WHERE lane = :lane AND (CAST(:only AS bigint) IS NULL OR seq = :only)
        ORDER BY seq LIMIT :limit
    ) f
    JOIN workspaces w ON w.id = f.workspace_id
    LEFT JOIN events e ON f.kind = 'event' AND e.id = f.ref
    LEFT JOIN orders o ON f.kind = 'order' AND o.id = f.ref AND o.contact_id = f.contact_id
    WHERE f.contact_id IS NULL OR f.contact_id = ANY(:locked)
    ORDER BY f.seq
    FOR SHARE OF w
""")
"""Holds the rules as they are until the journeys begun on them are committed: a publish that counts
which versions still run would overlook those, and nobody would watch for their stops."""


async def read_facts(
    connection: AsyncConnection,
    lane: int,
    locked: Sequence[UUID],
    *,
    limit: int,
    only: int | None,
) -> Sequence[Row[Any]]:
    """The lane's oldest facts (or the one with the seq `only`) whose contacts are locked."""
    taken = {"lane": lane, "limit": limit, "only": only, "locked": list(locked)}
    return (await connection.execute(_FACTS, taken)).all()


def fact_of(row: Row[Any]) -> Fact | None:
    """The fact that a row of `read_facts` is; None when nothing can be decided on.

    It is nobody's, or what it is about is gone or has become another contact's.
    """
    if row.contact_id is None:
        return None
    head = (row.seq, row.workspace_id, row.contact_id)
    if row.event_id is not None:
        return Fact(*head, "event", row.ref, row.name, row.properties, row.timestamp, row.depth)
    if row.order_uuid is not None:
        return Fact(*head, "order", row.ref, row.status, attributes(row), row.ordered_at, 0)
    if row.kind == "field" and row.change:
        [(name, (old, new))] = row.change.items()
        change = {"field": name, "from": old, "to": new}
        return Fact(*head, "field", None, name, change, row.queued_at, 0)
    return None


def attributes(row: Row[Any]) -> dict[str, Any]:
    """An order's row, its timestamp read as `ordered_at`, as `where` sees it."""
    return order_properties(
        order_id=row.order_id, status=row.status, total=row.total, currency=row.currency,
        items=row.items, timestamp=row.ordered_at, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip
