"""What somebody else changes while a decision or a walk is under way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.contacts import erase_contact, merge_contacts
from engine.dispatch.lane import decide_lane
from engine.lanes import lane_of
from engine.rules import RuleBooks
from engine.workflows import delete_workflow
from journeys.errors import Conflict

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def decide(scenario, contact, books=None):
    async with scenario.database.transaction() as connection:
        return await decide_lane(connection, lane_of(contact), books or RuleBooks(), now=NOW)


async def walk(scenario, journey_id, step=0, now=NOW):
    async with scenario.database.transaction() as connection:
        return await advance(connection, AdvanceCall(journey_id, step, now), Versions())


async def blocked(scenario, count=1):
    """Wait until somebody waits for a lock in this database."""
    async with asyncio.timeout(5):
        while True:
            [row] = await scenario.rows(
                "SELECT count(*) AS waiting FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if row.waiting >= count:
                return
            await asyncio.sleep(0.01)


async def test_a_start_decided_while_its_workflow_is_published_anew_can_still_be_stopped(scenario):
    await scenario.publish()
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    books = RuleBooks()
    async with scenario.database.transaction() as connection:
        await decide_lane(connection, lane_of(ann), books, now=NOW)
        publishing = asyncio.create_task(
            scenario.publish(stop=[{"kind": "event", "events": ["Finished"]}])
        )
        await asyncio.wait([publishing], timeout=0.3)
    await publishing
    await scenario.event(ann, "Done")
    await decide(scenario, ann, books)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_detail) == ("stopped", "Done")


async def test_a_journey_that_advances_while_its_contact_is_merged_goes_on(scenario):
    await scenario.publish()
    anonymous, ann = await scenario.contact("anonymous"), await scenario.contact("ann")
    await scenario.event(anonymous, "Begun")
    await decide(scenario, anonymous)
    [journey] = await scenario.journeys()
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("SELECT 1 FROM contacts WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
            {"ids": [anonymous, ann]},
        )
        await merge_contacts(connection, scenario.workspace_id, [(anonymous, ann)], now=NOW)
        walking = asyncio.create_task(walk(scenario, journey.id))
        await blocked(scenario)
    directive = await walking
    assert directive.kind == "wait"
    [journey] = await scenario.journeys()
    assert (journey.state, journey.contact_id, journey.block) == ("running", ann, "wait")


async def test_a_journey_that_advances_while_its_contact_is_erased_is_over(scenario):
    await scenario.publish()
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    async with scenario.database.transaction() as connection:
        assert await erase_contact(connection, scenario.workspace_id, "ann", now=NOW)
        walking = asyncio.create_task(walk(scenario, journey.id))
        await blocked(scenario)
    assert (await walking).kind == "finish"


async def test_erasing_finds_a_contact_that_is_merged_meanwhile(scenario):
    old, new = await scenario.contact("old"), await scenario.contact("new")

    async def erase():
        async with scenario.database.transaction() as connection:
            return await erase_contact(connection, scenario.workspace_id, "old", now=NOW)

    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("SELECT 1 FROM contacts WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
            {"ids": [old, new]},
        )
        erasing = asyncio.create_task(erase())
        await blocked(scenario)
        await merge_contacts(connection, scenario.workspace_id, [(old, new)], now=NOW)
    assert await erasing
    assert await scenario.rows("SELECT 1 FROM contacts WHERE workspace_id = :w") == []


async def test_an_execution_that_fell_behind_its_journey_catches_up(scenario):
    """As after a restore of Temporal alone: the walk is not done again, and nothing fails."""
    await scenario.publish(
        blocks=[
            {"id": "one", "kind": "timer", "wait": {"for": "PT1H"}, "next": "two"},
            {"id": "two", "kind": "timer", "wait": {"for": "PT1H"}, "next": "three"},
            {"id": "three", "kind": "timer", "wait": {"for": "PT1H"}},
        ]
    )
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    answers = [
        await walk(scenario, journey.id, step, NOW + timedelta(hours=step)) for step in (0, 1, 2)
    ]
    late = NOW + timedelta(hours=9)
    again = [await walk(scenario, journey.id, step, late) for step in (0, 1, 2)]
    assert again == [answers[2]] * 3
    assert (await walk(scenario, journey.id, 3, late)).kind == "finish"
    [journey] = await scenario.journeys()
    assert journey.state == "completed"


async def test_a_journey_that_sends_while_its_contact_is_merged_makes_no_deadlock(scenario):
    """Neither takes the journey while it still needs the contact."""
    hello = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}
    await scenario.publish(blocks=[hello])
    for n in range(5):
        gone, kept = await scenario.contact(f"gone{n}"), await scenario.contact(f"kept{n}")
        await scenario.event(gone, "Begun")
        await decide(scenario, gone)
        [journey] = [j for j in await scenario.journeys() if j.contact_id == gone]
        walking = None
        async with asyncio.timeout(0.9), scenario.database.transaction() as connection:
            await connection.execute(
                text("SELECT 1 FROM contacts WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
                {"ids": [gone, kept]},
            )
            walking = asyncio.create_task(walk(scenario, journey.id))
            await blocked(scenario)
            await merge_contacts(connection, scenario.workspace_id, [(gone, kept)], now=NOW)
        assert (await walking).kind == "send"


async def test_deleting_a_workflow_that_somebody_is_about_to_enter_makes_no_deadlock(scenario):
    ann = await scenario.contact()
    for n in range(5):
        workflow = await scenario.publish(f"flow{n}", start={"kind": "event", "event": f"Begun{n}"})
        await scenario.event(ann, f"Begun{n}")

        async def delete(workflow=workflow):
            async with scenario.database.transaction() as connection:
                await delete_workflow(connection, scenario.workspace_id, str(workflow))

        decided, deleted = await asyncio.gather(
            decide(scenario, ann), delete(), return_exceptions=True
        )
        assert not isinstance(decided, BaseException)
        assert deleted is None or isinstance(deleted, Conflict)
