"""Ending journeys from outside: the row first, then the signal that Temporal is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.app_messages.withdrawing import SENT_IN_APP, withdraw
from engine.lanes import LANE_SQL, LANES
from storage.sql import statement


@dataclass(frozen=True)
class StopOrder:
    """A journey to end, and why: `kind` is `event`, `restarted`, `manual`, `merged` or the like."""

    journey_id: UUID
    kind: str
    detail: str | None = None


_ENDING = f"""
    , stopped AS (
        UPDATE journeys j
        SET state = 'stopped', reason_kind = r.kind, reason_detail = r.detail, ended_at = :now,
            due_at = NULL, parked = false
        FROM running r WHERE j.id = r.id AND j.state = 'running'
        RETURNING j.id, j.workspace_id, j.contact_id, j.visit, r.kind, r.detail
    ), steps AS (
        UPDATE journey_steps s SET left_at = :now, outcome = 'stopped'
        FROM stopped WHERE s.journey_id = stopped.id AND s.visit = stopped.visit
          AND s.left_at IS NULL
    ), unsent AS (
        UPDATE messages m SET state = 'skipped', reason = concat_ws(': ', 'stopped', kind, detail)
        FROM stopped WHERE m.journey_id = stopped.id AND m.state = 'queued'
    ), owed AS (
        INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
        SELECT workspace_id,
               {LANE_SQL},
               id, 'stop', :now
        FROM stopped
    )
"""  # noqa: S608  (a fixed expression)
"""What an end is, for the journeys of `running`, which are locked in the order of their ids so that
two that end the same ones at once cannot deadlock."""

_STOP = statement(f"""
    WITH running AS MATERIALIZED (
        SELECT j.id, o.kind, o.detail
        FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:details AS text[]))
            AS o(id, kind, detail)
        JOIN journeys j ON j.id = o.id WHERE j.state = 'running'
        ORDER BY j.id FOR NO KEY UPDATE OF j
    ){_ENDING} SELECT id, {SENT_IN_APP.format("stopped")} AS in_app FROM stopped
""")  # noqa: S608  (nothing but the text above)

_STOP_ALL = {
    owner: statement(f"""
    WITH running AS MATERIALIZED (
        SELECT j.id, CAST(:kind AS text) AS kind, CAST(:detail AS text) AS detail
        FROM journeys j
        WHERE j.{owner} = :owner AND j.workspace_id = :workspace AND j.state = 'running'
        ORDER BY j.id FOR NO KEY UPDATE OF j
    ){_ENDING} SELECT count(*), array_agg(id) FILTER (WHERE {SENT_IN_APP.format("stopped")})
    FROM stopped
    """)  # noqa: S608  (names from below)
    for owner in ("workflow_id", "contact_id")
}


async def stop_journeys(
    connection: AsyncConnection, orders: Sequence[StopOrder], *, now: datetime
) -> set[UUID]:
    """End those that still run; the ids of the ended ones. Their signals are owed to Temporal.

    A journey that already ended keeps its first reason.
    """
    if not orders:
        return set()
    ended = (
        await connection.execute(
            _STOP,
            {
                "ids": [order.journey_id for order in orders],
                "kinds": [order.kind for order in orders],
                "details": [order.detail for order in orders],
                "now": now,
                "lanes": LANES,
            },
        )
    ).all()
    await withdraw(connection, [row.id for row in ended if row.in_app], now=now)
    return {row.id for row in ended}


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


async def stop_workflow_journeys(
    connection: AsyncConnection,
    workspace_id: UUID,
    workflow_id: UUID,
    *,
    now: datetime,
    kind: str = "manual",
    detail: str | None = None,
) -> int:
    """End every running journey of a workflow; how many there were. Later ones may start."""
    return await _stop_all(
        connection, "workflow_id", workflow_id, workspace=workspace_id, now=now, kind=kind,
        detail=detail,
    )  # fmt: skip


async def stop_contact_journeys(
    connection: AsyncConnection,
    workspace_id: UUID,
    contact_id: UUID,
    *,
    now: datetime,
    kind: str = "manual",
    detail: str | None = None,
) -> int | None:
    """End every running journey of a contact; how many there were, None if the contact is gone.

    It may have been merged into another one after it was looked up: look it up again.
    """
    locked = await connection.execute(
        text("SELECT 1 FROM contacts WHERE id = :id AND workspace_id = :workspace FOR KEY SHARE"),
        {"id": contact_id, "workspace": workspace_id},
    )
    if locked.first() is None:
        return None
    return await _stop_all(
        connection, "contact_id", contact_id, workspace=workspace_id, now=now, kind=kind,
        detail=detail,
    )  # fmt: skip


async def _stop_all(
    connection: AsyncConnection,
    column: str,
    owner: UUID,
    *,
    workspace: UUID,
    now: datetime,
    kind: str,
    detail: str | None,
) -> int:
    parameters = {
        "owner": owner, "workspace": workspace, "kind": kind, "detail": detail, "now": now,
        "lanes": LANES,
    }  # fmt: skip
    stopped, in_app = (await connection.execute(_STOP_ALL[column], parameters)).one()
    await withdraw(connection, in_app or [], now=now)
    return int(stopped)
