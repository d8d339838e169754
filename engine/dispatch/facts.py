"""A lane's facts as they are decided on, read with what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.rule_lock import sharing
from engine.rules import ANY_ORDER, FactKind, Interest
from journeys.snapshot import order_properties


@dataclass(frozen=True)
class Fact:
    """Something of a contact that rules or segments may mention."""

    seq: int
    workspace_id: UUID
    contact_id: UUID
    kind: FactKind
    ref: UUID | None
    """The event, order, launch, segment or message."""
    name: str
    """The event's name, the order's status, the field's name, the segment's key, for a launch the
    workflow's id, or, for a message, what waits for it: see `engine.waits.message_interest`."""
    properties: dict[str, Any]
    """The event's properties (for a launch by an event too), the order's attributes,
    `{field, from, to}`, or `{segment, entered}`."""
    timestamp: datetime
    depth: int
    silent: bool = False
    """Only segments follow it."""
    starts: bool = True
    """Whether it may start journeys; what it stops, it stops in any case."""
    by_workflow: UUID | None = None
    """The workflow whose update block made it: it does not start that one again."""
    launched_by: UUID | None = None
    """The event that made the launch."""
    late: bool = False
    """An order was so before what was known of it already: only stops follow it."""

    @property
    def event_id(self) -> UUID | None:
        """The event that a journey begun by this fact is about."""
        return self.ref if self.kind == "event" else self.launched_by

    @property
    def launch_id(self) -> UUID | None:
        """The launch that it is a part of."""
        return self.ref if self.kind == "launch" else None

    @property
    def identity(self) -> str:
        """The same however often the fact is dispatched; an event may be queued again."""
        match self.kind:
            case "event":
                return f"{self.ref}:{self.contact_id}"
            case "launch":
                return f"launch:{self.ref}:{self.contact_id}"
            case "segment":
                return f"segment:{self.ref}:{self.seq}"
            case _:
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
        case "segment":
            return f"{'entered' if properties['entered'] else 'left'} {name}"
        case "launch":
            return "launch"
        case _:
            return name


_LOCK_CONTACTS = text("""
    SELECT c.id FROM contacts c
    WHERE c.id IN (
        SELECT f.contact_id FROM (
            SELECT contact_id FROM facts
            WHERE lane = :lane AND (CAST(:only AS bigint) IS NULL OR seq = :only)
            ORDER BY seq LIMIT :limit
        ) f
    )
    ORDER BY c.id FOR KEY SHARE
""")

_SHARE_RULES = text(f"""
    WITH mentioned AS MATERIALIZED (
        SELECT f.workspace_id FROM (
            SELECT workspace_id FROM facts
            WHERE lane = :lane AND (CAST(:only AS bigint) IS NULL OR seq = :only)
            ORDER BY seq LIMIT :limit
        ) f
        GROUP BY f.workspace_id ORDER BY uuid_hash(f.workspace_id)
    )
    SELECT workspace_id, {sharing("workspace_id")} FROM mentioned
""")  # noqa: S608  (a fixed expression)
"""Keeps the rules as they are until the journeys begun on them are committed: a publish that counts
which versions still run would overlook those, and nobody would watch for their stops."""

_FACTS = text("""
    SELECT f.seq, f.workspace_id, f.contact_id, w.rules_revision,
           f.kind, f.ref, f.change, f.silent, f.workflow_id, f.depth AS fact_depth,
           f.created_at AS queued_at,
           e.id AS event_id, e.name, e.properties, e.timestamp, e.depth,
           l.workflow_id AS launch_workflow, l.event_id AS launch_event,
           o.id AS order_uuid, o.order_id, o.status, o.total, o.currency, o.items,
           o.timestamp AS ordered_at, o.created_at, o.updated_at
    FROM (
        SELECT * FROM facts
        WHERE lane = :lane AND (CAST(:only AS bigint) IS NULL OR seq = :only)
        ORDER BY seq LIMIT :limit
    ) f
    JOIN workspaces w ON w.id = f.workspace_id
    LEFT JOIN launches l ON f.kind = 'launch' AND l.id = f.ref
    LEFT JOIN events e
        ON e.id = CASE f.kind WHEN 'event' THEN f.ref WHEN 'launch' THEN l.event_id END
    LEFT JOIN orders o ON f.kind = 'order' AND o.id = f.ref AND o.contact_id = f.contact_id
    WHERE (f.contact_id IS NULL OR f.contact_id = ANY(:locked))
      AND f.workspace_id = ANY(:workspaces)
    ORDER BY f.seq
""")


async def read_facts(
    connection: AsyncConnection, lane: int, *, limit: int, only: int | None
) -> Sequence[Row[Any]]:
    """The lane's oldest facts, or the one with the seq `only`.

    The rules of their workspaces are shared from then on, then their contacts are locked: in the
    order of ingestion, or an editor between the two would close a ring.
    """
    taken = {"lane": lane, "limit": limit, "only": only}
    held = list((await connection.execute(_SHARE_RULES, taken)).scalars())
    locked = list((await connection.execute(_LOCK_CONTACTS, taken)).scalars())
    rows = await connection.execute(_FACTS, {**taken, "locked": locked, "workspaces": held})
    return rows.all()


def fact_of(row: Row[Any]) -> Fact | None:  # noqa: C901 (one a kind)
    """The fact that a row of `read_facts` is; None when nothing can be decided on.

    It is nobody's, or what it is about is gone or has become another contact's. A fact about a
    segment has the segment's id for a name: the rules know its key.
    """
    if row.contact_id is None:
        return None
    name, properties, timestamp, depth = "*", {}, row.queued_at, row.fact_depth
    match row.kind:
        case "event":
            if row.event_id is None:
                return None
            name, properties, timestamp, depth = row.name, row.properties, row.timestamp, row.depth
        case "order":
            if row.order_uuid is None:
                return None
            properties = attributes(row) if row.change is None else _as_it_was(row.change)
            name, timestamp = properties["status"], properties["timestamp"]
        case "field":
            if not row.change:
                return None
            [(name, (old, new))] = row.change.items()
            properties = {"field": name, "from": old, "to": new}
        case "launch":
            if row.launch_workflow is None:
                return None
            name, properties, depth = str(row.launch_workflow), row.properties or {}, row.depth or 0
        case "message":
            name = row.change["rule"]
        case "list" | "segment" | "clock":
            name, properties = str(row.ref), row.change or {}
    return Fact(
        row.seq,
        row.workspace_id,
        row.contact_id,
        row.kind,
        row.ref,
        name,
        properties,
        timestamp,
        depth,
        silent=row.silent,
        by_workflow=row.workflow_id,
        launched_by=row.launch_event,
        late=row.kind == "order" and bool(row.change and row.change.get("late")),
    )


def attributes(row: Row[Any]) -> dict[str, Any]:
    """An order's row, its timestamp read as `ordered_at`, as `where` sees it."""
    return order_properties(
        order_id=row.order_id, status=row.status, total=row.total, currency=row.currency,
        items=row.items, timestamp=row.ordered_at, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def _as_it_was(state: Mapping[str, Any]) -> dict[str, Any]:
    """An order as its fact carries it: what it was then, whatever became of it since."""
    total = state["total"]
    return order_properties(
        order_id=state["order_id"], status=state["status"],
        total=None if total is None else Decimal(total), currency=state["currency"],
        items=state["items"], timestamp=datetime.fromisoformat(state["timestamp"]),
        created_at=datetime.fromisoformat(state["created_at"]),
        updated_at=datetime.fromisoformat(state["updated_at"]),
    )  # fmt: skip
