"""Splits: each contact goes one way, and always the same."""

from __future__ import annotations

HALVES = {
    "id": "half",
    "kind": "split",
    "branches": [{"weight": 1, "next": "first"}, {"weight": 1}],
}
FIRST = {"id": "first", "kind": "exit", "reason": "treated"}


async def walk_again(scenario, skipping, contact):
    before = {journey.id for journey in await scenario.journeys()}
    await scenario.event(contact, "Begun")
    await skipping.dispatch()
    [journey] = [j for j in await scenario.journeys() if j.id not in before]
    await skipping.finish(journey.id)
    [journey] = [j for j in await scenario.journeys() if j.id == journey.id]
    return journey, await scenario.steps(journey.id)


async def test_who_comes_again_falls_the_same_way_and_both_ways_are_taken(scenario, skipping):
    await scenario.publish(blocks=[HALVES, FIRST])
    ways = set()
    for number in range(12):
        contact = await scenario.contact(f"user-{number}")
        journey, steps = await walk_again(scenario, skipping, contact)
        again, same_steps = await walk_again(scenario, skipping, contact)
        assert steps == same_steps
        assert again.reason_kind == journey.reason_kind
        ways.add((journey.state, journey.reason_kind, *steps))
    assert ways == {
        ("completed", "exit", ("half", "branch 0"), ("first", "exit")),
        ("completed", "completed", ("half", "branch 1")),
    }, "a branch that leads nowhere is the control group: it completes"
