"""The calls that decisions owe to Temporal: made after the commit, repeated until they succeed.

Each is harmless when made twice: a start carries the journey's id, a stop or wake-up of an
execution that is gone is nothing. A start whose journey has ended meanwhile is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workflows import names
from workflows.contracts import JourneyInput

EVENT_DRIVEN = 2
"""Temporal priority (1 is first, 3 the default): a welcome is not to wait behind a mass launch."""
AT_ONCE = 20
"""Calls in flight per lane."""


@dataclass(frozen=True)
class Call:
    """One call owed; the journey's columns are null when its row is gone."""

    seq: int
    kind: str
    journey_id: UUID
    state: str | None
    step: int | None
    workspace_id: UUID
    contact_id: UUID | None
    workflow_key: str | None


_OWED = text("""
    SELECT c.seq, c.kind, c.journey_id, j.state, j.step, c.workspace_id, j.contact_id,
           w.key AS workflow_key
    FROM commands c
    LEFT JOIN journeys j ON j.id = c.journey_id
    LEFT JOIN workflows w ON w.id = j.workflow_id
    WHERE c.lane = :lane AND c.due_at <= :now
    ORDER BY c.seq LIMIT :limit
""")

_MADE = text("""
    WITH made AS (DELETE FROM commands WHERE seq = ANY(:seqs))
    UPDATE journeys j SET run_id = r.run_id
    FROM unnest(CAST(:journeys AS uuid[]), CAST(:runs AS text[])) AS r(id, run_id)
    WHERE j.id = r.id
""")


async def owed_calls(
    connection: AsyncConnection, lane: int, *, now: datetime, limit: int = 500
) -> list[Call]:
    """The lane's calls that are due, oldest first."""
    rows = await connection.execute(_OWED, {"lane": lane, "now": now, "limit": limit})
    return [Call(*row) for row in rows.all()]


async def record_made(
    connection: AsyncConnection, calls: Sequence[Call], runs: dict[UUID, str]
) -> None:
    """Strike out the calls that were made, and remember the started runs."""
    await connection.execute(
        _MADE,
        {
            "seqs": [call.seq for call in calls],
            "journeys": list(runs),
            "runs": list(runs.values()),
        },
    )


class TemporalCalls:
    """Makes owed calls, stops and wake-ups before starts."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def make(self, calls: Sequence[Call]) -> tuple[list[Call], dict[UUID, str]]:
        """Make the calls; those that were made (or need not be) and the run ids of the starts.

        Raises the first error when none could be made: Temporal is away.
        """
        gate = asyncio.Semaphore(AT_ONCE)
        made: list[Call] = []
        runs: dict[UUID, str] = {}
        errors: list[BaseException] = []

        async def attempt(call: Call) -> None:
            async with gate:
                try:
                    run_id = await self._make_one(call)
                except (RPCError, OSError, RuntimeError, TimeoutError) as error:
                    errors.append(error)
                    return
            made.append(call)
            if run_id is not None:
                runs[call.journey_id] = run_id

        starts = [call for call in calls if call.kind in ("start", "restart")]
        others = [call for call in calls if call.kind not in ("start", "restart")]
        for batch in (others, starts):
            await asyncio.gather(*(attempt(call) for call in batch))
        if errors and not made:
            raise errors[0]
        return made, runs

    async def _make_one(self, call: Call) -> str | None:
        if call.kind in ("start", "restart"):
            return await self._start(call) if call.state == "running" else None
        try:
            await self._client.get_workflow_handle(str(call.journey_id)).signal(call.kind)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        return None

    async def _start(self, call: Call) -> str | None:
        journey = str(call.journey_id)
        again = call.kind == "restart"
        try:
            handle = await self._client.start_workflow(
                "ContactJourney",
                JourneyInput(journey, call.step or 0),
                id=journey,
                task_queue=self._task_queue,
                id_reuse_policy=(
                    WorkflowIDReusePolicy.ALLOW_DUPLICATE
                    if again
                    else WorkflowIDReusePolicy.REJECT_DUPLICATE
                ),
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=call.workflow_key,
                search_attributes=TypedSearchAttributes(
                    [
                        SearchAttributePair(names.WORKSPACE, str(call.workspace_id)),
                        SearchAttributePair(names.WORKFLOW, call.workflow_key or ""),
                        SearchAttributePair(names.CONTACT, str(call.contact_id)),
                    ]
                ),
                priority=Priority(priority_key=EVENT_DRIVEN, fairness_key=str(call.workspace_id)),
            )
        except WorkflowAlreadyStartedError:
            return None
        return handle.result_run_id
