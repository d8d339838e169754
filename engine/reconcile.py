"""Makes journeys in PostgreSQL and executions in Temporal agree again after a crash or a restore.

Four things can be wrong, and each run looks at a bounded number of them:
1. a journey runs in PostgreSQL, is overdue, and has no open execution: it is started again from
   its step (an open one is woken, which is harmless);
2. a journey is parked although its workflow is not paused: it is woken;
3. an execution is open although its journey ended or was erased: it is stopped;
4. a segment clock is late, or a backfill is not done: it is woken, or started again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from engine.lanes import LANES, lane_of
from engine.membership.healing import heal_segments
from engine.pausing import WAKE_PARKED
from storage.database import Database
from storage.sql import statement
from workflows.contracts import ReconcileReport

OVERDUE = timedelta(minutes=2)
"""A journey this far past its due time (or this old without one) is looked at."""
AT_MOST = 500
AT_ONCE = 20
RELEASE_RATE = 50.0

_SUSPECTS = text("""
    SELECT id, workspace_id, contact_id, due_at IS NOT NULL AS waits FROM journeys j
    WHERE state = 'running' AND NOT parked
      AND (due_at < :before OR due_at IS NULL AND started_at < :before)
      AND NOT EXISTS (SELECT FROM commands c WHERE c.journey_id = j.id)
    ORDER BY id > :pivot DESC, id LIMIT :limit
""")

_OWE = statement("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT w, l, j, k, :now
    FROM unnest(
        CAST(:workspaces AS uuid[]), CAST(:lanes AS int[]), CAST(:journeys AS uuid[]),
        CAST(:kinds AS text[])
    ) AS c(w, l, j, k)
""")

_FORGOTTEN_PARKED = statement(
    WAKE_PARKED.format(
        which="""EXISTS (
            SELECT FROM workflows w JOIN workspaces s ON s.id = w.workspace_id
            WHERE w.id = j.workflow_id AND NOT s.paused
              AND (w.state <> 'paused' OR j.test_to IS NOT NULL)
        )"""
    )
)

_ENDED = text("""
    SELECT o.id, coalesce(j.reason_kind, 'erased') FROM unnest(CAST(:ids AS uuid[])) AS o(id)
    LEFT JOIN journeys j ON j.id = o.id
    WHERE j.id IS NULL OR j.state <> 'running'
""")


async def reconcile(
    database: Database,
    client: Client,
    *,
    task_queue: str,
    now: datetime,
    overdue: timedelta = OVERDUE,
) -> ReconcileReport:
    """One look; what it could not reach, the next run does."""
    async with database.transaction() as connection:
        suspects = (
            # a random pivot, so that many that are merely slow never hide the one that is stuck
            await connection.execute(
                _SUSPECTS, {"before": now - overdue, "limit": AT_MOST, "pivot": uuid4()}
            )
        ).all()
    open_ = await _have_open_execution(client, [row.id for row in suspects])
    # an open one without a due time is delivering: waking it would only lengthen its history
    nudges = [
        (row, "wake" if is_open else "restart")
        for row, is_open in zip(suspects, open_, strict=True)
        if row.waits or not is_open
    ]
    kinds = [kind for _, kind in nudges]
    async with database.transaction() as connection:
        await connection.execute(
            _OWE,
            {
                "workspaces": [row.workspace_id for row, _ in nudges],
                "lanes": [lane_of(row.contact_id) for row, _ in nudges],
                "journeys": [row.id for row, _ in nudges],
                "kinds": kinds,
                "now": now,
            },
        )
        parked = (
            await connection.execute(
                _FORGOTTEN_PARKED, {"now": now, "rate": RELEASE_RATE, "lanes": LANES}
            )
        ).rowcount
        segments = await heal_segments(connection, now=now)
    ended = await _stop_leftovers(database, client, task_queue, now - overdue)
    return ReconcileReport(
        looked_at=len(suspects),
        restarted=kinds.count("restart"),
        woken=kinds.count("wake") + max(parked, 0),
        ended=ended,
        segments=segments,
    )


async def _have_open_execution(client: Client, journeys: Sequence[UUID]) -> list[bool]:
    """For each journey, whether Temporal has an open execution of it."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def is_open(journey: UUID) -> bool:
        async with gate:
            try:
                found = await client.get_workflow_handle(str(journey)).describe()
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    return False
                raise
        return found.status == WorkflowExecutionStatus.RUNNING

    return list(await asyncio.gather(*(is_open(journey) for journey in journeys)))


async def _stop_leftovers(
    database: Database, client: Client, task_queue: str, before: datetime
) -> int:
    """Stop open executions whose journey ended or is gone; how many there were.

    Only those of this task queue: another installation may share the Temporal namespace. Where
    there are more than one look takes in, each look takes some whose ids begin alike, so that none
    is always beyond the end of the list.
    """
    query = (
        f"WorkflowType = 'ContactJourney' AND TaskQueue = '{task_queue}' "
        f"AND ExecutionStatus = 'Running' AND StartTime < '{before.isoformat()}'"
    )
    open_ = (await client.count_workflows(query)).count
    digits = 0
    while open_ > AT_MOST * 16**digits:
        digits += 1
    if digits:
        query += f" AND WorkflowId STARTS_WITH '{uuid4().hex[:digits]}'"
    ids = []
    async for execution in client.list_workflows(query, page_size=AT_MOST, limit=AT_MOST):
        try:
            ids.append(UUID(execution.id))
        except ValueError:
            continue
    if not ids:
        return 0
    async with database.transaction() as connection:
        leftovers = (await connection.execute(_ENDED, {"ids": ids})).all()
    gate = asyncio.Semaphore(AT_ONCE)

    async def stop(journey: UUID, reason: str) -> None:
        async with gate:
            try:
                await client.get_workflow_handle(str(journey)).signal("stop", reason)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise

    await asyncio.gather(*(stop(journey, reason) for journey, reason in leftovers))
    return len(leftovers)
