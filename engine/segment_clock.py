"""The instants at which time alone can change a membership, and the clock that waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANE_SQL, LANES
from storage.sql import statement

PAGE = 5_000
"""Instants taken at once: a tick is short, so that storing new ones hardly waits for it."""

_HOLD = text("""
    INSERT INTO segment_clocks (workspace_id) VALUES (:workspace)
    ON CONFLICT (workspace_id) DO UPDATE SET workspace_id = excluded.workspace_id
""")

_MOVE = statement(f"""
    WITH due AS (
        DELETE FROM segment_instants i USING (
            SELECT segment_id, contact_id FROM segment_instants
            WHERE workspace_id = :workspace AND due_at <= :now
            ORDER BY due_at LIMIT :page
        ) d
        WHERE i.segment_id = d.segment_id AND i.contact_id = d.contact_id
        RETURNING i.segment_id, i.contact_id, i.due_at
    ), moved AS (
        INSERT INTO facts (workspace_id, lane, contact_id, kind, ref)
        SELECT CAST(:workspace AS uuid), {LANE_SQL}, contact_id, 'clock', segment_id
        FROM due JOIN contacts c ON c.id = due.contact_id
        ORDER BY due_at
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM due) AS taken, (SELECT count(*) FROM moved) AS moved
""")  # noqa: S608  (a fixed expression)
"""Whoever was erased meanwhile is left out."""

_SLEEP = text("""
    UPDATE segment_clocks
    SET wakes_at = (SELECT min(due_at) FROM segment_instants WHERE workspace_id = :workspace)
    WHERE workspace_id = :workspace
    RETURNING wakes_at
""")

_STORE = text("""
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(:segments AS uuid[]), CAST(:contacts AS uuid[]), CAST(:instants AS timestamptz[])
        ) AS w(segment_id, contact_id, due_at)
    ), gone AS (
        DELETE FROM segment_instants i USING wanted w
        WHERE i.segment_id = w.segment_id AND i.contact_id = w.contact_id AND w.due_at IS NULL
    ), stored AS (
        INSERT INTO segment_instants AS i (workspace_id, segment_id, contact_id, due_at)
        SELECT CAST(:workspace AS uuid), segment_id, contact_id, due_at
        FROM wanted WHERE due_at IS NOT NULL
        ON CONFLICT (segment_id, contact_id) DO UPDATE SET due_at = excluded.due_at
        WHERE i.due_at <> excluded.due_at
        RETURNING i.due_at
    )
    SELECT min(due_at) FROM stored
""")

_TELL = statement("""
    WITH clock AS MATERIALIZED (
        SELECT wakes_at FROM segment_clocks WHERE workspace_id = :workspace FOR SHARE
    )
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT CAST(:workspace AS uuid), :lane, CAST(:workspace AS uuid), 'clock', :now
    WHERE CAST(:earliest AS timestamptz)
          < coalesce((SELECT CASE WHEN wakes_at > :now THEN wakes_at END FROM clock), 'infinity')
""")
"""Only of an instant before the one it sleeps for, or while it is awake. Waits for a look of the
clock that is under way: it may not have seen the instant."""


@dataclass(frozen=True)
class Instant:
    """When a contact's membership is to be looked at again; None: not until its data changes."""

    segment_id: UUID
    contact_id: UUID
    due_at: datetime | None


async def tick(
    connection: AsyncConnection, workspace_id: UUID, *, now: datetime, page: int = PAGE
) -> tuple[int, datetime | None]:
    """Queue the memberships that fell due to be looked at again; when the next one falls due.

    One that is due already, when there were more than a page.
    """
    asked = {"workspace": workspace_id}
    await connection.execute(_HOLD, asked)
    moved = (
        await connection.execute(_MOVE, {**asked, "now": now, "page": page, "lanes": LANES})
    ).one()
    wakes_at: datetime | None = (await connection.execute(_SLEEP, asked)).scalar_one()
    return moved.moved, wakes_at


async def store_instants(
    connection: AsyncConnection,
    workspace_id: UUID,
    instants: Sequence[Instant],
    *,
    lane: int,
    now: datetime,
) -> None:
    """Keep these instants in place of earlier ones; tell the clock when one comes sooner."""
    if not instants:
        return
    earliest: datetime | None = await connection.scalar(
        _STORE,
        {
            "workspace": workspace_id,
            "segments": [instant.segment_id for instant in instants],
            "contacts": [instant.contact_id for instant in instants],
            "instants": [instant.due_at for instant in instants],
        },
    )
    if earliest is not None:
        await tell_clock(connection, workspace_id, earliest, lane=lane, now=now)


async def tell_clock(
    connection: AsyncConnection, workspace_id: UUID, earliest: datetime, *, lane: int, now: datetime
) -> None:
    """Owe the clock a wake-up if this instant, just stored, comes before the one it sleeps for."""
    asked = {"workspace": workspace_id, "earliest": earliest, "lane": lane, "now": now}
    await connection.execute(_TELL, asked)
