"""What the corpus records of the workflows on the queue for bulk work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy import text
from temporalio.client import WorkflowHandle

from tests.replay.following import FOLLOWING_SCENARIOS
from tests.replay.launching import LAUNCH_CANCELLED, LAUNCH_SCENARIOS
from tests.support.importing import upload
from tests.support.running import Engine
from tests.support.scenario import Scenario
from workflows.names import import_workflow_id, prefix_of

Execution = WorkflowHandle[Any, Any]


def import_execution(engine: Engine, import_id: UUID) -> Execution:
    """The Temporal execution of an import."""
    name = import_workflow_id(prefix_of(engine.task_queue), str(import_id))
    return engine.client.get_workflow_handle(name)


async def import_completed(scenario: Scenario, engine: Engine) -> Execution:
    content = "userId,n\n" + "".join(f"u{n},{n}\n" for n in range(10))
    import_id = await upload(scenario.database, scenario.workspace_id, content)
    await engine.dispatch()
    return import_execution(engine, import_id)


async def import_failed(scenario: Scenario, engine: Engine) -> Execution:
    """What it says about its columns was changed by hand, and makes no sense."""
    import_id = await upload(scenario.database, scenario.workspace_id, "userId\nu1\n")
    await scenario.rows(
        "UPDATE imports SET columns = '[{\"name\": 1}]' WHERE workspace_id = :w RETURNING id"
    )
    await engine.dispatch()
    return import_execution(engine, import_id)


async def import_cancelled_in_temporal(scenario: Scenario, engine: Engine) -> Execution:
    import_id = await upload(scenario.database, scenario.workspace_id, "userId\nu1\n")
    async with scenario.database.transaction() as connection:
        # the slice waits for this row
        await connection.execute(
            text("SELECT 1 FROM imports WHERE id = :i FOR UPDATE"), {"i": import_id}
        )
        await engine.dispatch()
        execution = import_execution(engine, import_id)
        async with asyncio.timeout(20):
            while not (await execution.describe()).raw_description.pending_activities:
                await asyncio.sleep(0.02)
        await execution.cancel()
        async with asyncio.timeout(20):
            while not await _cancellation_is_seen(execution):
                await asyncio.sleep(0.02)
    return execution


async def _cancellation_is_seen(execution: Execution) -> bool:
    pending = (await execution.describe()).raw_description.pending_activities
    return any(one.activity_type.name == "fail_import" for one in pending)


BULK_SCENARIOS: dict[str, Callable[[Scenario, Engine], Awaitable[Execution]]] = (
    {
        function.__name__: function
        for function in (import_completed, import_failed, import_cancelled_in_temporal)
    }
    | LAUNCH_SCENARIOS
    | FOLLOWING_SCENARIOS
)
BULK_CANCELLED = {"import_cancelled_in_temporal"} | LAUNCH_CANCELLED
