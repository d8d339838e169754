"""Launches at set times: each moment of a schedule begins one, unless something is in its way."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pydantic import TypeAdapter
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.launches.missed import PAUSED, record
from engine.launches.moments import is_late, moment_of, schedule_of_start
from engine.launches.opening import seconds_of
from journeys.definition import SegmentStart, Start
from storage.repositories import launches as repository
from storage.sql import statement

_START: TypeAdapter[Start] = TypeAdapter(Start)

_PUBLISHED = text("""
    SELECT w.workspace_id, w.state, w.schedule_since, v.definition -> 'start' AS start,
           g.id AS segment_id
    FROM workflows w
    JOIN workflow_versions v ON v.workflow_id = w.id AND v.version = w.version
    LEFT JOIN segments g
        ON g.workspace_id = w.workspace_id AND g.key = v.definition -> 'start' ->> 'segment'
    WHERE w.id = :workflow
    FOR NO KEY UPDATE OF w
""")
_RUNNING = text("""
    SELECT id FROM launches
    WHERE workflow_id = :workflow AND execution = :execution AND state = 'running'
""")
_REVIVE = statement("""
    UPDATE launches
    SET state = 'running', reason = NULL, missed = 0, total = NULL, execution = :execution,
        segment_id = :segment, spread_seconds = :spread,
        next_at = :now, started_at = :now, finished_at = NULL
    WHERE workflow_id = :workflow AND scheduled_for = :moment AND state = 'missed'
    RETURNING id
""")


async def open_scheduled(
    connection: AsyncConnection, workflow_id: UUID, *, execution: str, now: datetime
) -> UUID | None:
    """Begin the launch for which a schedule started this execution; None if there is none.

    Asked again, it is the same launch, and a moment has one. One that is refused, because the
    workflow is not active or an earlier launch still runs, is recorded with the reason; asked again
    while its moment is not late, it begins after all if nothing is in its way any more.
    """
    row = (await connection.execute(_PUBLISHED, {"workflow": workflow_id})).one_or_none()
    start = None if row is None else _START.validate_python(row.start)
    if row is None or not isinstance(start, SegmentStart) or schedule_of_start(start) is None:
        return None
    mine = {"workflow": workflow_id, "execution": execution}
    running: UUID | None = (await connection.execute(_RUNNING, mine)).scalar_one_or_none()
    if running is not None:
        return running
    moment = moment_of(execution)
    if moment is None or not is_late(moment, now):
        return await _begin(connection, workflow_id, row, start, execution=execution, now=now)
    if moment > row.schedule_since:
        await record(connection, [(workflow_id, moment)], now)
    return None


async def _begin(
    connection: AsyncConnection,
    workflow_id: UUID,
    row: Row[Any],
    start: SegmentStart,
    *,
    execution: str,
    now: datetime,
) -> UUID | None:
    schedule, moment = schedule_of_start(start), moment_of(execution)
    refusal = await _refusal(connection, workflow_id, row.state)
    id_, spread = uuid5(workflow_id, f"schedule:{execution}"), seconds_of(start.spread, now)
    begun = await repository.insert_launch(
        connection,
        id=id_,
        workspace_id=row.workspace_id,
        workflow_id=workflow_id,
        kind="at" if schedule is not None and schedule.at is not None else "cron",
        segment_id=row.segment_id,
        execution=execution,
        spread_seconds=spread,
        scheduled_for=moment,
        missed=0 if refusal is None else 1,
        next_at=now,
        started_at=now,
        state="running" if refusal is None else "missed",
        reason=refusal,
        total=None if refusal is None else 0,
        finished_at=None if refusal is None else now,
    )
    if refusal is not None:
        return None
    if begun:
        return id_
    again = {"workflow": workflow_id, "execution": execution, "moment": moment,
             "segment": row.segment_id, "spread": spread, "now": now}  # fmt: skip
    revived: UUID | None = (await connection.execute(_REVIVE, again)).scalar_one_or_none()
    return revived


async def _refusal(connection: AsyncConnection, workflow_id: UUID, state: str) -> str | None:
    """Why a scheduled launch is not begun, if it is not."""
    if state != "active":
        return PAUSED if state == "paused" else f"the workflow is {state}"
    running = await repository.running_launch(connection, workflow_id)
    return None if running is None else f"the launch {running} still ran"
