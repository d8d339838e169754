"""Moments of schedules that no launch began in time: each is on record, with the reason.

Moments that were missed in a row for one reason (a pause of a month, an outage) share a record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client
from temporalio.service import RPCError

from engine.launches.moments import Passed, passed, zone_of
from engine.schedules import PLAN_SQL, Plan
from storage.database import Database
from storage.sql import statement
from workflows import names, options

AT_ONCE = 20
PAUSED = "the workflow was paused"
LATE = "nothing could begin it within ten minutes of its time"
log = structlog.get_logger(__name__)

_UNTOLD = text(f"""
    SELECT w.id, w.schedule_since AS since, {PLAN_SQL} AS plan
    FROM workflows w
    JOIN workspaces s ON s.id = w.workspace_id
    JOIN workflow_versions v ON v.workflow_id = w.id AND v.version = w.version
    WHERE w.state IN ('active', 'paused') AND v.definition -> 'start' ->> 'kind' = 'segment'
      AND jsonb_typeof(v.definition -> 'start' -> 'schedule') = 'object'
      AND w.schedule_since < :before
""")  # noqa: S608  (a fixed expression)

_HOLD = text("""
    SELECT w.id FROM workflows w
    JOIN unnest(CAST(:workflows AS uuid[]), CAST(:since AS timestamptz[])) AS o(id, since)
      ON o.id = w.id AND o.since = w.schedule_since
    ORDER BY w.id FOR NO KEY UPDATE OF w
""")
"""Those whose schedule nobody changed since it was read."""

_WHY = text("""
    SELECT m.workflow_id, m.at, w.workspace_id, g.id AS segment_id,
           CASE WHEN v.definition -> 'start' -> 'schedule' ? 'at' THEN 'at' ELSE 'cron' END AS kind,
           w.paused_at <= m.at
               AND (w.resumed_at IS NULL OR w.resumed_at < w.paused_at OR w.resumed_at > m.at)
               AS paused,
           (SELECT l.id FROM launches l
            WHERE l.workflow_id = w.id AND l.kind <> 'event' AND l.state <> 'missed'
              AND l.started_at <= m.at AND coalesce(l.finished_at, 'infinity') > m.at
            ORDER BY l.id LIMIT 1) AS busy
    FROM unnest(CAST(:workflows AS uuid[]), CAST(:moments AS timestamptz[])) AS m(workflow_id, at)
    JOIN workflows w ON w.id = m.workflow_id
    JOIN workflow_versions v ON v.workflow_id = w.id AND v.version = w.version
    LEFT JOIN segments g
        ON g.workspace_id = w.workspace_id AND g.key = v.definition -> 'start' ->> 'segment'
    WHERE NOT EXISTS (
        SELECT FROM launches l WHERE l.workflow_id = w.id AND l.scheduled_for = m.at
    )
    ORDER BY m.workflow_id, m.at
""")

_LATEST = text("""
    SELECT DISTINCT ON (workflow_id) id, workflow_id, state, reason, scheduled_for
    FROM launches WHERE workflow_id = ANY(:workflows) AND scheduled_for IS NOT NULL
    ORDER BY workflow_id, scheduled_for DESC
""")

_MORE = statement("""
    UPDATE launches l SET missed = l.missed + o.missed, finished_at = :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:missed AS int[])) AS o(id, missed) WHERE l.id = o.id
""")

_RECORD = statement("""
    INSERT INTO launches (
        id, workspace_id, workflow_id, kind, params, segment_id, state, reason, total,
        scheduled_for, missed, next_at, started_at, finished_at
    )
    SELECT id, workspace_id, workflow_id, kind, '{}', segment_id, 'missed', reason, 0,
           at, missed, at, at, :now
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:workspaces AS uuid[]), CAST(:workflows AS uuid[]),
        CAST(:kinds AS text[]), CAST(:segments AS uuid[]), CAST(:reasons AS text[]),
        CAST(:moments AS timestamptz[]), CAST(:missed AS int[])
    ) AS n(id, workspace_id, workflow_id, kind, segment_id, reason, at, missed)
    ON CONFLICT DO NOTHING
""")

_TOLD = text("""
    UPDATE workflows w SET schedule_since = o.until
    FROM unnest(CAST(:workflows AS uuid[]), CAST(:until AS timestamptz[])) AS o(id, until)
    WHERE w.id = o.id
""")


@dataclass(frozen=True)
class Missed:
    """Moments that a workflow missed in a row: the first one, and how many."""

    workspace_id: UUID
    workflow_id: UUID
    segment_id: UUID | None
    kind: str
    reason: str
    at: datetime
    count: int = 1


async def record_missed(database: Database, client: Client, prefix: str, *, now: datetime) -> None:
    """Look at the moments that are missed for good, of each schedule every ten minutes or so."""
    late = now - options.LAUNCH_CATCH_UP
    async with database.transaction() as connection:
        before = {"before": late - options.LAUNCH_CATCH_UP}
        rows = (await connection.execute(_UNTOLD, before)).all()
    gate = asyncio.Semaphore(AT_ONCE)

    async def tell(row: Row[Any]) -> Passed | None:
        plan = Plan(**row.plan)
        if plan.times is None:
            return None
        id_, zone = names.launch_id(prefix, str(row.id)), zone_of(plan.times, plan.timezone)
        async with gate:
            try:
                return await passed(client, id_, plan.times, zone, after=row.since, until=late)
            except RPCError as error:  # one must not hold up the others
                log.warning("launches.moments_not_told", workflow=str(row.id), error=str(error))
                return None

    found = await asyncio.gather(*(tell(row) for row in rows))
    told = {
        (row.id, row.since): one for row, one in zip(rows, found, strict=True) if one is not None
    }
    if told:
        async with database.transaction() as connection:
            await _record(connection, told, now)


async def _record(
    connection: AsyncConnection, told: Mapping[tuple[UUID, datetime], Passed], now: datetime
) -> None:
    held = set(
        (
            await connection.execute(
                _HOLD, {"workflows": [id_ for id_, _ in told], "since": [at for _, at in told]}
            )
        ).scalars()
    )
    mine = {id_: one for (id_, _), one in told.items() if id_ in held}
    moments = [(id_, moment) for id_, one in mine.items() for moment in one.moments]
    await record(connection, moments, now)
    await connection.execute(
        _TOLD, {"workflows": list(mine), "until": [one.until for one in mine.values()]}
    )


async def record(
    connection: AsyncConnection, moments: Sequence[tuple[UUID, datetime]], now: datetime
) -> None:
    """Record the moments (of locked workflows) that have no launch as missed."""
    if not moments:
        return
    why = await connection.execute(
        _WHY,
        {"workflows": [id_ for id_, _ in moments], "moments": [moment for _, moment in moments]},
    )
    runs = in_a_row(
        [Missed(r.workspace_id, r.workflow_id, r.segment_id, r.kind, _reason(r), r.at) for r in why]
    )
    latest = {
        row.workflow_id: row
        for row in await connection.execute(_LATEST, {"workflows": [r.workflow_id for r in runs]})
    }
    more: list[tuple[UUID, int]] = []
    new: list[Missed] = []
    for run in runs:
        # only the first run of a workflow can carry on what is on record
        last = latest.pop(run.workflow_id, None)
        if last is not None and (last.state, last.reason) == ("missed", run.reason):
            more.append((last.id, run.count))
        else:
            new.append(run)
    if more:
        ids, counts = zip(*more, strict=True)
        await connection.execute(_MORE, {"ids": list(ids), "missed": list(counts), "now": now})
    await connection.execute(
        _RECORD,
        {
            "ids": [uuid5(run.workflow_id, f"moment:{run.at.isoformat()}") for run in new],
            "workspaces": [run.workspace_id for run in new],
            "workflows": [run.workflow_id for run in new],
            "kinds": [run.kind for run in new],
            "segments": [run.segment_id for run in new],
            "reasons": [run.reason for run in new],
            "moments": [run.at for run in new],
            "missed": [run.count for run in new],
            "now": now,
        },
    )


def in_a_row(missed: Sequence[Missed]) -> list[Missed]:
    """Those that follow one another for the same reason as one; in the order of their workflows."""
    grouped = groupby(missed, key=lambda one: (one.workflow_id, one.reason))
    runs = [list(group) for _, group in grouped]
    return [replace(run[0], count=sum(one.count for one in run)) for run in runs]


def _reason(row: Row[Any]) -> str:
    if row.paused:
        return PAUSED
    return LATE if row.busy is None else f"the launch {row.busy} still ran"
