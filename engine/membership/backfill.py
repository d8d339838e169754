"""Looking at every contact after a segment was made or its predicate changed, a page at a time.

Each page holds the lane that its contacts are in, so that no dispatcher judges them meanwhile; the
other lanes go on. Progress is kept in the transaction of the page, so that whoever was cut off goes
on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANES, LOCK_SPACE
from engine.membership.book import KnownSegment, asked_at
from engine.membership.paging import page_statement
from engine.rule_lock import hold_rules, share_rules
from engine.rules import RuleBook, RuleBooks, rules_changed
from engine.segment_clock import tell_clock
from storage.database import Database
from storage.sql import statement

PAGE = 5_000
"""Contacts of one transaction: a lane is held for a fraction of a second."""
AT_ONCE = 2
"""Pages of one backfill at a time, of different lanes."""
NOBODY = UUID(int=0)

_BEGIN = statement("""
    WITH marked AS (
        UPDATE segments SET state = 'backfilling'
        WHERE id = ANY(CAST(:segments AS uuid[]))
        RETURNING id, workspace_id
    ), begun AS (
        INSERT INTO segment_backfills AS b (
            workspace_id, segment_id, starts, fresh, done, total, started_at
        )
        SELECT workspace_id, id, coalesce(id = CAST(:starting AS uuid), false),
               NOT EXISTS (SELECT FROM segment_members m WHERE m.segment_id = marked.id)
               AND NOT EXISTS (SELECT FROM segment_instants i WHERE i.segment_id = marked.id),
               0, (SELECT count(*) FROM contacts WHERE workspace_id = :workspace), :now
        FROM marked
        ON CONFLICT (segment_id) DO UPDATE
        SET starts = b.starts OR excluded.starts, fresh = false,
            done = 0, total = excluded.total, started_at = excluded.started_at
    ), lanes AS (
        INSERT INTO segment_backfill_lanes (segment_id, lane)
        SELECT id, lane FROM marked, generate_series(0, :last) AS lane
        WHERE EXISTS (
            SELECT FROM contacts c WHERE c.workspace_id = :workspace
            AND (get_byte(uuid_send(c.id), 14) * 256 + get_byte(uuid_send(c.id), 15)) % 64 = lane
        )
        ON CONFLICT (segment_id, lane) DO UPDATE SET cursor = NULL
    )
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT workspace_id, 0, id, 'backfill', :now FROM marked
""")
"""Lanes without contacts are passed over: who comes later is looked at as somebody new."""

_NEXT = text("""
    SELECT workspace_id, l.lane FROM segment_backfills b
    JOIN segment_backfill_lanes l ON l.segment_id = b.segment_id AND l.lane % :parts = :part
    WHERE b.segment_id = :segment ORDER BY l.lane LIMIT 1
""")

_REVISION = text("SELECT rules_revision FROM workspaces WHERE id = :workspace")

_HOLD = text("""
    SELECT b.workspace_id, b.starts, b.fresh, l.lane, l.cursor
    FROM segment_backfills b
    JOIN segment_backfill_lanes l ON l.segment_id = b.segment_id AND l.lane = :lane
    WHERE b.segment_id = :segment FOR UPDATE OF l
""")

_ADVANCE = text("""
    WITH advanced AS (
        UPDATE segment_backfill_lanes SET cursor = :cursor
        WHERE segment_id = :segment AND lane = :lane AND CAST(:cursor AS uuid) IS NOT NULL
    ), through AS (
        DELETE FROM segment_backfill_lanes
        WHERE segment_id = :segment AND lane = :lane AND CAST(:cursor AS uuid) IS NULL
    )
    UPDATE segment_backfills SET done = done + :done WHERE segment_id = :segment
""")
"""The last statement of a page: two pages at once wait for each other here only."""

_LEFT = text("SELECT 1 FROM segment_backfill_lanes WHERE segment_id = :segment LIMIT 1")

_FINISH = text("""
    WITH finished AS (
        DELETE FROM segment_backfills WHERE segment_id = :segment RETURNING segment_id
    )
    UPDATE segments s SET state = 'live' FROM finished f WHERE s.id = f.segment_id RETURNING s.id
""")


@dataclass(frozen=True)
class Progress:
    """How many contacts a page looked at, and whether no lane of its part is left."""

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
                "last": LANES - 1,
                "now": now,
            },
        )


async def backfill(
    database: Database,
    segment_id: UUID,
    books: RuleBooks,
    *,
    clock: Callable[[], datetime],
    beat: Callable[[], None] = lambda: None,
) -> int:
    """Look at everybody, a page a transaction; how many contacts that were.

    Goes on where an earlier attempt ended, and begins anew when the predicate changes meanwhile.
    `beat` is called after each page.
    """
    looked_at = 0

    async def work(part: int) -> int:
        done, finished = 0, False
        while not finished:
            async with database.transaction() as connection:
                page = await backfill_page(
                    connection, segment_id, books, clock=clock, part=part, parts=AT_ONCE
                )
            done, finished = done + page.looked_at, page.finished
            beat()
        return done

    finished = False
    while not finished:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work(part)) for part in range(AT_ONCE)]
        looked_at += sum(task.result() for task in tasks)
        async with database.transaction() as connection:
            finished = await finish_backfill(connection, segment_id)
    return looked_at


async def backfill_page(
    connection: AsyncConnection,
    segment_id: UUID,
    books: RuleBooks,
    *,
    clock: Callable[[], datetime],
    part: int = 0,
    parts: int = 1,
) -> Progress:
    """Look at the next contacts of the lanes of one part, in the caller's transaction.

    The clock is read once the lane is held: who held it before may have looked later than now.
    """
    asked = {"segment": segment_id, "part": part, "parts": parts}
    following = (await connection.execute(_NEXT, asked)).first()
    if following is None:
        return Progress(0, finished=True)
    workspace_id, lane = following
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(:space, :lane)"), {"space": LOCK_SPACE, "lane": lane}
    )
    await share_rules(connection, workspace_id)
    revision = await connection.scalar(_REVISION, {"workspace": workspace_id})
    at = (await connection.execute(_HOLD, {"segment": segment_id, "lane": lane})).first()
    if at is None or revision is None:
        return Progress(0, finished=False)
    book = await books.get(connection, workspace_id, revision)
    segment = book.segments.by_id.get(segment_id)
    if segment is None:  # a newer release saved it: Temporal tries again until one is back
        raise LookupError(f"this release cannot read the predicate of the segment {segment_id}")
    done, last = await _look(connection, book, segment, at, clock())
    await connection.execute(
        _ADVANCE,
        {
            "segment": segment_id,
            "lane": lane,
            "cursor": last if done == PAGE else None,
            "done": done,
        },
    )
    return Progress(done, finished=False)


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
    workspace_id = await connection.scalar(
        text("SELECT workspace_id FROM segment_backfills WHERE segment_id = :segment"),
        {"segment": segment_id},
    )
    if workspace_id is None:
        return True
    await hold_rules(connection, workspace_id)
    if (await connection.execute(_LEFT, {"segment": segment_id})).first() is not None:
        return False
    if (await connection.execute(_FINISH, {"segment": segment_id})).first() is not None:
        await rules_changed(connection, workspace_id)
    return True
