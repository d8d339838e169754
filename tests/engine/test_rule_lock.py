"""Rules change though events never cease, and nobody waits for them in a ring."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from engine.advance import advance_alone
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.dispatch.facts import read_facts
from engine.dispatch.lane import decide_lane
from engine.lanes import lane_of
from engine.pausing import pause_workflow, resume_workflow
from engine.rule_lock import hold_rules, share_rules
from engine.rules import RuleBooks, rules_changed
from storage.tables import Workspace
from tests.support.ingesting import send_calls
from tests.support.segments import track, until_waiting

CLIENTS = 8
EMIT = {"id": "tell", "kind": "emit", "event": "Told", "next": "wait"}
UPDATE = {"id": "set", "kind": "update", "set": {"plan": "gold"}, "next": "wait"}
WAIT = {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}}


async def change_rules(scenario) -> None:
    async with scenario.database.transaction() as connection:
        await hold_rules(connection, scenario.workspace_id)
        await rules_changed(connection, scenario.workspace_id)


async def test_a_change_that_waits_comes_before_events_that_arrive_later(scenario):
    await scenario.publish()
    order = []

    async def change():
        await change_rules(scenario)
        order.append("changed")

    async def ingest():
        await send_calls(scenario.database, scenario.workspace_id, track("bob", "Begun"))
        order.append("ingested")

    async with scenario.database.transaction() as earlier:
        await share_rules(earlier, scenario.workspace_id)
        changing = asyncio.create_task(change())
        await until_waiting(scenario.database, 1)
        ingesting = asyncio.create_task(ingest())
        await until_waiting(scenario.database, 2)
        assert order == []
    await asyncio.gather(changing, ingesting)
    assert order == ["changed", "ingested"]


async def test_a_change_gets_through_while_clients_ingest_without_pause(scenario):
    await scenario.publish()
    changed = asyncio.Event()

    async def ingest(client: int) -> None:
        """Transactions that overlap: at any time some are under way."""
        while not changed.is_set():
            calls = (track(f"u{client}-{i}", "Begun") for i in range(2))
            await asyncio.gather(
                *(send_calls(scenario.database, scenario.workspace_id, call) for call in calls)
            )

    async def change() -> None:
        for _ in range(10):
            await change_rules(scenario)
        changed.set()

    async with asyncio.timeout(30):
        await asyncio.gather(change(), *(ingest(client) for client in range(CLIENTS)))


async def test_a_page_of_facts_shares_the_rules_of_all_its_workspaces(scenario):
    other = uuid4()
    contact = await scenario.contact()
    async with scenario.database.transaction() as connection:
        await connection.execute(insert(Workspace).values(id=other, name="other"))
        for workspace in (scenario.workspace_id, other):
            await connection.execute(
                text(
                    "INSERT INTO facts (workspace_id, lane, kind, ref) VALUES (:w, :l, 'event', :r)"
                ),
                {"w": workspace, "l": lane_of(contact), "r": uuid4()},
            )
    async with scenario.database.transaction() as reading:
        await read_facts(reading, lane_of(contact), limit=9, only=None)
        changes = [
            asyncio.create_task(_hold(scenario.database, workspace))
            for workspace in (scenario.workspace_id, other)
        ]
        await until_waiting(scenario.database, 2)
    await asyncio.gather(*changes)


async def _hold(database, workspace_id) -> None:
    async with database.transaction() as connection:
        await hold_rules(connection, workspace_id)


async def begun(scenario, *blocks):
    """A journey that is about to take its first step."""
    workflow = await scenario.publish(blocks=list(blocks))
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    async with scenario.database.transaction() as connection:
        await decide_lane(connection, lane_of(contact), RuleBooks(), now=datetime.now(UTC))
    [journey] = await scenario.journeys()
    return workflow, journey


def walk(scenario, journey):
    return advance_alone(
        scenario.database, AdvanceCall(journey.id, 0, datetime.now(UTC)), Versions()
    )


@pytest.mark.parametrize("block", [EMIT, UPDATE], ids=["emit", "update"])
async def test_a_walk_that_meets_a_change_waits_without_its_contact_and_sees_the_change(
    scenario, block
):
    _, journey = await begun(scenario, block, WAIT)
    async with scenario.database.transaction() as changing:
        await hold_rules(changing, scenario.workspace_id)
        walking = asyncio.create_task(walk(scenario, journey))
        await until_waiting(scenario.database, 1)
        async with scenario.database.transaction() as other:
            for table, id_ in (("contacts", journey.contact_id), ("journeys", journey.id)):
                await other.execute(
                    text(f"SELECT FROM {table} WHERE id = :id FOR UPDATE NOWAIT"),
                    {"id": id_},
                )
        await changing.execute(
            text(
                "INSERT INTO interests (workspace_id, kind, name) "
                "VALUES (:w, 'event', 'Told'), (:w, 'field', 'plan')"
            ),
            {"w": scenario.workspace_id},
        )
    assert (await walking).block == "wait"
    facts = await scenario.rows("SELECT kind FROM facts WHERE workspace_id = :w")
    assert len(facts) == 1, "what is mentioned since then is queued, once"


async def test_a_journey_does_not_park_behind_the_back_of_who_resumes(scenario):
    """It came due while its workflow was paused; who resumes does not see it parked yet."""
    workflow, journey = await begun(scenario, WAIT)
    at = {"now": datetime.now(UTC), "rate": 10.0}
    async with scenario.database.transaction() as connection:
        assert await pause_workflow(connection, scenario.workspace_id, workflow)
    async with scenario.database.transaction() as resuming:
        await hold_rules(resuming, scenario.workspace_id)
        assert await resume_workflow(resuming, scenario.workspace_id, workflow, **at)
        walking = asyncio.create_task(walk(scenario, journey))
        await until_waiting(scenario.database, 1)
    assert (await walking).kind == "wait"
    [journey] = await scenario.journeys()
    assert (journey.parked, journey.block) == (False, "wait")
