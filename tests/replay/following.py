"""What the corpus records of segments: a backfill, and a clock that sleeps, strikes and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowHandle

from engine.segments import create_segment
from tests.support.ingesting import send_calls
from tests.support.running import Engine
from tests.support.scenario import Scenario
from workflows.names import backfill_id, prefix_of, segment_clock_id

Execution = WorkflowHandle[Any, Any]


async def _make(scenario: Scenario, where: dict[str, Any]) -> str:
    async with scenario.database.transaction() as connection:
        record = await create_segment(
            connection, scenario.workspace_id, key="s", name="S", where=where,
            now=datetime.now(UTC),
        )  # fmt: skip
    return str(record.id)


async def backfill_completed(scenario: Scenario, engine: Engine) -> Execution:
    await scenario.contact()
    segment = await _make(scenario, {"field": "plan", "op": "exists"})
    await engine.dispatch()
    return engine.client.get_workflow_handle(backfill_id(prefix_of(engine.task_queue), segment))


async def clock_struck(scenario: Scenario, engine: Engine) -> Execution:
    """Somebody leaves a window; nothing else is to come."""
    await _make(scenario, {"event": "Seen", "within": "PT2S"})
    await engine.dispatch()
    name = segment_clock_id(prefix_of(engine.task_queue), str(scenario.workspace_id))
    execution = engine.client.get_workflow_handle(name)
    await _track(scenario, "ann")
    await engine.dispatch()
    async with asyncio.timeout(20):
        while "TIMER_STARTED" not in (await execution.fetch_history()).to_json():
            await asyncio.sleep(0.02)
    await engine.dispatch()
    return execution


async def _track(scenario: Scenario, user: str) -> None:
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "track", "userId": user, "event": "Seen"},
    )


FOLLOWING_SCENARIOS: dict[str, Callable[[Scenario, Engine], Awaitable[Execution]]] = {
    function.__name__: function for function in (backfill_completed, clock_struck)
}
