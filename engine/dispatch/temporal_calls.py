"""The calls that decisions owe to Temporal: made after the commit, repeated until they succeed.

Each is harmless when made twice: a start carries the journey's id, a stop of an execution that is
gone is nothing, and a wake-up of one that is gone starts it again from its step. A start whose
journey has ended meanwhile is dropped. A call that Temporal refuses for what it says, not for being
away, is put off, so that it holds up nobody else's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
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

from engine.dispatch.system_calls import ABOUT_SQL, SYSTEM_CALLS, SystemCall
from workflows import names
from workflows.contracts import FEATURES, JourneyInput
from workflows.names import prefix_of

EVENT_DRIVEN = 2
"""Temporal priority (1 is first, 3 the default): a welcome is not to wait behind a mass launch."""
MASS = 4
"""The same for the journeys of a launch."""
AT_ONCE = 20
"""Calls in flight per lane."""
JOURNEY_CALLS = frozenset({"start", "restart", "stop", "wake"})
PUT_OFF = timedelta(seconds=10)
"""How long a refused call waits for its next try."""
_REFUSALS = frozenset(
    {
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.OUT_OF_RANGE,
    }
)
"""Answers to what a call says; all others are about the server."""


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
    reason: str | None
    """Why the journey ended, if it has."""
    launch_id: UUID | None
    about: dict[str, Any] | None
    """For the calls of `engine.dispatch.system_calls`."""


@dataclass
class Calls:
    """What became of calls: made (or no longer needed), refused with the reason, and the rest.

    The rest met nobody: they are due still.
    """

    made: list[Call] = field(default_factory=list)
    runs: dict[UUID, str] = field(default_factory=dict)
    """Run ids of the starts."""
    refused: list[tuple[Call, str]] = field(default_factory=list)


_OWED = text(f"""
    SELECT c.seq, c.kind, c.journey_id, j.state, j.step, c.workspace_id, j.contact_id,
           w.key AS workflow_key, j.reason_kind AS reason, j.launch_id,
           {ABOUT_SQL} AS about
    FROM commands c
    LEFT JOIN journeys j ON j.id = c.journey_id
    LEFT JOIN workflows w ON w.id = j.workflow_id
    WHERE c.lane = :lane AND c.due_at <= :now
    ORDER BY c.seq LIMIT :limit
""")  # noqa: S608  (a fixed expression)

_MADE = text("""
    WITH started AS MATERIALIZED (
        SELECT j.id, r.run_id
        FROM unnest(CAST(:journeys AS uuid[]), CAST(:runs AS text[])) AS r(id, run_id)
        JOIN journeys j ON j.id = r.id
        ORDER BY j.id FOR NO KEY UPDATE OF j
    ), made AS (
        DELETE FROM commands WHERE seq = ANY(:seqs) AND (SELECT count(*) FROM started) >= 0
    )
    UPDATE journeys j SET run_id = s.run_id FROM started s WHERE j.id = s.id
""")
"""Journeys before what is owed for them, as by who merges or erases their contact."""

_PUT_OFF = text("UPDATE commands SET due_at = :later WHERE seq = ANY(:seqs)")


async def owed_calls(
    connection: AsyncConnection, lane: int, *, now: datetime, limit: int = 500
) -> list[Call]:
    """The lane's calls that are due, oldest first."""
    rows = await connection.execute(_OWED, {"lane": lane, "now": now, "limit": limit})
    return [Call(*row) for row in rows.all()]


async def record_made(connection: AsyncConnection, calls: Calls, *, now: datetime) -> None:
    """Strike out the calls that were made, remember the started runs, put off the refused ones."""
    await connection.execute(
        _MADE,
        {
            "seqs": [call.seq for call in calls.made],
            "journeys": list(calls.runs),
            "runs": list(calls.runs.values()),
        },
    )
    if calls.refused:
        await connection.execute(
            _PUT_OFF, {"seqs": [call.seq for call, _ in calls.refused], "later": now + PUT_OFF}
        )


class TemporalCalls:
    """Makes owed calls, stops and wake-ups before starts."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def make(self, calls: Sequence[Call]) -> Calls:
        """Make the calls; raises the first error when nobody answered any: Temporal is away."""
        gate = asyncio.Semaphore(AT_ONCE)
        result = Calls()
        errors: list[BaseException] = []

        async def attempt(call: Call) -> None:
            async with gate:
                try:
                    run_id = await self._make_one(call)
                except (RPCError, OSError, RuntimeError, TimeoutError) as error:
                    if isinstance(error, RPCError) and error.status in _REFUSALS:
                        result.refused.append((call, str(error)))
                    else:
                        errors.append(error)
                    return
                except Exception as error:  # noqa: BLE001  (it must not hold up its lane's others)
                    result.refused.append((call, f"{type(error).__name__}: {error}"))
                    return
            result.made.append(call)
            if run_id is not None:
                result.runs[call.journey_id] = run_id

        starts = [call for call in calls if call.kind in ("start", "restart")]
        others = [call for call in calls if call.kind not in ("start", "restart")]
        for batch in (others, starts):
            await asyncio.gather(*(attempt(call) for call in batch))
        if errors and not result.made and not result.refused:
            raise errors[0]
        return result

    async def _make_one(self, call: Call) -> str | None:
        if call.kind in SYSTEM_CALLS:
            prefix = prefix_of(self._task_queue)
            about = SystemCall(call.journey_id, call.workspace_id, prefix, call.about)
            await SYSTEM_CALLS[call.kind](self._client, about)
            return None
        if call.kind not in JOURNEY_CALLS:
            raise ValueError(f"this release does not know the call {call.kind!r}")
        running = call.state == "running"
        if call.kind in ("start", "restart"):
            return await self._start(call) if running else None
        try:
            # no row: its contact was erased
            says = [call.reason or "erased"] if call.kind == "stop" else []
            await self._client.get_workflow_handle(str(call.journey_id)).signal(
                call.kind, args=says
            )
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            if running and call.kind == "wake":
                return await self._start(call)
        return None

    async def _start(self, call: Call) -> str | None:
        journey = str(call.journey_id)
        again = call.kind != "start"
        try:
            handle = await self._client.start_workflow(
                "ContactJourney",
                JourneyInput(journey, call.step or 0, features=FEATURES),
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
                priority=Priority(
                    priority_key=MASS if call.launch_id else EVENT_DRIVEN,
                    fairness_key=str(call.workspace_id),
                ),
            )
        except WorkflowAlreadyStartedError:
            return None
        return handle.result_run_id
