"""Waiting for an event: what counts as the answer, and that none is missed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.lanes import lane_of
from engine.pausing import pause_workflow, resume_workflow
from engine.rules import rules_changed

YES = {"id": "yes", "kind": "exit", "reason": "answered"}
NO = {"id": "no", "kind": "exit", "reason": "silent"}
REPLY = {
    "id": "reply",
    "kind": "wait_for",
    "event": "Replied",
    "timeout": "P3D",
    "then": "yes",
    "else": "no",
}


async def begin(scenario, engine, **properties):
    contact = await scenario.contact()
    await scenario.event(contact, "Begun", properties)
    await engine.dispatch()
    [journey] = await scenario.journeys()
    return journey


async def sits_in(scenario, block, seconds=10):
    async with asyncio.timeout(seconds):
        while True:
            [journey] = await scenario.journeys()
            if journey.block == block:
                return journey
            await asyncio.sleep(0.02)


async def reason(scenario):
    [journey] = await scenario.until_ended()
    return journey.reason_detail


async def test_the_event_ends_the_wait_at_once(scenario, engine):
    await scenario.publish(blocks=[REPLY, YES, NO])
    journey = await begin(scenario, engine)
    await sits_in(scenario, "reply")
    await scenario.event(journey.contact_id, "Replied")
    await engine.dispatch()
    assert await reason(scenario) == "answered"
    assert await scenario.steps(journey.id) == [("reply", "event"), ("yes", "exit")]


async def test_without_it_the_journey_goes_on_after_the_timeout(scenario, skipping):
    await scenario.publish(blocks=[REPLY, YES, NO])
    journey = await begin(scenario, skipping)
    await skipping.finish(journey.id)
    assert await reason(scenario) == "silent"
    [first, _] = await scenario.rows(
        "SELECT * FROM journey_steps WHERE journey_id = :j ORDER BY visit", j=journey.id
    )
    assert first.outcome == "timeout"
    assert 2.9 < (first.left_at - first.entered_at).total_seconds() / 86400 < 3.1


async def test_only_an_event_that_fits_where_and_same_is_an_answer(scenario, engine):
    where = [{"param": "stars", "op": ">=", "value": 4}]
    await scenario.publish(blocks=[{**REPLY, "where": where, "same": ["plan"]}, YES, NO])
    journey = await begin(scenario, engine, plan="gold")
    await sits_in(scenario, "reply")
    for properties in ({"stars": 3, "plan": "gold"}, {"stars": 5, "plan": "tin"}, {"stars": 5}):
        await scenario.event(journey.contact_id, "Replied", properties)
    await engine.dispatch()
    assert await scenario.rows("SELECT 1 FROM commands WHERE workspace_id = :w") == []
    [journey] = await scenario.journeys()
    assert (journey.block, journey.step) == ("reply", 1), "nothing woke it"
    await scenario.event(journey.contact_id, "Replied", {"stars": 5, "plan": "gold"})
    await engine.dispatch()
    assert await reason(scenario) == "answered"


async def test_an_event_between_the_start_and_the_block_is_not_missed(scenario, skipping):
    await scenario.publish(blocks=[REPLY, YES, NO])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await scenario.event(contact, "Replied")
    await skipping.dispatch()
    [journey] = await scenario.journeys()
    await skipping.finish(journey.id)
    assert await reason(scenario) == "answered"


async def test_an_event_before_the_start_is_no_answer(scenario, skipping):
    await scenario.publish(blocks=[REPLY, YES, NO])
    contact = await scenario.contact()
    await scenario.event(contact, "Replied")
    await scenario.event(contact, "Begun")
    await skipping.dispatch()
    [journey] = await scenario.journeys()
    await skipping.finish(journey.id)
    assert await reason(scenario) == "silent"


async def test_the_starting_event_is_no_answer(scenario, skipping):
    await scenario.publish(
        start={"kind": "event", "event": "Begun", "overlap": "skip"},
        blocks=[{**REPLY, "event": "Begun"}, YES, NO],
    )
    journey = await begin(scenario, skipping)
    await skipping.finish(journey.id)
    assert await reason(scenario) == "silent"


async def test_an_event_while_the_workflow_is_paused_before_the_block_is_not_missed(
    scenario, engine
):
    second = {"id": "second", "kind": "timer", "wait": {"for": "PT1S"}, "next": "reply"}
    workflow = await scenario.publish(blocks=[second, REPLY, YES, NO])
    journey = await begin(scenario, engine)
    await sits_in(scenario, "second")
    async with scenario.database.transaction() as c:
        await pause_workflow(c, scenario.workspace_id, workflow)
        await rules_changed(c, scenario.workspace_id)
    async with asyncio.timeout(10):
        while not (await scenario.journeys())[0].parked:
            await asyncio.sleep(0.02)
    await scenario.event(journey.contact_id, "Replied")
    await engine.dispatch()
    async with scenario.database.transaction() as c:
        await resume_workflow(c, scenario.workspace_id, workflow, now=datetime.now(UTC), rate=100)
    await engine.dispatch()
    assert await reason(scenario) == "answered"


@pytest.mark.parametrize(("seconds_after", "answered"), [(1, True), (-1, False)])
async def test_what_comes_after_the_message_was_sent_is_an_answer(
    scenario, seconds_after, answered
):
    """The message was handed over, the contact reacted at once, and only then the walk goes on."""
    hello = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}
    await scenario.publish(blocks=[{**hello, "next": "reply"}, REPLY, YES, NO])
    contact = await scenario.contact()
    journey = await running_journey(scenario, contact, block="hello", visit=1, step=1)
    sent = datetime.now(UTC) - timedelta(seconds=60)
    async with scenario.database.transaction() as c:
        await c.execute(
            text("""
                INSERT INTO messages (id, workspace_id, journey_id, workflow_id, contact_id, block,
                                      visit, channel, template, state, created_at, sent_at)
                SELECT :id, workspace_id, id, workflow_id, contact_id, block, visit, 'email',
                       'hello', 'sent', :sent, :sent
                FROM journeys WHERE id = :id
            """),
            {"id": journey, "sent": sent},
        )
    event = await scenario.event(contact, "Replied")
    async with scenario.database.transaction() as c:
        await c.execute(text("DELETE FROM facts WHERE contact_id = :c"), {"c": contact})
        await c.execute(
            text("UPDATE events SET received_at = :at WHERE id = :id"),
            {"id": event, "at": sent + timedelta(seconds=seconds_after)},
        )
    async with scenario.database.transaction() as c:
        directive = await advance(c, AdvanceCall(journey, 1, datetime.now(UTC), "sent"), Versions())
    assert directive.kind == ("finish" if answered else "wait")


async def test_one_event_ends_one_wait_only(scenario, skipping):
    await scenario.publish(
        blocks=[{**REPLY, "id": "once", "then": "reply"}, REPLY, YES, NO]
    )  # fmt: skip
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await scenario.event(contact, "Replied")
    await skipping.dispatch()
    [journey] = await scenario.journeys()
    await skipping.finish(journey.id)
    assert await scenario.steps(journey.id) == [
        ("once", "event"),
        ("reply", "timeout"),
        ("no", "exit"),
    ]


@pytest.mark.parametrize("names", [("Replied", "Replied"), ("Replied", "Paid")])
async def test_two_events_that_arrive_in_one_batch_end_two_waits(scenario, skipping, names):
    first, second = names
    await scenario.publish(
        blocks=[{**REPLY, "id": "once", "event": first, "then": "reply"},
                {**REPLY, "event": second}, YES, NO]
    )  # fmt: skip
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    events = [await scenario.event(contact, name) for name in names]
    async with scenario.database.transaction() as c:
        await c.execute(
            text("UPDATE events SET received_at = now(), timestamp = now() WHERE id = ANY(:e)"),
            {"e": events},
        )
    await skipping.dispatch()
    [journey] = await scenario.journeys()
    await skipping.finish(journey.id)
    assert await reason(scenario) == "answered"


async def test_a_loop_through_a_wait_takes_each_event_once(scenario, skipping):
    await scenario.publish(blocks=[{**REPLY, "then": "reply"}, NO])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    for _ in range(3):
        await scenario.event(contact, "Replied")
    await skipping.dispatch()
    [journey] = await scenario.journeys()
    await skipping.finish(journey.id)
    outcomes = [outcome for _, outcome in await scenario.steps(journey.id)]
    assert outcomes == ["event", "event", "event", "timeout", "exit"]


async def test_an_event_that_a_walk_under_way_did_not_see_wakes_the_journey(
    scenario, engine, database
):
    """The walk looks, the event is committed, its fact decided on, and only then the walk ends."""
    await scenario.publish(blocks=[REPLY, YES, NO])
    contact = await scenario.contact()
    journey = await running_journey(scenario, contact)
    async with database.transaction() as walking:
        call = AdvanceCall(journey, 0, datetime.now(UTC))
        directive = await advance(walking, call, Versions())
        assert (directive.kind, directive.block) == ("wait", "reply")
        await arrives(scenario, contact)
        deciding = asyncio.create_task(engine.dispatch())
        await asyncio.sleep(0.5)
    await deciding
    assert await reason(scenario) == "answered"


async def running_journey(scenario, contact, *, block=None, visit=0, step=0):
    journey = uuid4()
    async with scenario.database.transaction() as c:
        await c.execute(
            text("""
                INSERT INTO journeys (id, workspace_id, workflow_id, version_id, contact_id, params,
                    key_hash, exclusive, state, block, visit, step, parked, depth, started_at)
                SELECT :id, workspace_id, workflow_id, id, :contact, '{}', :id, true, 'running',
                       :block, :visit, :step, false, 0, now()
                FROM workflow_versions WHERE workspace_id = :w
            """),
            {"id": journey, "contact": contact, "w": scenario.workspace_id, "block": block,
             "visit": visit, "step": step},
        )  # fmt: skip
    return journey


async def arrives(scenario, contact):
    """As ingestion does it: the contact is locked, but not against being referred to."""
    event = uuid4()
    async with scenario.database.transaction() as c:
        await c.execute(
            text("SELECT FROM contacts WHERE id = :c FOR NO KEY UPDATE"), {"c": contact}
        )
        await c.execute(
            text("""
                INSERT INTO events (id, workspace_id, contact_id, kind, name, properties,
                                    message_id, timestamp, depth)
                VALUES (:id, :w, :c, 'track', 'Replied', '{}', 'm', now(), 0)
            """),
            {"id": event, "w": scenario.workspace_id, "c": contact},
        )
        await c.execute(
            text("""
                INSERT INTO facts (workspace_id, lane, contact_id, kind, ref)
                SELECT :w, :lane, :c, 'event', :id FROM interests
                WHERE workspace_id = :w AND kind = 'event' AND name = 'Replied'
            """),
            {"w": scenario.workspace_id, "lane": lane_of(contact), "c": contact, "id": event},
        )
