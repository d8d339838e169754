"""Looking at every contact after a segment was made or its predicate changed, a page at a time.

Each page holds the lane that its contacts are in, so that no dispatcher judges them meanwhile; the
other lanes go on. Progress is kept in the transaction of the page, so that whoever was cut off goes
on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANES, LOCK_SPACE
from engine.membership.book import KnownSegment, asked_at
from engine.membership.paging import page_statement
from engine.rules import RuleBook, RuleBooks, hold_rules, rules_changed
from engine.segment_clock import tell_clock
from storage.sql import statement

PAGE = 5_000
"""Contacts of one transaction: a lane is held for a fraction of a second."""
NOBODY = UUID(int=0)

_BEGIN = statement("""
    WITH marked AS (
        UPDATE segments SET state = 'backfilling', generation = generation + 1
        WHERE id = ANY(CAST(:segments AS uuid[]))
        RETURNING id, workspace_id, generation
    ), begun AS (
        INSERT INTO segment_backfills (
            workspace_id, segment_id, generation, starts, fresh, lane, done, total, started_at
        )
        SELECT workspace_id, id, generation,
               coalesce(id = CAST(:starting AS uuid), false),
               NOT EXISTS (SELECT FROM segment_members m WHERE m.segment_id = marked.id)
               AND NOT EXISTS (SELECT FROM segment_instants i WHERE i.segment_id = marked.id),
               0, 0,
               (SELECT count(*) FROM contacts WHERE workspace_id = :workspace), :now
        FROM marked
        ON CONFLICT (segment_id) DO UPDATE
        SET generation = excluded.generation, starts = excluded.starts, fresh = false,
            lane = 0, cursor = NULL, done = 0, total = excluded.total,
            started_at = excluded.started_at
    )
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT workspace_id, 0, id, 'backfill', :now FROM marked
""")

_WHERE = text("""
    SELECT b.workspace_id, b.generation, b.starts, b.fresh, b.cursor, w.rules_revision,
           (SELECT min(l) FROM generate_series(CAST(b.lane AS int), CAST(:last AS int)) AS l
            WHERE l = b.lane AND b.cursor IS NOT NULL OR EXISTS (
                SELECT FROM contacts c WHERE c.workspace_id = b.workspace_id
                AND (get_byte(uuid_send(c.id), 14) * 256 + get_byte(uuid_send(c.id), 15)) % 64 = l
            )) AS lane, b.lane AS stored_lane
    FROM segment_backfills b JOIN workspaces w ON w.id = b.workspace_id
    WHERE b.segment_id = :segment
""")
"""Where to go on; lanes without contacts are passed over."""

_HOLD = text("""
    SELECT b.generation, b.lane, b.cursor, w.rules_revision
    FROM segment_backfills b JOIN workspaces w ON w.id = b.workspace_id
    WHERE b.segment_id = :segment FOR SHARE OF w FOR UPDATE OF b
""")
"""The rules first, as everybody who changes a predicate does."""

_ADVANCE = text("""
    UPDATE segment_backfills SET lane = :lane, cursor = :cursor, done = done + :done
    WHERE segment_id = :segment
""")

_FINISH = text("""
    WITH finished AS (
        DELETE FROM segment_backfills WHERE segment_id = :segment AND generation = :generation
        RETURNING segment_id
    )
    UPDATE segments s SET state = 'live' FROM finished f WHERE s.id = f.segment_id RETURNING s.id
""")


@dataclass(frozen=True)
class Progress:
    """How many contacts a page looked at, and whether it was the last."""

    looked_at: int
    finished: bool


async def begin_backfills(
    connection: AsyncConnection,
    workspace_id: UUID,
    segments: Sequence[UUID],
    *,
    starting: UUID | None = None,
    now: datetime,
) -> None:
    """Mark these segments as to be looked through, and owe Temporal the work.

    Those who turn out to be members of `starting` start journeys, as if they entered now; of the
    others nobody does. The caller holds the rules.
    """
    if segments:
        await connection.execute(
            _BEGIN,
            {
                "workspace": workspace_id,
                "segments": list(segments),
                "starting": starting,
                "now": now,
            },
        )


async def backfill_page(
    connection: AsyncConnection, segment_id: UUID, books: RuleBooks, *, now: datetime
) -> Progress:
    """Look at the next contacts, in the caller's transaction.

    After the last ones `finish_backfill` is due: `finished` says so.
    """
    at = (await connection.execute(_WHERE, {"segment": segment_id, "last": LANES - 1})).first()
    if at is None or at.lane is None:
        return Progress(0, finished=True)
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(:space, :lane)"), {"space": LOCK_SPACE, "lane": at.lane}
    )
    held = (await connection.execute(_HOLD, {"segment": segment_id})).first()
    if held is None:
        return Progress(0, finished=True)
    if (held.generation, held.lane, held.cursor) != (at.generation, at.stored_lane, at.cursor):
        return Progress(0, finished=False)
    book = await books.get(connection, at.workspace_id, held.rules_revision)
    segment = book.segments.by_id.get(segment_id)
    if segment is None:  # a newer release saved it: Temporal tries again until one is back
        raise LookupError(f"this release cannot read the predicate of the segment {segment_id}")
    done, last = await _look(connection, book, segment, at, now)
    more = done == PAGE
    await connection.execute(
        _ADVANCE,
        {
            "segment": segment_id,
            "lane": at.lane if more else at.lane + 1,
            "cursor": last if more else None,
            "done": done,
        },
    )
    return Progress(done, finished=not more and at.lane + 1 >= LANES)


async def _look(
    connection: AsyncConnection, book: RuleBook, segment: KnownSegment, at: Any, now: datetime
) -> tuple[int, UUID | None]:
    watching = [
        *(id_ for id_, interest in book.stops if interest == ("segment", segment.key)),
        *(rule.version_id for rule in book.waits.get(("segment", segment.key), ())),
    ]
    row = (
        await connection.execute(
            page_statement(book.segments, segment, fresh=at.fresh),
            {
                **asked_at(now, book.segments.zone),
                "workspace": at.workspace_id,
                "segment": segment.id,
                "lane": at.lane,
                "after": at.cursor or NOBODY,
                "page": PAGE,
                "now": now,
                "starts": at.starts,
                "watching": watching,
                "change": {"starts": at.starts},
            },
        )
    ).one()
    if row.earliest is not None:
        await tell_clock(connection, at.workspace_id, row.earliest, lane=at.lane, now=now)
    return row.looked_at, row.last


async def finish_backfill(connection: AsyncConnection, segment_id: UUID) -> bool:
    """Call the segment live; False when its predicate changed meanwhile and there is more to do."""
    row = (
        await connection.execute(
            text(
                "SELECT workspace_id, generation, lane FROM segment_backfills "
                "WHERE segment_id = :segment"
            ),
            {"segment": segment_id},
        )
    ).first()
    if row is None:
        return True
    await hold_rules(connection, row.workspace_id)
    at = (await connection.execute(_WHERE, {"segment": segment_id, "last": LANES - 1})).first()
    if at is None:
        return True
    if at.lane is not None:
        return False
    finished = await connection.execute(
        _FINISH, {"segment": segment_id, "generation": at.generation}
    )
    if finished.first() is not None:
        await rules_changed(connection, row.workspace_id)
    return True
