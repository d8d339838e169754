"""Events that journeys make: recorded once, acted on as others are, and never without end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.emitting import Emission, emit
from engine.errors import RulesHeld
from engine.rule_lock import hold_rules

TELL = {
    "id": "tell",
    "kind": "emit",
    "event": "Told",
    "properties": {"plan": {"param": "plan"}, "gone": {"param": "missing"}, "nested": {"a": [1]}},
}


async def emitted(scenario, name="Told"):
    return await scenario.rows(
        "SELECT * FROM events WHERE workspace_id = :w AND name = :n ORDER BY depth, id", n=name
    )


async def settle(scenario, engine, journeys):
    """Dispatch until so many journeys have ended."""
    async with asyncio.timeout(20):
        while True:
            await engine.dispatch()
            all_ = await scenario.journeys()
            if sum(journey.state != "running" for journey in all_) >= journeys:
                await engine.dispatch()
                return await scenario.journeys()
            await asyncio.sleep(0.05)


async def test_the_event_is_the_contacts_and_starts_another_workflow(scenario, engine):
    await scenario.publish(blocks=[TELL])
    await scenario.publish(
        "other",
        start={"kind": "event", "event": "Told", "where": [{"param": "plan", "value": "gold"}]},
        blocks=[{"id": "out", "kind": "exit"}],
    )
    contact = await scenario.contact()
    await scenario.event(contact, "Begun", {"plan": "gold"})
    journeys = await settle(scenario, engine, 2)
    [event] = await emitted(scenario)
    assert (event.contact_id, event.depth, event.kind) == (contact, 1, "track")
    assert event.properties == {"plan": "gold", "nested": {"a": [1]}}
    assert [(j.state, j.depth) for j in journeys] == [("completed", 0), ("completed", 1)]
    assert await scenario.steps(journeys[0].id) == [("tell", "emitted")]


async def test_a_walk_that_is_repeated_emits_once(scenario, skipping):
    day = {"id": "day", "kind": "timer", "wait": {"for": "P1D"}}
    await scenario.publish(blocks=[{**TELL, "next": "day"}, day])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await skipping.dispatch()
    async with asyncio.timeout(10):
        while (await scenario.journeys())[0].block != "day":
            await asyncio.sleep(0.02)
    [journey] = await scenario.journeys()
    for state in ("walked already", "as after a restore"):
        async with scenario.database.transaction() as c:
            if state != "walked already":
                await c.exec_driver_sql(
                    "UPDATE journeys SET step = 0, visit = 0, block = NULL WHERE id = $1",
                    (journey.id,),
                )
                await c.exec_driver_sql(
                    "DELETE FROM journey_steps WHERE journey_id = $1", (journey.id,)
                )
            call = AdvanceCall(journey.id, 0, datetime.now(UTC))
            assert (await advance(c, call, Versions())).block == "day"
        assert len(await emitted(scenario)) == 1, state
    await skipping.finish(journey.id)


async def test_a_chain_deeper_than_ten_is_refused_and_the_journey_goes_on(scenario, engine):
    await scenario.publish(
        start={"kind": "event", "event": "Told", "overlap": "parallel"},
        blocks=[{**TELL, "next": "out"}, {"id": "out", "kind": "exit", "reason": "went on"}],
    )
    contact = await scenario.contact()
    await scenario.event(contact, "Told")
    journeys = await settle(scenario, engine, 11)
    assert sorted(journey.depth for journey in journeys) == list(range(11))
    assert {journey.reason_detail for journey in journeys} == {"went on"}
    assert [event.depth for event in await emitted(scenario)] == list(range(11))
    [last] = [journey for journey in journeys if journey.depth == 10]
    assert await scenario.steps(last.id) == [("tell", "refused: too deep"), ("out", "exit")]


async def test_two_journeys_that_answer_each_other_come_to_rest(scenario, engine):
    for key, heard, said in (("one", "Ping", "Pong"), ("two", "Pong", "Ping")):
        await scenario.publish(
            key,
            blocks=[
                {"id": "hear", "kind": "wait_for", "event": heard, "timeout": "P1D", "then": "say"},
                {"id": "say", "kind": "emit", "event": said, "next": "hear"},
            ],
        )
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    async with asyncio.timeout(10):
        while [j.block for j in await scenario.journeys()] != ["hear", "hear"]:
            await asyncio.sleep(0.02)
    await scenario.event(contact, "Ping")
    until = datetime.now(UTC) + timedelta(seconds=15)
    while datetime.now(UTC) < until:
        await engine.dispatch()
        outcomes = [o for j in await scenario.journeys() for _, o in await scenario.steps(j.id)]
        if "refused: too deep" in outcomes:
            break
        await asyncio.sleep(0.02)
    depths = [e.depth for name in ("Ping", "Pong") for e in await emitted(scenario, name)]
    assert sorted(depths) == list(range(11))


async def test_an_event_that_is_emitted_while_a_workflow_is_published_is_queued_for_it(
    scenario, database
):
    """Who emits gives way to the publish that is under way, and then sees what it mentions."""
    contact = await scenario.contact()
    emission = Emission(uuid4(), scenario.workspace_id, contact, 1, "Told", {}, 1)

    async def tell():
        async with database.transaction() as connection:
            await emit(connection, emission, now=datetime.now(UTC))

    async with database.transaction() as publishing:
        await hold_rules(publishing, scenario.workspace_id)
        with pytest.raises(RulesHeld):
            await tell()
        await publishing.execute(
            text("INSERT INTO interests (workspace_id, kind, name) VALUES (:w, 'event', 'Told')"),
            {"w": scenario.workspace_id},
        )
    await tell()
    [fact] = await scenario.rows("SELECT * FROM facts WHERE workspace_id = :w")
    assert (fact.kind, fact.ref) == ("event", emission.id)
