"""The instants at which time alone can change a membership, and the clock that waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANE_SQL, LANES
from storage.sql import statement

PAGE = 5_000
"""Instants taken at once: a tick is short, so that storing new ones hardly waits for it."""
WAITING = 100
"""Facts of one clock that may wait in a lane: less than a dispatcher decides on at once, so that
what somebody does meanwhile is decided on with them."""
AGAIN = timedelta(milliseconds=200)
"""When to look again at what a dispatcher was looking at, or had no room for."""
NO_ROOM = timedelta(seconds=1)
"""When to look again if there was no room at all: dispatchers are away, or very busy."""

LOCK_SPACE = 0x50_4B
"""First key of the advisory locks that hold clocks; the second is made of the workspace's id."""

_ALONE = text("SELECT pg_advisory_xact_lock(:space, hashtext(:workspace))")
_TOGETHER = text("SELECT pg_advisory_xact_lock_shared(:space, hashtext(:workspace))")
"""Not a lock of the clock's row: those who share one would never let the clock in while they are
many, whereas these queue."""

_KNOW = text("""
    INSERT INTO segment_clocks (workspace_id) VALUES (:workspace)
    ON CONFLICT (workspace_id) DO UPDATE SET workspace_id = excluded.workspace_id
""")

_MOVE = statement(f"""
    WITH waiting AS MATERIALIZED (
        SELECT lane, count(*) AS facts FROM facts
        WHERE workspace_id = :workspace AND kind = 'clock' GROUP BY lane
    ), due AS MATERIALIZED (
        SELECT d.*, row_number() OVER (PARTITION BY lane ORDER BY due_at, segment_id) AS place
        FROM (
            SELECT segment_id, contact_id, due_at, {LANE_SQL} AS lane FROM segment_instants
            WHERE workspace_id = :workspace AND due_at <= :now ORDER BY due_at LIMIT :page
        ) d
    ), chosen AS MATERIALIZED (
        SELECT segment_id, contact_id FROM due LEFT JOIN waiting USING (lane)
        WHERE place + coalesce(facts, 0) <= :room
    ), held AS MATERIALIZED (
        SELECT i.segment_id, i.contact_id
        FROM segment_instants i JOIN chosen USING (segment_id, contact_id)
        WHERE i.due_at <= :now FOR UPDATE OF i SKIP LOCKED
    ), kept AS MATERIALIZED (
        SELECT id FROM contacts WHERE id IN (SELECT contact_id FROM held)
        FOR KEY SHARE SKIP LOCKED
    ), taken AS (
        DELETE FROM segment_instants i USING held h
        WHERE i.segment_id = h.segment_id AND i.contact_id = h.contact_id
          AND (i.contact_id IN (SELECT id FROM kept)
               OR NOT EXISTS (SELECT FROM contacts c WHERE c.id = i.contact_id))
        RETURNING i.segment_id, i.contact_id, i.due_at
    ), moved AS (
        INSERT INTO facts (workspace_id, lane, contact_id, kind, ref)
        SELECT CAST(:workspace AS uuid), {LANE_SQL}, contact_id, 'clock', segment_id
        FROM taken JOIN kept ON kept.id = taken.contact_id
        ORDER BY due_at
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM due) AS due, (SELECT count(*) FROM chosen) AS chosen,
           (SELECT count(*) FROM taken) AS taken, (SELECT count(*) FROM moved) AS moved
""")  # noqa: S608  (a fixed expression)
"""Of what is due, as much as the lanes have room for: who is still to be decided on by reason of
time holds up who did something. Whoever was erased meanwhile is left out. Waits for nobody: what is
locked, a dispatcher is looking at already, or is being merged or erased."""

_SLEEP = text("""
    UPDATE segment_clocks
    SET wakes_at = (
        SELECT CASE WHEN min(due_at) <= :now THEN CAST(:again AS timestamptz) ELSE min(due_at) END
        FROM segment_instants WHERE workspace_id = :workspace
    )
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
    WITH clock AS (SELECT wakes_at FROM segment_clocks WHERE workspace_id = :workspace)
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT CAST(:workspace AS uuid), :lane, CAST(:workspace AS uuid), 'clock', :now
    WHERE CAST(:earliest AS timestamptz)
          < coalesce((SELECT CASE WHEN wakes_at > :now THEN wakes_at END FROM clock), 'infinity')
""")
"""Only of an instant before the one it sleeps for, or while it is awake."""


@dataclass(frozen=True)
class Instant:
    """When a contact's membership is to be looked at again; None: not until its data changes."""

    segment_id: UUID
    contact_id: UUID
    due_at: datetime | None


async def tick(
    connection: AsyncConnection,
    workspace_id: UUID,
    *,
    now: datetime,
    page: int = PAGE,
    room: int = WAITING,
) -> tuple[int, datetime | None]:
    """Queue memberships that fell due to be looked at again; when the clock has to strike next.

    At once when there were more than a page; a moment later when a lane already has as many of them
    as there is `room` for. The clock waits for those who have stored instants and not committed,
    and they for it: none falls between two looks.
    """
    asked = {"workspace": workspace_id}
    await connection.execute(_ALONE, _lock(workspace_id))
    await connection.execute(_KNOW, asked)
    found = (
        await connection.execute(
            _MOVE, {**asked, "now": now, "page": page, "room": room, "lanes": LANES}
        )
    ).one()
    again = now + _pause(found, page)
    wakes_at: datetime | None = await connection.scalar(
        _SLEEP, {**asked, "now": now, "again": again}
    )
    return found.moved, wakes_at


def _pause(found: Row[Any], page: int) -> timedelta:
    """How long to leave what is still due alone."""
    if found.taken == page:
        return timedelta(0)
    return AGAIN if found.chosen or not found.due else NO_ROOM


def _lock(workspace_id: UUID) -> dict[str, Any]:
    return {"space": LOCK_SPACE, "workspace": str(workspace_id)}


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
    await connection.execute(_TOGETHER, _lock(workspace_id))
    await connection.execute(_TELL, asked)
