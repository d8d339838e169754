"""Pausing and resuming a workflow, losing nobody.

A pause is a row that `advance` and the send read. Who comes due meanwhile is parked in its block.
Resuming releases the parked ones one after the other, so that they do not all leave in one second.
Whoever pauses or resumes holds the rules: a walk shares them while it parks its journey.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANE_SQL, LANES
from storage.sql import statement

WAKE_PARKED = f"""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT workspace_id,
           {LANE_SQL},
           id, 'wake',
           :now + make_interval(
               secs => (row_number() OVER (ORDER BY due_at, id) - 1) / CAST(:rate AS float8)
           )
    FROM journeys j
    WHERE state = 'running' AND parked AND {{which}}
      AND NOT EXISTS (SELECT FROM commands c WHERE c.journey_id = j.id AND c.kind = 'wake')
"""  # noqa: S608  (a fixed expression)


async def pause_workflow(
    connection: AsyncConnection, workspace_id: UUID, workflow_id: UUID
) -> bool:
    """Nothing of this workflow moves from now on; False when it was not active."""
    return await _change_state(connection, workspace_id, workflow_id, "active", "paused")


async def resume_workflow(
    connection: AsyncConnection,
    workspace_id: UUID,
    workflow_id: UUID,
    *,
    now: datetime,
    rate: float,
) -> bool:
    """Go on where it stood, releasing `rate` journeys a second; False when it was not paused."""
    if not await _change_state(connection, workspace_id, workflow_id, "paused", "active"):
        return False
    await connection.execute(
        statement(WAKE_PARKED.format(which="workflow_id = :workflow")),
        {"workflow": workflow_id, "now": now, "rate": rate, "lanes": LANES},
    )
    return True


async def _change_state(
    connection: AsyncConnection, workspace_id: UUID, workflow_id: UUID, before: str, after: str
) -> bool:
    changed = await connection.execute(
        text("""
            UPDATE workflows
            SET state = n.state, updated_at = now(),
                paused_at = CASE n.state WHEN 'paused' THEN now() ELSE paused_at END,
                resumed_at = CASE n.state WHEN 'active' THEN now() ELSE resumed_at END
            FROM (SELECT CAST(:after AS varchar) AS state) n
            WHERE id = :id AND workspace_id = :workspace AND workflows.state = :before
        """),
        {"id": workflow_id, "workspace": workspace_id, "before": before, "after": after},
    )
    return changed.rowcount == 1
