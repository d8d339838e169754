"""Ending journeys from outside: the row first, then the signal that Temporal is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import lane_of
from storage.sql import statement


@dataclass(frozen=True)
class StopOrder:
    """A journey to end, and why: `kind` is `event`, `restarted`, `manual`, `merged` or the like."""

    journey_id: UUID
    kind: str
    detail: str | None = None


_STOP = statement("""
    WITH orders AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:details AS text[])
        ) AS o(id, kind, detail)
    ), stopped AS (
        UPDATE journeys j
        SET state = 'stopped', reason_kind = o.kind, reason_detail = o.detail, ended_at = :now,
            due_at = NULL, parked = false
        FROM orders o WHERE j.id = o.id AND j.state = 'running'
        RETURNING j.id, j.workspace_id, j.contact_id, j.visit, o.kind, o.detail
    ), steps AS (
        UPDATE journey_steps s SET left_at = :now, outcome = 'stopped'
        FROM stopped WHERE s.journey_id = stopped.id AND s.visit = stopped.visit
          AND s.left_at IS NULL
    ), messages AS (
        UPDATE messages m SET state = 'skipped', reason = concat_ws(': ', 'stopped', kind, detail)
        FROM stopped WHERE m.journey_id = stopped.id AND m.state = 'queued'
    )
    SELECT id, workspace_id, contact_id FROM stopped
""")

_OWE = statement("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT w, l, j, 'stop', :now
    FROM unnest(CAST(:workspaces AS uuid[]), CAST(:lanes AS int[]), CAST(:journeys AS uuid[]))
        AS c(w, l, j)
""")


async def stop_journeys(
    connection: AsyncConnection, orders: Sequence[StopOrder], *, now: datetime
) -> set[UUID]:
    """End those that still run; the ids of the ended ones. Their signals are owed to Temporal.

    A journey that already ended keeps its first reason.
    """
    if not orders:
        return set()
    rows = (
        await connection.execute(
            _STOP,
            {
                "ids": [order.journey_id for order in orders],
                "kinds": [order.kind for order in orders],
                "details": [order.detail for order in orders],
                "now": now,
            },
        )
    ).all()
    if rows:
        await connection.execute(
            _OWE,
            {
                "workspaces": [row.workspace_id for row in rows],
                "lanes": [lane_of(row.contact_id) for row in rows],
                "journeys": [row.id for row in rows],
                "now": now,
            },
        )
    return {row.id for row in rows}


async def stop_journey(
    connection: AsyncConnection,
    workspace_id: UUID,
    journey_id: UUID,
    *,
    now: datetime,
    kind: str = "manual",
    detail: str | None = None,
) -> bool:
    """End one journey of this workspace; False when there is none that still runs."""
    mine = (
        await connection.execute(
            text("SELECT 1 FROM journeys WHERE id = :id AND workspace_id = :workspace"),
            {"id": journey_id, "workspace": workspace_id},
        )
    ).first()
    if mine is None:
        return False
    return bool(await stop_journeys(connection, [StopOrder(journey_id, kind, detail)], now=now))
