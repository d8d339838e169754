"""Makes journeys in PostgreSQL and executions in Temporal agree again after a crash or a restore.

Four things can be wrong:
1. a journey runs in PostgreSQL, is overdue, and has no open execution: it is started again from
   its step (an open one is woken, which is harmless);
2. a journey is parked although its workflow is not paused: it is woken;
3. an execution is open although its journey ended or was erased: it is stopped;
4. a segment clock is late, or a backfill is not done: it is woken, or started again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Row, text
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
PAGE = 500
AT_ONCE = 20
LEFTOVERS = 5_000
"""Open executions that one look compares with their journeys, at most."""
RELEASE_RATE = 50.0
NOBODY, EVERYBODY = UUID(int=0), UUID(int=2**128 - 1)
log = structlog.get_logger(__name__)

_SUSPECTS = text("""
    SELECT id, workspace_id, contact_id, due_at IS NOT NULL AS waits FROM journeys j
    WHERE state = 'running' AND NOT parked
      AND (due_at < :before OR due_at IS NULL AND started_at < :before)
      AND NOT EXISTS (SELECT FROM commands c WHERE c.journey_id = j.id)
      AND id > :after AND id <= :to
    ORDER BY id LIMIT :limit
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


@dataclass
class _Tally:
    """What a look has done so far."""

    looked_at: int = 0
    restarted: int = 0
    woken: int = 0
    ended: int = 0
    failed: int = 0


async def reconcile(
    database: Database,
    client: Client,
    *,
    task_queue: str,
    now: datetime,
    overdue: timedelta = OVERDUE,
    page: int = PAGE,
) -> ReconcileReport:
    """One look; what it could not reach, the next one does."""
    tally = _Tally()
    async with database.transaction() as connection:
        parked = (
            await connection.execute(
                _FORGOTTEN_PARKED, {"now": now, "rate": RELEASE_RATE, "lanes": LANES}
            )
        ).rowcount
        segments = await heal_segments(connection, now=now)
    async for suspects in _pages(database, now - overdue, page):
        if not await _mend(database, client, suspects, tally, now=now):
            break
    try:
        await _stop_leftovers(database, client, task_queue, now - overdue, tally)
    except RPCError as error:
        tally.failed += 1
        log.warning("reconcile.leftovers_not_listed", error=str(error))
    return ReconcileReport(
        looked_at=tally.looked_at,
        restarted=tally.restarted,
        woken=tally.woken + max(parked, 0),
        ended=tally.ended,
        segments=segments,
        failed=tally.failed,
    )


async def _pages(
    database: Database, before: datetime, size: int
) -> AsyncIterator[Sequence[Row[Any]]]:
    """The overdue journeys, each once.

    From a random one on and round, so that many that are merely slow never hide the one that is
    stuck.
    """
    pivot = uuid4()
    for after, to in ((pivot, EVERYBODY), (NOBODY, pivot)):
        full = True
        while full:
            async with database.transaction() as connection:
                found = (
                    await connection.execute(
                        _SUSPECTS, {"before": before, "after": after, "to": to, "limit": size}
                    )
                ).all()
            full = len(found) == size
            if found:
                after = found[-1].id  # noqa: PLW2901  (the next page begins behind it)
                yield found


async def _mend(
    database: Database,
    client: Client,
    suspects: Sequence[Row[Any]],
    tally: _Tally,
    *,
    now: datetime,
) -> bool:
    """Start or wake these, where they need it; whether it is worth looking at more of them.

    It is while journeys are found that lost their execution. A page of those that are merely slow
    says that the workers are behind: to ask about all of them would only keep them longer.
    """
    open_ = await _have_open_execution(client, [row.id for row in suspects])
    # an open one without a due time is delivering: waking it would only lengthen its history
    nudges = [
        (row, "wake" if is_open else "restart")
        for row, is_open in zip(suspects, open_, strict=True)
        if is_open is not None and (row.waits or not is_open)
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
    tally.looked_at += len(suspects)
    tally.restarted += kinds.count("restart")
    tally.woken += kinds.count("wake")
    tally.failed += open_.count(None)
    return "restart" in kinds


async def _have_open_execution(client: Client, journeys: Sequence[UUID]) -> list[bool | None]:
    """For each journey, whether Temporal has an open execution of it; None if it does not say."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def is_open(journey: UUID) -> bool | None:
        async with gate:
            try:
                found = await client.get_workflow_handle(str(journey)).describe()
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    return False
                log.warning("reconcile.not_described", journey=str(journey), error=str(error))
                return None
        return found.status == WorkflowExecutionStatus.RUNNING

    return list(await asyncio.gather(*(is_open(journey) for journey in journeys)))


async def _stop_leftovers(
    database: Database, client: Client, task_queue: str, before: datetime, tally: _Tally
) -> None:
    """Stop open executions whose journey ended or is gone.

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
    while open_ > LEFTOVERS * 16**digits:
        digits += 1
    if digits:
        query += f" AND WorkflowId STARTS_WITH '{uuid4().hex[:digits]}'"
    ids = []
    async for execution in client.list_workflows(query, page_size=PAGE, limit=LEFTOVERS):
        try:
            ids.append(UUID(execution.id))
        except ValueError:
            continue
    if not ids:
        return
    async with database.transaction() as connection:
        leftovers = (await connection.execute(_ENDED, {"ids": ids})).all()
    gate = asyncio.Semaphore(AT_ONCE)

    async def stop(journey: UUID, reason: str) -> bool:
        async with gate:
            try:
                await client.get_workflow_handle(str(journey)).signal("stop", reason)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    log.warning("reconcile.not_stopped", journey=str(journey), error=str(error))
                    return False
        return True

    stopped = await asyncio.gather(*(stop(journey, reason) for journey, reason in leftovers))
    tally.ended += sum(stopped)
    tally.failed += len(stopped) - sum(stopped)
