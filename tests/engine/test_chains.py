"""Workflows that push a contact to and fro come to rest, whatever carries the push."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.segments import change_members
from tests.support.ingesting import send_calls
from tests.support.segments import Segments, entry
from tests.support.waiting import begin, segment, settle

SIDES = ("a", "b")
ALL_DEPTHS = list(range(11))
"""Of the journeys that a chain is made of: 0 from outside, and ten that blocks led to."""


async def make(scenario, kind):
    """The segments `a` and `b`, and for each what an update block does to push a contact there."""
    if kind == "lists":
        for key in SIDES:
            await segment(scenario, key)
        return {
            here: {"add_to": [here], "remove_from": [there]}
            for here, there in (SIDES, reversed(SIDES))
        }
    for key in SIDES:
        await segment(scenario, key, {"field": "side", "op": "=", "value": key})
    return {key: {"set": {"side": key}} for key in SIDES}


async def push(scenario, kind):
    """The contact comes into `a` from outside."""
    if kind == "lists":
        async with scenario.database.transaction() as connection:
            now = datetime.now(UTC)
            await change_members(
                connection, scenario.workspace_id, "a", add=["ann"], remove=[], now=now
            )
    else:
        call = {"type": "identify", "userId": "ann", "traits": {"side": "a"}}
        await send_calls(scenario.database, scenario.workspace_id, call)


async def refusals(scenario):
    return await scenario.rows(
        "SELECT d.outcome, d.detail, w.key FROM entry_decisions d "
        "JOIN workflows w ON w.id = d.workflow_id "
        "WHERE d.workspace_id = :w AND d.journey_id IS NULL"
    )


async def depths(scenario):
    return sorted(journey.depth for journey in await scenario.journeys())


@pytest.mark.parametrize("kind", ["lists", "fields"])
async def test_workflows_that_start_each_other_through_segments_come_to_rest(
    scenario, engine, kind
):
    pushes = await make(scenario, kind)
    await scenario.contact()
    for here, there in (SIDES, reversed(SIDES)):
        blocks = [{"id": "push", "kind": "update", **pushes[there]}]
        await scenario.publish(here, start=entry(here), blocks=blocks)
    await push(scenario, kind)
    journeys = await settle(scenario, engine, 11)
    assert await depths(scenario) == ALL_DEPTHS
    assert {o for j in journeys for _, o in await scenario.steps(j.id)} == {"updated"}
    [refused] = await refusals(scenario)
    assert (refused.outcome, refused.key) == ("too_deep", "b")
    assert refused.detail == "11 emit and update blocks led to it, 10 may"


@pytest.mark.parametrize("kind", ["lists", "fields"])
async def test_journeys_that_wait_for_each_other_through_segments_come_to_rest(scenario, kind):
    """A day between two rounds, and no Temporal: each walk is made by hand."""
    pushes = await make(scenario, kind)
    for here, there in (SIDES, reversed(SIDES)):
        wait = {"id": "wait", "kind": "wait_for", "segment": here, "timeout": "P9D"}
        day = {"id": "day", "kind": "timer", "wait": {"for": "P1D"}}
        blocks = [
            {**wait, "then": "push"},
            {"id": "push", "kind": "update", **pushes[there], "next": "day"},
            {**day, "next": "wait"},
        ]
        await scenario.publish(here, blocks=blocks)
    await scenario.event(await scenario.contact(), "Begun")
    segments, versions, now = Segments(scenario), Versions(), datetime.now(UTC)
    await segments.settle(now=now)

    async def walk():
        for journey in await scenario.journeys():
            async with scenario.database.transaction() as connection:
                await advance(connection, AdvanceCall(journey.id, journey.step, now), versions)
            await segments.settle(now=now)

    await walk()
    await push(scenario, kind)
    await segments.settle(now=now)
    for _ in range(10):
        now += timedelta(days=2)
        await walk()
    steps = [step for j in await scenario.journeys() for step in await scenario.steps(j.id)]
    pushed = [outcome for block, outcome in steps if block == "push"]
    assert pushed.count("updated") == 11
    assert pushed.count("refused: too deep") > 0


async def test_events_and_lists_that_lead_to_one_another_come_to_rest(scenario, engine):
    await segment(scenario, "heard")
    await scenario.contact()
    listing = {"id": "put", "kind": "update", "add_to": ["heard"]}
    await scenario.publish("one", start={"kind": "event", "event": "Ping"}, blocks=[listing])
    await scenario.publish(
        "two",
        start=entry("heard"),
        blocks=[
            {"id": "take", "kind": "update", "remove_from": ["heard"], "next": "tell"},
            {"id": "tell", "kind": "emit", "event": "Ping"},
        ],
    )
    call = {"type": "track", "userId": "ann", "event": "Ping"}
    await send_calls(scenario.database, scenario.workspace_id, call)
    await settle(scenario, engine, 11)
    assert await depths(scenario) == ALL_DEPTHS
    assert [(r.outcome, r.key) for r in await refusals(scenario)] == [("too_deep", "two")]


async def test_a_chain_of_a_list_an_event_and_a_field_goes_through(scenario, engine):
    await segment(scenario, "vip")
    await segment(scenario, "gold", {"field": "plan", "op": "=", "value": "gold"})
    chain = {
        "first": (
            {"kind": "event", "event": "Begun"},
            {"kind": "update", "add_to": ["vip"]},
        ),
        "second": (entry("vip"), {"kind": "emit", "event": "Told"}),
        "third": (
            {"kind": "event", "event": "Told"},
            {"kind": "update", "set": {"plan": "gold"}},
        ),
        "last": (entry("gold"), {"kind": "exit"}),
    }
    for key, (start, block) in chain.items():
        await scenario.publish(key, start=start, blocks=[{"id": "do", **block}])
    await scenario.event(await scenario.contact(), "Begun")
    await settle(scenario, engine, 4)
    assert await depths(scenario) == [0, 1, 2, 3]
    assert await refusals(scenario) == []


async def test_what_led_to_a_membership_before_the_journey_began_is_no_part_of_its_chain(
    scenario, engine
):
    await segment(scenario, "vip")
    contact = await scenario.contact()
    await scenario.rows(
        "INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at, depth) "
        "SELECT :w, id, :c, now() - interval '1 day', 10 FROM segments WHERE workspace_id = :w "
        "RETURNING 1",
        c=contact,
    )
    wait = {"id": "wait", "kind": "wait_for", "segment": "vip", "timeout": "P1D", "then": "out"}
    await scenario.publish(blocks=[wait, {"id": "out", "kind": "exit"}])
    await begin(scenario, engine, contact)
    [journey] = await settle(scenario, engine, 1)
    assert await scenario.steps(journey.id) == [("wait", "entered"), ("out", "exit")]
    assert journey.depth == 0
