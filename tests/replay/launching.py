"""What the corpus records of mass launches: by hand, by a schedule, held, refused, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from temporalio.client import WorkflowHandle

from engine.launches.commands import wake_launches
from tests.support.launching import OUT, launch, people, static_list
from tests.support.running import Engine
from tests.support.scenario import Scenario
from workflows import names
from workflows.contracts import LaunchInput
from workflows.names import bulk_queue, prefix_of

Execution = WorkflowHandle[Any, Any]
START = {"kind": "segment", "segment": "list", "schedule": {"cron": "0 9 1 1 *"}}


async def _flow(scenario: Scenario, members: int) -> UUID:
    await static_list(scenario, await people(scenario, members))
    return await scenario.publish(start=START, blocks=OUT)


async def _by_hand(scenario: Scenario, engine: Engine, **wish: Any) -> tuple[UUID, Execution]:
    id_ = await launch(scenario, **wish)
    await engine.dispatch()
    name = names.launch_id(prefix_of(engine.task_queue), str(id_))
    return id_, engine.client.get_workflow_handle(name)


async def _by_schedule(engine: Engine, workflow: UUID) -> Execution:
    """As the schedule's action starts it."""
    prefix = prefix_of(engine.task_queue)
    return await engine.client.start_workflow(
        "SegmentLaunch",
        LaunchInput(workflow_id=str(workflow)),
        id=names.launch_id(prefix, f"{workflow}-2027-01-01T09:00:00Z"),
        task_queue=bulk_queue(prefix),
    )


async def _until_taken(scenario: Scenario, count: int) -> None:
    async with asyncio.timeout(20):
        while True:
            [row] = await scenario.rows("SELECT taken FROM launches WHERE workspace_id = :w")
            if row.taken >= count:
                return
            await asyncio.sleep(0.02)


async def launch_completed(scenario: Scenario, engine: Engine) -> Execution:
    await _flow(scenario, 3)
    return (await _by_hand(scenario, engine, rate=2))[1]


async def launch_scheduled(scenario: Scenario, engine: Engine) -> Execution:
    return await _by_schedule(engine, await _flow(scenario, 2))


async def launch_refused(scenario: Scenario, engine: Engine) -> Execution:
    workflow = await _flow(scenario, 2)
    await scenario.rows(
        "UPDATE workflows SET state = 'paused' WHERE workspace_id = :w RETURNING id"
    )
    return await _by_schedule(engine, workflow)


async def launch_woken(scenario: Scenario, engine: Engine) -> Execution:
    """It is held by a pause, and goes on when it is told to."""
    workflow = await _flow(scenario, 2)
    await scenario.rows(
        "UPDATE workflows SET state = 'paused' WHERE workspace_id = :w RETURNING id"
    )
    _, execution = await _by_hand(scenario, engine)
    async with asyncio.timeout(20):
        while "TIMER_STARTED" not in (await execution.fetch_history()).to_json():
            await asyncio.sleep(0.05)
    await scenario.rows(
        "UPDATE workflows SET state = 'active' WHERE workspace_id = :w RETURNING id"
    )
    async with scenario.database.transaction() as connection:
        await wake_launches(connection, workflow, now=datetime.now(UTC))
    await engine.dispatch()
    return execution


async def launch_cancelled_in_temporal(scenario: Scenario, engine: Engine) -> Execution:
    await _flow(scenario, 3)
    _, execution = await _by_hand(scenario, engine, spread="PT1H")
    await _until_taken(scenario, 1)
    await execution.cancel()
    return execution


LAUNCH_SCENARIOS: dict[str, Callable[[Scenario, Engine], Awaitable[Execution]]] = {
    function.__name__: function
    for function in (
        launch_completed,
        launch_scheduled,
        launch_refused,
        launch_woken,
        launch_cancelled_in_temporal,
    )
}
LAUNCH_CANCELLED = {"launch_cancelled_in_temporal"}
