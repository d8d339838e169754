"""Looking at contacts again, and writing down who came and who went.

The caller holds the contacts' lane, so that nobody else writes their membership meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.membership.book import KnownSegment, SegmentBook, asked_at, in_batches
from engine.segment_clock import Instant, store_instants
from storage.sql import statement

_WRITE = statement("""
    WITH judged AS (
        SELECT * FROM unnest(
            CAST(:segments AS uuid[]), CAST(:contacts AS uuid[]), CAST(:holds AS bool[])
        ) AS j(segment_id, contact_id, holds)
    ), entered AS (
        INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at)
        SELECT CAST(:workspace AS uuid), segment_id, contact_id, :now FROM judged WHERE holds
        ON CONFLICT DO NOTHING
        RETURNING segment_id, contact_id
    ), gone AS (
        DELETE FROM segment_members m USING judged j
        WHERE NOT j.holds AND m.segment_id = j.segment_id AND m.contact_id = j.contact_id
        RETURNING m.segment_id, m.contact_id, m.entered_at, m.depth
    ), stays AS (
        INSERT INTO segment_stays
            (workspace_id, segment_id, contact_id, entered_at, left_at, depth)
        SELECT CAST(:workspace AS uuid), segment_id, contact_id, entered_at, :now, depth FROM gone
    )
    SELECT segment_id, contact_id, true AS entered FROM entered
    UNION ALL SELECT segment_id, contact_id, false FROM gone
""")

_DEEPEN = text("""
    UPDATE segment_members m SET depth = d.depth
    FROM unnest(CAST(:segments AS uuid[]), CAST(:contacts AS uuid[]), CAST(:depths AS int[]))
        AS d(segment_id, contact_id, depth)
    WHERE m.segment_id = d.segment_id AND m.contact_id = d.contact_id
""")


@dataclass(frozen=True)
class Transition:
    """A contact came into a segment, or went."""

    segment: KnownSegment
    contact_id: UUID
    entered: bool


@dataclass(frozen=True)
class Judged:
    """What a look at some contacts found."""

    members: Mapping[UUID, frozenset[str]]
    """By contact: the keys of those segments among the asked ones that it is in."""
    transitions: tuple[Transition, ...]


async def look_again(
    connection: AsyncConnection,
    book: SegmentBook,
    workspace_id: UUID,
    asked: Mapping[UUID, Iterable[KnownSegment]],
    *,
    lane: int,
    now: datetime,
) -> Judged:
    """Judge each contact by its segments of `asked`, and write what changed."""
    together: dict[tuple[KnownSegment, ...], list[UUID]] = defaultdict(list)
    for contact, segments in asked.items():
        together[tuple(sorted(segments, key=lambda segment: segment.key))].append(contact)
    answers: list[tuple[KnownSegment, UUID, bool, datetime | None]] = []
    parameters = {**asked_at(now, book.zone), "workspace": workspace_id}
    for all_segments, contacts in together.items():
        for some in in_batches(all_segments):
            rows = await connection.execute(
                book.statement(some), {**parameters, "contacts": contacts}
            )
            answers += [
                (segment, contact, holds, instant)
                for contact, all_hold, instants in rows.all()
                for segment, holds, instant in zip(some, all_hold, instants, strict=True)
            ]
    members: dict[UUID, set[str]] = defaultdict(set)
    for segment, contact, holds, _ in answers:
        if holds:
            members[contact].add(segment.key)
    stored = [answer for answer in answers if answer[0].live]
    transitions = await _write(connection, book, workspace_id, stored, lane=lane, now=now)
    return Judged({contact: frozenset(keys) for contact, keys in members.items()}, transitions)


async def record_depths(connection: AsyncConnection, depths: Mapping[Transition, int]) -> None:
    """Note how many blocks led to these memberships; few of them were led to by any."""
    deep = {moved: depth for moved, depth in depths.items() if moved.entered and depth > 0}
    if deep:
        await connection.execute(
            _DEEPEN,
            {
                "segments": [moved.segment.id for moved in deep],
                "contacts": [moved.contact_id for moved in deep],
                "depths": list(deep.values()),
            },
        )


async def _write(
    connection: AsyncConnection,
    book: SegmentBook,
    workspace_id: UUID,
    answers: list[tuple[KnownSegment, UUID, bool, datetime | None]],
    *,
    lane: int,
    now: datetime,
) -> tuple[Transition, ...]:
    if not answers:
        return ()
    rows = await connection.execute(
        _WRITE,
        {
            "workspace": workspace_id,
            "segments": [segment.id for segment, _, _, _ in answers],
            "contacts": [contact for _, contact, _, _ in answers],
            "holds": [holds for _, _, holds, _ in answers],
            "now": now,
        },
    )
    transitions = tuple(
        Transition(book.by_id[segment_id], contact_id, entered)
        for segment_id, contact_id, entered in rows.all()
    )
    instants = [Instant(segment.id, contact, due) for segment, contact, _, due in answers]
    await store_instants(connection, workspace_id, instants, lane=lane, now=now)
    return transitions
