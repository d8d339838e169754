"""Waiting for a segment, end to end: what ingestion commits is what ends the wait."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from engine.pausing import pause_workflow, resume_workflow
from engine.rules import rules_changed
from engine.segments import change_members
from tests.support.ingesting import send_calls
from tests.support.waiting import begin, segment, settle, sits_in

GOLD = {"field": "plan", "op": "=", "value": "gold"}
WAIT = {"id": "wait", "kind": "wait_for", "segment": "gold", "timeout": "P3D",
        "then": "yes", "else": "no"}  # fmt: skip
YES = {"id": "yes", "kind": "exit", "reason": "came in"}
NO = {"id": "no", "kind": "exit", "reason": "stayed out"}
OUT = {"id": "out", "kind": "exit", "reason": "went on"}


async def identify(scenario, **traits):
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "identify", "userId": "ann", "traits": traits},
    )


async def track(scenario, name, **properties):
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "track", "userId": "ann", "event": name, "properties": properties},
    )


async def ended(scenario, engine):
    [journey] = await settle(scenario, engine, 1)
    return journey.reason_detail


async def test_who_comes_in_by_a_call_from_outside_goes_on_at_once(scenario, engine):
    await segment(scenario, "gold", GOLD)
    await scenario.publish(blocks=[WAIT, YES, NO])
    journey = await begin(scenario, engine)
    await sits_in(scenario, "wait")
    await identify(scenario, plan="gold")
    assert await ended(scenario, engine) == "came in"
    assert await scenario.steps(journey.id) == [("wait", "entered"), ("yes", "exit")]


async def test_an_event_that_brings_the_contact_into_the_segment_ends_the_wait(scenario, engine):
    await segment(scenario, "gold", {"event": "Paid", "times": {"op": ">=", "value": 2}})
    await scenario.publish(blocks=[WAIT, YES, NO])
    await begin(scenario, engine)
    await sits_in(scenario, "wait")
    await track(scenario, "Paid")
    await engine.dispatch()
    journey = await sits_in(scenario, "wait")
    assert journey.step == 1, "one payment is not enough, and wakes nobody"
    await track(scenario, "Paid")
    assert await ended(scenario, engine) == "came in"


async def test_coming_onto_a_static_list_ends_the_wait(scenario, engine):
    await segment(scenario, "gold")
    await scenario.publish(blocks=[WAIT, YES, NO])
    await begin(scenario, engine)
    await sits_in(scenario, "wait")
    async with scenario.database.transaction() as connection:
        await change_members(
            connection, scenario.workspace_id, "gold", add=["ann"], remove=[],
            now=datetime.now(UTC),
        )  # fmt: skip
    assert await ended(scenario, engine) == "came in"


async def test_a_member_does_not_wait(scenario, engine):
    await segment(scenario, "gold", GOLD)
    await scenario.publish(blocks=[WAIT, YES, NO])
    await begin(scenario, engine, await scenario.contact(fields={"plan": "gold"}))
    assert await ended(scenario, engine) == "came in"


async def test_whoever_does_not_come_in_goes_on_after_the_timeout(scenario, skipping):
    await segment(scenario, "gold", GOLD)
    await scenario.publish(blocks=[WAIT, YES, NO])
    journey = await begin(scenario, skipping)
    await skipping.finish(journey.id)
    assert await ended(scenario, skipping) == "stayed out"


async def test_leaving_the_segment_wakes_nobody(scenario, engine):
    await segment(scenario, "tin", {"field": "plan", "op": "=", "value": "tin"})
    await segment(scenario, "gold", GOLD)
    await scenario.publish(blocks=[WAIT, YES, NO])
    contact = await scenario.contact(fields={"plan": "tin"})
    await begin(scenario, engine, contact)
    await sits_in(scenario, "wait")
    await identify(scenario, plan="silver")
    await engine.dispatch()
    assert (await sits_in(scenario, "wait")).step == 1


async def test_who_came_in_while_the_workflow_was_paused_and_left_again_is_not_missed(
    scenario, engine
):
    await segment(scenario, "gold", GOLD)
    second = {"id": "second", "kind": "timer", "wait": {"for": "PT1S"}, "next": "wait"}
    workflow = await scenario.publish(blocks=[second, WAIT, YES, NO])
    await begin(scenario, engine)
    await sits_in(scenario, "second")
    async with scenario.database.transaction() as connection:
        await pause_workflow(connection, scenario.workspace_id, workflow)
        await rules_changed(connection, scenario.workspace_id)
    async with asyncio.timeout(10):
        while not (await scenario.journeys())[0].parked:
            await asyncio.sleep(0.02)
    for plan in ("gold", "tin"):
        await identify(scenario, plan=plan)
        await engine.dispatch()
    async with scenario.database.transaction() as connection:
        await resume_workflow(
            connection, scenario.workspace_id, workflow, now=datetime.now(UTC), rate=100
        )
    assert await ended(scenario, engine) == "came in"


async def test_a_change_that_a_walk_under_way_did_not_see_wakes_the_journey(scenario, engine):
    await segment(scenario, "gold", GOLD)
    await scenario.publish(blocks=[WAIT, YES, NO])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    await identify(scenario, plan="gold")
    assert await ended(scenario, engine) == "came in"


async def test_a_segment_of_a_new_version_is_watched_for_the_journeys_of_the_old_one(
    scenario, engine
):
    await segment(scenario, "gold", GOLD)
    await scenario.publish(blocks=[WAIT, YES, NO])
    await begin(scenario, engine)
    await sits_in(scenario, "wait")
    await scenario.publish(blocks=[OUT])
    await identify(scenario, plan="gold")
    assert await ended(scenario, engine) == "came in"


async def test_an_event_between_the_start_and_the_membership_answers_the_wait_behind(
    scenario, engine
):
    """Passing at once is no wait: what came before it is still news to the next one."""
    await segment(scenario, "gold", GOLD)
    reply = {"id": "reply", "kind": "wait_for", "event": "Replied", "timeout": "P1D",
             "then": "out", "else": "no"}  # fmt: skip
    await scenario.publish(blocks=[{**WAIT, "then": "reply"}, reply, OUT, NO])
    contact = await scenario.contact(fields={"plan": "gold"})
    await scenario.event(contact, "Begun")
    await scenario.event(contact, "Replied")
    assert await ended(scenario, engine) == "went on"


async def test_one_stay_ends_one_wait_only(scenario, skipping):
    await segment(scenario, "gold")
    leave = {"id": "leave", "kind": "update", "remove_from": ["gold"], "next": "again"}
    await scenario.publish(
        blocks=[{**WAIT, "then": "leave"}, leave, {**WAIT, "id": "again"}, YES, NO]
    )
    journey = await begin(scenario, skipping)
    await sits_in(scenario, "wait")
    async with scenario.database.transaction() as connection:
        await change_members(
            connection, scenario.workspace_id, "gold", add=["ann"], remove=[],
            now=datetime.now(UTC),
        )  # fmt: skip
    await skipping.dispatch()
    await sits_in(scenario, "again")
    await skipping.dispatch()
    await skipping.finish(journey.id)
    assert await ended(scenario, skipping) == "stayed out"
