"""Waiting for what becomes of a message: at once when it does, and never missed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from engine.tracking.states import Told, tell
from tests.support.waiting import begin, settle, sits_in

HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello", "next": "wait"}
YES = {"id": "yes", "kind": "exit", "reason": "saw it"}
NO = {"id": "no", "kind": "exit", "reason": "never saw it"}


def wait_for(**message):
    return {"id": "wait", "kind": "wait_for", "message": {"block": "hello", **message},
            "timeout": "P3D", "then": "yes", "else": "no"}  # fmt: skip


async def the_message(scenario):
    async with asyncio.timeout(15):
        while True:
            rows = await scenario.rows(
                "SELECT id FROM messages WHERE workspace_id = :w AND sent_at IS NOT NULL"
                " ORDER BY visit DESC LIMIT 1"
            )
            if rows:
                return rows[0].id
            await asyncio.sleep(0.02)


async def told(scenario, message_id, sign, **more):
    async with scenario.database.transaction() as connection:
        [known] = await tell(
            connection, scenario.workspace_id, [Told(message_id, sign, datetime.now(UTC), **more)]
        )
    return known.facts


async def waiting_journey(scenario, engine, block):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, block, YES, NO])
    journey = await begin(scenario, engine)
    await sits_in(scenario, "wait")
    return journey, await the_message(scenario)


async def ended(scenario, engine):
    [journey] = await settle(scenario, engine, 1)
    return journey.reason_detail


@pytest.mark.parametrize(
    ("wanted", "sign"),
    [("delivered", "delivered"), ("opened", "opened"), ("opened", "clicked"),
     ("clicked", "clicked"), ("delivered", "opened")],
)  # fmt: skip
async def test_the_state_or_a_later_one_ends_the_wait_at_once(scenario, engine, wanted, sign):
    journey, message = await waiting_journey(scenario, engine, wait_for(state=wanted))
    assert await told(scenario, message, sign) >= 1
    assert await ended(scenario, engine) == "saw it"
    assert ("wait", wanted) in await scenario.steps(journey.id)


async def test_an_earlier_state_wakes_nobody(scenario, engine):
    _, message = await waiting_journey(scenario, engine, wait_for(state="clicked"))
    assert await told(scenario, message, "delivered") == 0
    assert await told(scenario, message, "opened") == 0
    assert (await sits_in(scenario, "wait")).state == "running"


async def test_what_became_of_the_message_before_the_wait_is_not_missed(scenario, engine):
    pause = {"id": "pause", "kind": "timer", "wait": {"for": "PT1S"}, "next": "wait"}
    await scenario.template()
    hello = {**HELLO, "next": "pause"}
    await scenario.publish(blocks=[hello, pause, wait_for(state="opened"), YES, NO])
    await begin(scenario, engine)
    await told(scenario, await the_message(scenario), "opened")
    assert await ended(scenario, engine) == "saw it"


async def test_only_the_link_that_is_named_counts(scenario, engine):
    wanted = wait_for(state="clicked", link="https://shop.example/sale")
    _, message = await waiting_journey(scenario, engine, wanted)
    await told(scenario, message, "clicked", link="https://shop.example/")
    await engine.dispatch()
    await sits_in(scenario, "wait")
    assert await told(scenario, message, "clicked", link="https://shop.example/sale") == 1
    assert await ended(scenario, engine) == "saw it"


async def test_a_machine_ends_no_wait(scenario, engine):
    _, message = await waiting_journey(scenario, engine, wait_for(state="opened"))
    assert await told(scenario, message, "opened", machine="apple_proxy") == 0
    assert (await sits_in(scenario, "wait")).state == "running"


async def test_whoever_does_not_open_it_goes_on_after_the_timeout(scenario, skipping):
    journey, _ = await waiting_journey(scenario, skipping, wait_for(state="opened"))
    await skipping.finish(journey.id)
    assert await ended(scenario, skipping) == "never saw it"


async def test_where_nobody_waits_for_it_a_state_is_no_fact(scenario, engine):
    await scenario.template()
    hour = {"id": "wait", "kind": "timer", "wait": {"for": "PT1H"}}
    await scenario.publish(blocks=[HELLO, hour])
    await begin(scenario, engine)
    await sits_in(scenario, "wait")
    assert await told(scenario, await the_message(scenario), "clicked") == 0
    assert not await scenario.rows("SELECT 1 FROM facts WHERE workspace_id = :w")


async def test_another_workflow_that_waits_makes_no_facts_of_this_ones_messages(scenario, engine):
    await scenario.template()
    started = {"start": {"kind": "event", "event": "Never"}}
    await scenario.publish("other", blocks=[HELLO, wait_for(state="opened"), YES, NO], **started)
    hour = {"id": "wait", "kind": "timer", "wait": {"for": "PT1H"}}
    await scenario.publish(blocks=[HELLO, hour])
    await begin(scenario, engine)
    await sits_in(scenario, "wait")
    assert await told(scenario, await the_message(scenario), "opened") == 0


async def test_the_journeys_of_an_older_version_are_woken_too(scenario, engine):
    _, message = await waiting_journey(scenario, engine, wait_for(state="opened"))
    await scenario.publish(blocks=[HELLO, {**wait_for(state="clicked")}, YES, NO])
    assert await told(scenario, message, "opened") == 1
    assert await ended(scenario, engine) == "saw it"


async def test_a_wake_up_and_an_open_in_any_order_end_the_wait(scenario, engine):
    """An open that is committed while the journey walks into its wait is not overlooked."""
    await scenario.template()
    await scenario.publish(blocks=[HELLO, wait_for(state="opened"), YES, NO])
    contacts = [await scenario.contact(f"user-{number}") for number in range(12)]
    for contact in contacts:
        await scenario.event(contact, "Begun")
    await engine.dispatch()
    seen: set[object] = set()
    async with asyncio.timeout(30):
        while len(seen) < len(contacts):
            async with scenario.database.transaction() as connection:
                rows = await connection.execute(
                    text("SELECT id FROM messages WHERE workspace_id = :w"),
                    {"w": scenario.workspace_id},
                )
                fresh = set(rows.scalars()) - seen
            for message in fresh:
                await told(scenario, message, "opened")
            seen |= fresh
            await engine.dispatch()
    journeys = await settle(scenario, engine, len(contacts))
    assert {journey.reason_detail for journey in journeys} == {"saw it"}
