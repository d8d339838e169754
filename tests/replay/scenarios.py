"""What the replay corpus records: a small journey for each block kind and each way to end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from engine.pausing import pause_workflow, resume_workflow
from engine.promo_pools import create_pool, import_codes
from engine.rules import rules_changed
from engine.stopping import stop_journey
from engine.testing_workflows import TestLaunch, launch_test
from tests.support.ingesting import send_calls
from tests.support.outbox import Outbox
from tests.support.running import Engine
from tests.support.scenario import Scenario
from tests.support.waiting import segment

MESSAGE = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}
SECOND = {"id": "second", "kind": "timer", "wait": {"for": "PT1S"}}
DAY = {"id": "day", "kind": "timer", "wait": {"for": "P1D"}}


async def _begin(scenario: Scenario, engine: Engine, *blocks: dict[str, Any], **parts: Any) -> UUID:
    await scenario.template()
    await scenario.publish(blocks=list(blocks), **parts)
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    [journey] = await scenario.journeys()
    journey_id: UUID = journey.id
    return journey_id


async def _until(scenario: Scenario, condition: Callable[[Any], bool]) -> None:
    async with asyncio.timeout(20):
        while not all(condition(journey) for journey in await scenario.journeys()):
            await asyncio.sleep(0.02)


async def _stop(scenario: Scenario, engine: Engine, journey: UUID) -> None:
    async with scenario.database.transaction() as connection:
        await stop_journey(connection, scenario.workspace_id, journey, now=datetime.now(UTC))
    await engine.dispatch()


async def message(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await _begin(scenario, engine, MESSAGE)


async def message_refused_for_good(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    outbox.answer = lambda: "550 no such user"
    return await _begin(scenario, engine, {**MESSAGE, "else": "day"}, SECOND | {"id": "day"})


async def best_of(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    block = {"id": "best", "kind": "best_of", "channel": "email", "templates": ["hello"]}
    return await _begin(scenario, engine, block)


async def first_reachable(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    ways = [{"channel": "sms", "template": "hello"}, {"channel": "email", "template": "hello"}]
    return await _begin(
        scenario, engine, {"id": "first", "kind": "first_reachable", "channels": ways}
    )


async def timer(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await _begin(scenario, engine, SECOND)


async def condition(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await _begin(
        scenario,
        engine,
        {"id": "can", "kind": "condition", "if": {"reachable": "email"}, "then": "second"},
        SECOND,
    )


async def split(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    halves = [{"weight": 1, "next": "second"}, {"weight": 1, "next": "second"}]
    return await _begin(
        scenario, engine, {"id": "half", "kind": "split", "branches": halves}, SECOND
    )


async def wait_for(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    reply = {"id": "reply", "kind": "wait_for", "event": "Replied", "timeout": "P1D"}
    journey = await _begin(scenario, engine, {**reply, "then": "second"}, SECOND)
    await _until(scenario, lambda j: j.block == "reply")
    [row] = await scenario.journeys()
    await scenario.event(row.contact_id, "Replied")
    await engine.dispatch()
    return journey


async def wait_for_timeout(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    reply = {"id": "reply", "kind": "wait_for", "event": "Replied", "timeout": "PT1S"}
    return await _begin(scenario, engine, {**reply, "else": "second"}, SECOND)


async def emit(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    tell = {"id": "tell", "kind": "emit", "event": "Told", "next": "second"}
    return await _begin(scenario, engine, tell, SECOND)


async def exit_block(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await _begin(scenario, engine, {"id": "out", "kind": "exit", "reason": "enough"})


async def stop_while_asleep(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    journey = await _begin(scenario, engine, DAY)
    await _until(scenario, lambda j: j.block == "day")
    await _stop(scenario, engine, journey)
    return journey


async def stop_while_retrying(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    outbox.answer = lambda: "451 later"
    journey = await _begin(scenario, engine, MESSAGE)
    await outbox.arrived.wait()
    await _stop(scenario, engine, journey)
    return journey


async def paused_and_resumed(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    journey = await _begin(scenario, engine, {**SECOND, "next": "hello"}, MESSAGE)
    [workflow] = await scenario.rows("SELECT id FROM workflows WHERE workspace_id = :w")
    async with scenario.database.transaction() as connection:
        await pause_workflow(connection, scenario.workspace_id, workflow.id)
        await rules_changed(connection, scenario.workspace_id)
    await _until(scenario, lambda j: j.parked)
    async with scenario.database.transaction() as connection:
        await resume_workflow(
            connection, scenario.workspace_id, workflow.id, now=datetime.now(UTC), rate=100
        )
    await engine.dispatch()
    return journey


async def cancelled_in_temporal(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    journey = await _begin(scenario, engine, DAY)
    await _until(scenario, lambda j: j.block == "day")
    await engine.execution(journey).cancel()
    return journey


async def shows_exit(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await exit_block(scenario, engine, outbox)


async def shows_stop(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await stop_while_asleep(scenario, engine, outbox)


async def shows_stop_while_retrying(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await stop_while_retrying(scenario, engine, outbox)


async def shows_cancellation(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    return await cancelled_in_temporal(scenario, engine, outbox)


async def shows_error(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    """The row was changed by hand, so that the execution asks for a step that is not its own."""
    journey = await _begin(scenario, engine, SECOND | {"wait": {"for": "PT2S"}})
    await _until(scenario, lambda j: j.block == "second")
    await scenario.rows("UPDATE journeys SET step = 0 WHERE workspace_id = :w RETURNING id")
    return journey


async def update(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    change = {"id": "change", "kind": "update", "set": {"points": {"+": 1}}, "next": "second"}
    return await _begin(scenario, engine, change, SECOND)


async def promo(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    now = datetime.now(UTC)
    async with scenario.database.transaction() as connection:
        await create_pool(connection, scenario.workspace_id, key="spring", name="Spring", now=now)
        await import_codes(connection, scenario.workspace_id, "spring", ["A-1"], now=now)
    take = {"id": "take", "kind": "promo", "pool": "spring", "as": "code", "next": "hello"}
    return await _begin(scenario, engine, take, MESSAGE)


async def wait_for_segment(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    await segment(scenario, "gold", {"field": "plan", "op": "=", "value": "gold"})
    join = {"id": "join", "kind": "wait_for", "segment": "gold", "timeout": "P1D"}
    journey = await _begin(scenario, engine, {**join, "then": "second"}, SECOND)
    await _until(scenario, lambda j: j.block == "join")
    await _identify(scenario, plan="gold")
    await engine.dispatch()
    return journey


async def timer_moved(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    """Later first, then so early that the journey goes on."""
    hold = {"id": "hold", "kind": "timer", "wait": {"until": {"field": "visit_at"}}}
    await scenario.publish(blocks=[hold])
    now = datetime.now(UTC)
    in_days = [(now + timedelta(days=days)).isoformat() for days in (1, 2)]
    contact = await scenario.contact(fields={"visit_at": in_days[0]})
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    await _until(scenario, lambda j: j.block == "hold")
    await _identify(scenario, visit_at=in_days[1])
    await engine.dispatch()
    await _until(scenario, lambda j: j.due_at > now + timedelta(days=1, hours=1))
    await _identify(scenario, visit_at=None)
    await engine.dispatch()
    [journey] = await scenario.journeys()
    journey_id: UUID = journey.id
    return journey_id


async def test_launch_of_a_draft(scenario: Scenario, engine: Engine, outbox: Outbox) -> UUID:
    await scenario.template()
    await scenario.publish(blocks=[{**DAY, "next": "hello"}, MESSAGE])
    await scenario.contact()
    launch = TestLaunch(contact="ann", to="tester@example.com", longest_wait=1)
    async with scenario.database.transaction() as connection:
        journey = await launch_test(
            connection, scenario.workspace_id, "flow", launch, now=datetime.now(UTC)
        )
    await engine.dispatch()
    return journey


async def _identify(scenario: Scenario, **traits: Any) -> None:
    call = {"type": "identify", "userId": "ann", "traits": traits}
    await send_calls(scenario.database, scenario.workspace_id, call)


CANCELLED = {"cancelled_in_temporal", "shows_cancellation"}

SCENARIOS: dict[str, Callable[[Scenario, Engine, Outbox], Awaitable[UUID]]] = {
    function.__name__: function
    for function in (
        message,
        message_refused_for_good,
        timer,
        condition,
        split,
        wait_for,
        wait_for_timeout,
        emit,
        exit_block,
        stop_while_asleep,
        stop_while_retrying,
        paused_and_resumed,
        cancelled_in_temporal,
        shows_exit,
        shows_stop,
        shows_stop_while_retrying,
        shows_cancellation,
        shows_error,
        update,
        promo,
        wait_for_segment,
        timer_moved,
        test_launch_of_a_draft,
        best_of,
        first_reachable,
    )
}

BLOCK_KINDS = {
    "message": "message",
    "timer": "timer",
    "condition": "condition",
    "split": "split",
    "wait_for": "wait_for",
    "update": "update",
    "emit": "emit",
    "promo": "promo",
    "best_of": "best_of",
    "first_reachable": "first_reachable",
    "exit": "exit_block",
}
"""Which history stands for which block kind."""
