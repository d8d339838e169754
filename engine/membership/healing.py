"""What a crash or a restored backup left of segment clocks and backfills: calls not made."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sql import statement

OVERDUE = timedelta(seconds=10)
"""A clock that runs takes an instant within a moment of its falling due."""
AT_WORK = timedelta(minutes=1)
"""A backfill or clearing that began this long ago may have lost its execution."""

_CLOCKS = statement("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT w.id, 0, w.id, 'clock', :now
    FROM workspaces w
    WHERE EXISTS (SELECT FROM segment_instants i
                  WHERE i.workspace_id = w.id AND i.due_at < :before)
      AND NOT EXISTS (SELECT FROM commands c WHERE c.journey_id = w.id AND c.kind = 'clock')
""")

_BACKFILLS = text("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT b.workspace_id, 0, b.segment_id, 'backfill', :now
    FROM (
        SELECT workspace_id, segment_id, started_at FROM segment_backfills
        UNION SELECT workspace_id, segment_id, begun_at FROM segment_clearings
    ) b
    WHERE b.started_at < :before
      AND NOT EXISTS (
          SELECT FROM commands c WHERE c.journey_id = b.segment_id AND c.kind = 'backfill'
      )
""")


async def heal_segments(connection: AsyncConnection, *, now: datetime) -> int:
    """Owe a call for each clock that is late and each backfill or clearing not done; how many.

    Whoever is at work only looks once more.
    """
    clocks = await connection.execute(_CLOCKS, {"now": now, "before": now - OVERDUE})
    backfills = await connection.execute(_BACKFILLS, {"now": now, "before": now - AT_WORK})
    return max(clocks.rowcount, 0) + max(backfills.rowcount, 0)
