"""What launches owe Temporal: their execution started, or told to look again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import lane_of
from storage.sql import statement

_OWE = statement("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT w, l, i, 'launch', :now
    FROM unnest(CAST(:workspaces AS uuid[]), CAST(:lanes AS int[]), CAST(:launches AS uuid[]))
        AS c(w, l, i)
""")

_RUNNING = text("""
    SELECT id, workspace_id FROM launches WHERE workflow_id = :workflow AND state = 'running'
    ORDER BY id
""")

_STOP = statement("""
    UPDATE launches SET state = 'stopped', reason = :reason, finished_at = :now
    WHERE id = ANY(:launches) AND state = 'running'
    RETURNING id, workspace_id
""")

_FORGET = text("DELETE FROM facts WHERE kind = 'launch' AND ref = ANY(:launches)")

_FORGOTTEN = text("""
    SELECT l.id, l.workspace_id FROM launches l
    JOIN workflows w ON w.id = l.workflow_id JOIN workspaces s ON s.id = l.workspace_id
    WHERE l.state = 'running' AND l.next_at < :before AND w.state <> 'paused' AND NOT s.paused
      AND NOT EXISTS (SELECT FROM commands c WHERE c.journey_id = l.id)
    ORDER BY l.next_at LIMIT :limit
""")


@dataclass(frozen=True)
class Owed:
    """A launch whose execution is to be started or woken, and the lane by which that is told."""

    workspace_id: UUID
    launch_id: UUID
    lane: int


async def owe_launches(
    connection: AsyncConnection, launches: Sequence[Owed], *, now: datetime
) -> None:
    """Owe Temporal a start of these launches' executions; one that runs looks again."""
    if launches:
        await connection.execute(
            _OWE,
            {
                "workspaces": [owed.workspace_id for owed in launches],
                "lanes": [owed.lane for owed in launches],
                "launches": [owed.launch_id for owed in launches],
                "now": now,
            },
        )


async def wake_launches(connection: AsyncConnection, workflow_id: UUID, *, now: datetime) -> None:
    """Tell a workflow's launches to look again, because it was resumed."""
    rows = (await connection.execute(_RUNNING, {"workflow": workflow_id})).all()
    await owe_launches(
        connection, [Owed(row.workspace_id, row.id, lane_of(row.id)) for row in rows], now=now
    )


async def stop_launches(
    connection: AsyncConnection, launches: Sequence[UUID], reason: str, *, now: datetime
) -> None:
    """Take no more members, and start none of those that are queued and not yet decided on."""
    rows = (
        await connection.execute(
            _STOP, {"launches": sorted(launches), "reason": reason, "now": now}
        )
    ).all()
    if not rows:
        return
    await connection.execute(_FORGET, {"launches": [row.id for row in rows]})
    await owe_launches(
        connection, [Owed(row.workspace_id, row.id, lane_of(row.id)) for row in rows], now=now
    )


async def stop_workflow_launches(
    connection: AsyncConnection, workflow_id: UUID, reason: str, *, now: datetime
) -> None:
    """Stop all launches of a workflow."""
    rows = await connection.execute(_RUNNING, {"workflow": workflow_id})
    await stop_launches(connection, [row.id for row in rows], reason, now=now)


async def revive_launches(
    connection: AsyncConnection, *, before: datetime, now: datetime, limit: int = 500
) -> int:
    """Start or wake the launches whose next page was due `before` that moment; how many."""
    rows = (await connection.execute(_FORGOTTEN, {"before": before, "limit": limit})).all()
    await owe_launches(
        connection, [Owed(row.workspace_id, row.id, lane_of(row.id)) for row in rows], now=now
    )
    return len(rows)
