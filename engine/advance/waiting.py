"""What a `wait_for` looks for: what happened since the journey last waited for anything.

That is the first fitting event; or that the contact is in a segment, or came into it meanwhile.

"Since" goes back further than the moment the block was entered, so that an event that arrived
between two blocks is not missed; and each event ends one wait of a journey at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.waits import answer_filter
from journeys.definition import WaitForBlock

PAGE = 500
"""Events read at once; a contact seldom has so many of one name since its last wait."""


@dataclass(frozen=True)
class Since:
    """From when on events count, by their arrival; those in `seen` ended a wait already."""

    moment: datetime
    seen: tuple[UUID, ...] = ()
    depth: int = 0
    """Of what ended the last wait: how many emit and update blocks led to it."""
    entered: datetime | None = None
    """Stays in segments count if they began later than this. It is told apart from `moment`: when
    a contact came in is known by when the dispatcher saw it, events by when they arrived."""

    def after(self, event: UUID, received_at: datetime, depth: int) -> Since:
        """From the arrival of the event that ended a wait. Events of one batch arrive as one."""
        seen = (*self.seen, event) if received_at == self.moment else (event,)
        return Since(received_at, seen, depth, self.entered)

    def after_entering(self, moment: datetime, depth: int) -> Since:
        """From a stay that ended a wait; events that arrived before it was seen are still news."""
        return replace(self, entered=max(moment, self.stays_since), depth=depth)

    @property
    def stays_since(self) -> datetime:
        """Stays in segments count if they began later than this."""
        return self.moment if self.entered is None else max(self.moment, self.entered)

    def to_json(self) -> dict[str, Any]:
        """As the journey's row keeps it."""
        entered = {} if self.entered is None else {"entered": self.entered.isoformat()}
        seen = [str(event) for event in self.seen]
        return {"moment": self.moment.isoformat(), "seen": seen, **entered}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Since:
        """The inverse of `to_json`."""
        entered = data.get("entered")
        return cls(
            datetime.fromisoformat(data["moment"]),
            tuple(map(UUID, data["seen"])),
            entered=datetime.fromisoformat(entered) if entered else None,
        )


_STARTED_BY = text("""
    SELECT e.received_at FROM journeys j JOIN events e ON e.id = j.event_id WHERE j.id = :id
""")

_SENT = text("""
    SELECT coalesce(m.sent_at, m.failed_at) FROM messages m
    WHERE m.journey_id = :id AND m.visit = :visit
""")

_ARRIVED = text("""
    SELECT e.id, e.properties, e.received_at, e.depth
    FROM events e
    WHERE e.contact_id = :contact AND e.name = :name
      AND e.received_at >= :since AND e.received_at <= :until
      AND e.id <> ALL(CAST(:seen AS uuid[]))
      AND e.id IS DISTINCT FROM (SELECT j.event_id FROM journeys j WHERE j.id = :id)
    ORDER BY e.received_at, e.timestamp, e.id
    LIMIT :limit OFFSET :offset
""")


_ENTERED = text("""
    SELECT m.entered_at, m.depth
    FROM segments s
    CROSS JOIN LATERAL (
        SELECT entered_at, depth FROM segment_members
        WHERE segment_id = s.id AND contact_id = :contact AND entered_at <= :until
        UNION ALL
        SELECT entered_at, depth FROM segment_stays
        WHERE segment_id = s.id AND contact_id = :contact
          AND entered_at > :since AND entered_at <= :until
    ) m
    WHERE s.workspace_id = :workspace AND s.key = :segment
    ORDER BY m.entered_at LIMIT 1
""")


async def started_by(connection: AsyncConnection, journey_id: UUID) -> datetime | None:
    """When the event that started the journey arrived; None if none did, or it is gone."""
    moment: datetime | None = await connection.scalar(_STARTED_BY, {"id": journey_id})
    return moment


async def sent_at(connection: AsyncConnection, journey_id: UUID, visit: int) -> datetime | None:
    """When this visit's message was handed over; None if it never was."""
    moment: datetime | None = await connection.scalar(_SENT, {"id": journey_id, "visit": visit})
    return moment


async def first_answer(
    connection: AsyncConnection,
    block: WaitForBlock,
    since: Since,
    until: datetime,
    *,
    journey_id: UUID,
    contact_id: UUID,
    params: Mapping[str, Any],
    now: datetime,
) -> Since | None:
    """The first fitting event that arrived in time, as the beginning of what comes after it.

    The event that started the journey never counts.
    """
    fits = answer_filter(block)
    asked = {
        "id": journey_id,
        "contact": contact_id,
        "name": block.event,
        "since": since.moment,
        "until": until,
        "seen": list(since.seen),
        "limit": PAGE,
    }
    offset = 0
    while True:
        rows = (await connection.execute(_ARRIVED, {**asked, "offset": offset})).all()
        for row in rows:
            if fits.matches(row.properties, params=params, now=now):
                return since.after(row.id, row.received_at, row.depth)
        if len(rows) < PAGE:
            return None
        offset += PAGE


async def first_entry(
    connection: AsyncConnection,
    segment: str,
    since: Since,
    until: datetime,
    *,
    workspace_id: UUID,
    contact_id: UUID,
    began_at: datetime,
) -> Since | None:
    """The contact's first membership of the segment in time, as the beginning of what comes after.

    One that began since the journey last waited counts though it has ended. What led to one that
    is older than the journey did not lead to what the journey does.
    """
    entry = (
        await connection.execute(
            _ENTERED,
            {
                "workspace": workspace_id,
                "segment": segment,
                "contact": contact_id,
                "since": since.stays_since,
                "until": until,
            },
        )
    ).first()
    if entry is None:
        return None
    return since.after_entering(
        entry.entered_at, entry.depth if entry.entered_at >= began_at else 0
    )
