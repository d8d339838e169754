"""Why a journey ended is the same in PostgreSQL and, as `SojournReason`, in Temporal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import TypedSearchAttributes

from engine.contacts import erase_contact
from engine.reconcile import reconcile
from engine.stopping import stop_journey
from tests.support.running import Engine
from tests.support.scenario import Scenario
from workflows import names
from workflows.contracts import JourneyInput

DAY = {"id": "day", "kind": "timer", "wait": {"for": "P1D"}}
SECOND = {"id": "second", "kind": "timer", "wait": {"for": "PT1S"}}
OUT = {"id": "out", "kind": "exit", "reason": "enough"}


async def begin(scenario: Scenario, engine: Engine, *blocks: dict[str, Any], **parts: Any) -> UUID:
    await scenario.publish(blocks=list(blocks), **parts)
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    [journey] = await scenario.journeys()
    journey_id: UUID = journey.id
    return journey_id


async def asleep(scenario: Scenario, engine: Engine) -> UUID:
    journey = await begin(scenario, engine, DAY)
    async with asyncio.timeout(20):
        while (await scenario.journeys())[0].block != "day":
            await asyncio.sleep(0.02)
    return journey


async def closed(engine: Engine, journey: UUID) -> tuple[WorkflowExecutionStatus | None, Any]:
    """How the execution closed, and its `SojournReason`."""
    async with asyncio.timeout(30):
        while True:
            found = await engine.execution(journey).describe()
            if found.status != WorkflowExecutionStatus.RUNNING:
                return found.status, found.typed_search_attributes.get(names.REASON)
            await asyncio.sleep(0.02)


async def reason(scenario: Scenario) -> str | None:
    [journey] = await scenario.journeys()
    kind: str | None = journey.reason_kind
    return kind


COMPLETED, CANCELED = WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.CANCELED


@pytest.mark.parametrize(
    ("blocks", "expected"), [([SECOND], "completed"), ([OUT], "exit")], ids=["completed", "exit"]
)
async def test_an_end_by_itself_is_shown(scenario, engine, blocks, expected):
    journey = await begin(scenario, engine, *blocks)
    assert await closed(engine, journey) == (COMPLETED, expected)
    assert await reason(scenario) == expected


async def test_a_stop_by_an_event_is_shown(scenario, engine):
    journey = await asleep(scenario, engine)
    [row] = await scenario.journeys()
    await scenario.event(row.contact_id, "Done")
    await engine.dispatch()
    assert await closed(engine, journey) == (COMPLETED, "event")
    assert await reason(scenario) == "event"


async def test_a_stop_by_hand_is_shown(scenario, engine):
    journey = await asleep(scenario, engine)
    async with scenario.database.transaction() as connection:
        await stop_journey(connection, scenario.workspace_id, journey, now=datetime.now(UTC))
    await engine.dispatch()
    assert await closed(engine, journey) == (COMPLETED, "manual")


async def test_an_erasure_is_shown_though_no_row_is_left(scenario, engine):
    journey = await asleep(scenario, engine)
    async with scenario.database.transaction() as connection:
        await erase_contact(connection, scenario.workspace_id, "ann", now=datetime.now(UTC))
    await engine.dispatch()
    assert await scenario.journeys() == []
    assert await closed(engine, journey) == (COMPLETED, "erased")


async def test_a_cancellation_in_temporal_is_shown(scenario, engine):
    journey = await asleep(scenario, engine)
    await engine.execution(journey).cancel()
    assert await closed(engine, journey) == (CANCELED, "cancelled")
    assert await reason(scenario) == "cancelled"


async def test_a_cancellation_after_a_stop_shows_the_stop(scenario, engine):
    """The signal that tells of the stop has not been sent yet."""
    journey = await asleep(scenario, engine)
    async with scenario.database.transaction() as connection:
        await stop_journey(connection, scenario.workspace_id, journey, now=datetime.now(UTC))
    await engine.execution(journey).cancel()
    assert await closed(engine, journey) == (CANCELED, "manual")
    assert await reason(scenario) == "manual"


async def test_a_journey_that_ran_into_an_error_is_recorded_as_failed(scenario, engine):
    """A step that is not the row's is wrong for good: a row was changed by hand, or restored."""
    journey = await asleep(scenario, engine)
    await scenario.rows("UPDATE journeys SET step = 0 WHERE workspace_id = :w RETURNING id")
    await engine.execution(journey).signal("wake")
    assert await closed(engine, journey) == (COMPLETED, "error")
    [row] = await scenario.journeys()
    assert (row.state, row.reason_kind) == ("failed", "error")
    assert "is at step 0, not 1" in row.reason_detail


async def test_what_the_reconciler_stops_shows_why_its_journey_ended(scenario, engine):
    journey = await asleep(scenario, engine)
    await scenario.rows(
        "UPDATE journeys SET state = 'stopped', reason_kind = 'event', ended_at = now() "
        "WHERE workspace_id = :w RETURNING id"
    )
    async with asyncio.timeout(30):
        while (
            await reconcile(
                scenario.database, engine.client, task_queue=engine.task_queue,
                now=datetime.now(UTC) + timedelta(hours=1), overdue=timedelta(0),
            )
        ).ended == 0:  # fmt: skip
            await asyncio.sleep(0.05)  # Temporal lists an execution a moment after its start
    assert await closed(engine, journey) == (COMPLETED, "event")


async def test_an_execution_that_began_before_shows_no_reason(scenario, engine):
    journey = await asleep(scenario, engine)
    handle = engine.execution(journey)
    await handle.terminate()
    await engine.client.start_workflow(
        "ContactJourney", JourneyInput(str(journey), 1), id=str(journey),
        task_queue=engine.task_queue, search_attributes=TypedSearchAttributes.empty,
    )  # fmt: skip
    await handle.signal("stop")
    assert await closed(engine, journey) == (COMPLETED, None)


async def test_the_reason_survives_continuing_as_new(scenario, engine):
    """Each wake-up adds events; the test server suggests a new run after a hundred."""
    journey = await asleep(scenario, engine)
    handle = engine.execution(journey)
    first = (await handle.describe()).run_id
    async with asyncio.timeout(60):
        while (await handle.describe()).run_id == first:
            await handle.signal("wake")
    async with scenario.database.transaction() as connection:
        await stop_journey(connection, scenario.workspace_id, journey, now=datetime.now(UTC))
    await engine.dispatch()
    assert await closed(engine, journey) == (COMPLETED, "manual")


async def test_temporal_is_searched_by_the_reason(scenario, engine):
    journey = await begin(scenario, engine, OUT)
    await closed(engine, journey)
    query = f"SojournReason = 'exit' AND WorkflowId = '{journey}'"
    async with asyncio.timeout(30):
        while (await engine.client.count_workflows(query)).count == 0:
            await asyncio.sleep(0.05)
