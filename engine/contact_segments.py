"""The segments that one contact is in, or was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.segments import MAX_VALUES, audience, parameters_of, size_of
from journeys.predicates import SegmentLeaf
from storage.predicate_sql import SegmentSource
from storage.repositories import audiences, memberships
from storage.repositories import segments as repository
from storage.repositories.segments import SegmentRecord


@dataclass(frozen=True, slots=True)
class Membership:
    """A contact is in a segment (since when: None while a backfill has not come to it), or was."""

    segment: SegmentRecord
    entered_at: datetime | None
    left_at: datetime | None = None


async def memberships_of_contact(
    connection: AsyncConnection,
    workspace_id: UUID,
    contact_id: UUID,
    *,
    ended: bool = False,
    now: datetime,
) -> list[Membership]:
    """The segments that a contact is in, by key, then, with `ended`, where it was, newest first.

    Parameterised ones are left out; those that are being backfilled are evaluated.
    """
    at = await audience(connection, workspace_id, now=now)
    stored = await repository.all_segments(connection, workspace_id)
    entries = await memberships.entries_of(connection, contact_id)
    asked = [
        record for record in stored if record.state == "backfilling" and not parameters_of(record)
    ]
    held = {
        record.id
        for record in stored
        if record.state == "live" and record.id in entries and not parameters_of(record)
    }
    for some in _batches(asked, at.segments):
        answers = await audiences.holding(
            connection, at, [SegmentLeaf(segment=record.key) for record in some], contact_id
        )
        held |= {record.id for record, holds in zip(some, answers, strict=True) if holds}
    present = [Membership(record, entries.get(record.id)) for record in stored if record.id in held]
    if not ended:
        return present
    by_id = {record.id: record for record in stored}
    return present + [
        Membership(by_id[stay.segment_id], stay.entered_at, stay.left_at)
        for stay in await memberships.stays_of(connection, contact_id)
        if stay.segment_id in by_id
    ]


def _batches(asked: Sequence[SegmentRecord], source: SegmentSource) -> list[list[SegmentRecord]]:
    """As few batches as there can be of segments that one statement may ask about."""
    batches: list[list[SegmentRecord]] = []
    room = 0
    for record in asked:
        size = size_of(SegmentLeaf(segment=record.key), source)
        if size > room:
            batches.append([])
            room = MAX_VALUES
        batches[-1].append(record)
        room -= size
    return batches
