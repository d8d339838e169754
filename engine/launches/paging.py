"""One page of a launch: its members become facts, in one transaction with the cursor.

Called again after a crash it goes on where the last committed page ended; called too early it only
says when the next page is due. So a launch neither doubles nor loses anybody, whatever dies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANE_SQL, LANES
from engine.launches.members import EvaluatedMembers, StoredMembers
from engine.launches.pace import pace, share
from engine.segments import get_segment, parameters_of
from journeys.errors import InvalidInput
from storage.repositories.audiences import limit_statements
from storage.repositories.segments import SegmentRecord
from storage.sql import statement

LOOK_AGAIN = timedelta(seconds=30)
"""How soon a launch that is held looks whether it may go on, if nobody tells it."""
CATCH_UP = timedelta(milliseconds=500)
"""How soon it looks whether all that was known before it has been decided on."""
STATEMENT_SECONDS = 50.0
"""Below the activity's timeout: a slow predicate is not left running beside its retry."""

_HOLD = text("""
    SELECT l.id, l.workspace_id, l.state, l.segment_id, l.params, l.members_at, l.total, l.cursor,
           l.rate, l.spread_seconds, l.next_at, l.started_at,
           w.state AS workflow_state, w.state = 'paused' OR s.paused AS paused,
           g.state = 'backfilling' AS backfilling
    FROM launches l
    JOIN workflows w ON w.id = l.workflow_id
    JOIN workspaces s ON s.id = l.workspace_id
    LEFT JOIN segments g ON g.id = l.segment_id
    WHERE l.id = :launch
    FOR NO KEY UPDATE OF l
""")

_BEHIND = text("""
    SELECT EXISTS (
        SELECT FROM facts
        WHERE workspace_id = :workspace AND created_at < :before AND kind <> 'launch'
    )
""")
"""Membership follows facts: who did something before the launch began is judged by it."""

_SHARING = text("""
    SELECT l.total / nullif(l.spread_seconds, 0) AS wanted, count(*) AS launches
    FROM launches l
    JOIN workflows w ON w.id = l.workflow_id
    LEFT JOIN segments g ON g.id = l.segment_id
    WHERE l.workspace_id = :workspace AND l.state = 'running' AND l.rate IS NULL
      AND l.id <> :launch AND w.state = 'active' AND g.state IS DISTINCT FROM 'backfilling'
    GROUP BY wanted
""")
"""Those that take members now and name no rate of their own."""

_COUNTED = text("UPDATE launches SET total = :total, members_at = :at WHERE id = :launch")

_QUEUE = text(f"""
    WITH kept AS MATERIALIZED (
        SELECT c.id AS contact_id FROM contacts c WHERE c.id = ANY(:contacts)
        ORDER BY c.id FOR KEY SHARE
    )
    INSERT INTO facts (workspace_id, lane, contact_id, kind, ref)
    SELECT CAST(:workspace AS uuid), {LANE_SQL}, contact_id, 'launch', CAST(:launch AS uuid)
    FROM kept ORDER BY contact_id
""")  # noqa: S608  (a fixed expression)
"""Whoever was erased meanwhile is left out."""

_TAKEN = text("""
    UPDATE launches SET taken = taken + :taken, cursor = :cursor, next_at = :next_at
    WHERE id = :launch
""")

_FINISH = statement("""
    UPDATE launches
    SET state = n.state, reason = :reason, finished_at = :now,
        total = CASE n.state WHEN 'completed' THEN coalesce(total, taken) ELSE total END
    FROM (SELECT CAST(:state AS varchar) AS state) n
    WHERE id = :launch AND launches.state = 'running'
""")


@dataclass(frozen=True)
class Taken:
    """How many members a page took, and when the next one is due; None when the launch is over."""

    members: int
    until: datetime | None


OVER = Taken(0, None)


async def take_page(
    connection: AsyncConnection, launch_id: UUID, *, now: datetime, rate: float
) -> Taken:
    """Queue the next members, if it is time.

    `rate` is the setting: what the launches of a workspace that name no rate take together.
    """
    row = (await connection.execute(_HOLD, {"launch": launch_id})).one_or_none()
    if row is None or row.state != "running":
        return OVER
    if row.workflow_state not in ("active", "paused"):
        return await _end(connection, launch_id, "stopped", "the workflow was archived", now)
    if row.paused or row.backfilling or row.next_at > now:
        return Taken(0, row.next_at if row.next_at > now else now + LOOK_AGAIN)
    if row.segment_id is None:
        return await _end(connection, launch_id, "failed", "the segment was deleted", now)
    segment = await get_segment(connection, row.workspace_id, str(row.segment_id))
    try:
        mine = row.rate or await _share(connection, row, rate)
        return await _take(connection, row, segment, now=now, rate=mine)
    except InvalidInput as error:
        return await _end(connection, launch_id, "failed", str(error), now)


async def fail_launch(
    connection: AsyncConnection, launch_id: UUID, reason: str, *, now: datetime
) -> None:
    """Record that a launch cannot go on."""
    await _end(connection, launch_id, "failed", reason, now)


async def _share(connection: AsyncConnection, row: Row[Any], rate: float) -> float:
    """How much of the common rate is this launch's, by those that run beside it now.

    Each page asks again, so one that begins or ends is felt within a page's second.
    """
    rows = await connection.execute(_SHARING, {"workspace": row.workspace_id, "launch": row.id})
    others: list[float] = []
    unbounded = 1
    for wanted, launches in rows:
        if wanted is None:
            unbounded += launches
        else:
            others += [float(wanted)] * launches
    return share(rate, others, unbounded)


async def _take(
    connection: AsyncConnection,
    row: Row[Any],
    segment: SegmentRecord,
    *,
    now: datetime,
    rate: float,
) -> Taken:
    await limit_statements(connection, STATEMENT_SECONDS)
    source = _members(row, segment)
    total, at = row.total, row.members_at
    if at is None:
        before = {"workspace": row.workspace_id, "before": row.started_at}
        if (await connection.execute(_BEHIND, before)).scalar_one():
            return Taken(0, now + CATCH_UP)
        count = await source.count(connection, now)
        total, at = count.total, count.at
        await connection.execute(_COUNTED, {"launch": row.id, "total": total, "at": at})
    speed = pace(rate=rate, spread_seconds=row.spread_seconds, total=total)
    page = await source.page(connection, at, row.cursor, speed.size)
    taken = 0
    if page.contacts:
        taken = (
            await connection.execute(
                _QUEUE,
                {
                    "workspace": row.workspace_id,
                    "launch": row.id,
                    "contacts": list(page.contacts),
                    "lanes": LANES,
                },
            )
        ).rowcount
    due = now + speed.after(taken)
    await connection.execute(
        _TAKEN, {"launch": row.id, "taken": taken, "cursor": page.cursor, "next_at": due}
    )
    if page.done:
        await _end(connection, row.id, "completed", None, now)
        return Taken(taken, None)
    return Taken(taken, due)


def _members(row: Row[Any], segment: SegmentRecord) -> StoredMembers | EvaluatedMembers:
    if segment.definition is None or not parameters_of(segment):
        return StoredMembers(segment.id)
    return EvaluatedMembers(row.workspace_id, segment.definition, row.params)


async def _end(
    connection: AsyncConnection, launch_id: UUID, state: str, reason: str | None, now: datetime
) -> Taken:
    await connection.execute(
        _FINISH, {"launch": launch_id, "state": state, "reason": reason, "now": now}
    )
    return OVER
