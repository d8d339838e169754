"""Something happens, to somebody or to a thing, and every member of a segment starts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.launches.commands import wake_launches
from engine.launches.fanout import EventLaunch, begin_event_launches
from storage.repositories import launches as repository
from tests.support.ingesting import send_calls
from tests.support.launching import OUT, people, segment, static_list
from tests.support.running import Engine
from tests.support.scenario import Scenario

READERS = {"any": [{"field": "wishes", "op": "=", "value": {"param": "book_id"}}]}
"""Who wishes for the book."""


def starting(key: str = "readers", **more: Any) -> dict[str, Any]:
    return {"kind": "event_for_segment", "event": "Book Restocked", "segment": key, **more}


BOUND = starting(bind={"book_id": "id"})


async def restocked(scenario: Scenario, message: str | None = None, **properties: Any) -> None:
    """A thing event, as `POST /v1/track` without a user takes it."""
    call = {
        "type": "track",
        "event": "Book Restocked",
        "messageId": message or str(uuid4()),
        "properties": properties,
    }
    await send_calls(scenario.database, scenario.workspace_id, call)


async def readers(scenario: Scenario, **wishes: str) -> dict[str, UUID]:
    """Contacts by name, each with a wish."""
    await segment(scenario, "readers", READERS)
    return {
        name: await scenario.contact(name, fields={"wishes": wish}) for name, wish in wishes.items()
    }


async def launches(scenario: Scenario) -> list[Any]:
    return await scenario.rows(
        "SELECT * FROM launches WHERE workspace_id = :w ORDER BY started_at, id"
    )


async def over(scenario: Scenario, engine: Engine, count: int = 1) -> list[Any]:
    """Dispatch until that many launches are over; all of them."""
    async with asyncio.timeout(30):
        while True:
            await engine.dispatch()
            found = await launches(scenario)
            if sum(each.state != "running" for each in found) >= count:
                await engine.dispatch()
                return found
            await asyncio.sleep(0.02)


async def test_a_thing_event_starts_those_for_whom_its_parameters_hold(scenario, engine):
    people_ = await readers(scenario, ann="b-1", bob="b-2", cid="b-1")
    await scenario.publish(start=BOUND, blocks=OUT)
    await restocked(scenario, id="b-1", title="Momo")
    [launch] = await over(scenario, engine)
    assert (launch.kind, launch.params, launch.total) == ("event", {"book_id": "b-1"}, 2)
    journeys = await scenario.until_ended(2)
    assert {j.contact_id for j in journeys} == {people_["ann"], people_["cid"]}
    assert all(j.params == {"id": "b-1", "title": "Momo"} for j in journeys)
    assert all(j.event_id == launch.event_id for j in journeys)


async def test_members_beyond_a_window_are_found(scenario, engine, monkeypatch):
    monkeypatch.setattr("engine.launches.members.WINDOW", 3)
    everyone = await people(scenario, 11)
    await segment(scenario, "readers", {"all": [
        {"field": "wishes", "op": "=", "value": {"param": "book_id"}}]})  # fmt: skip
    wishing = [everyone[0], everyone[4], everyone[5], everyone[10]]
    await scenario.rows(
        'UPDATE contacts SET fields = \'{"wishes": "b-1"}\' WHERE id = ANY(:ids) RETURNING id',
        ids=wishing,
    )
    await scenario.publish(start=BOUND, blocks=OUT)
    await restocked(scenario, id="b-1")
    [launch] = await over(scenario, engine)
    assert (launch.total, launch.taken) == (4, 4)
    assert sorted(j.contact_id for j in await scenario.until_ended(4)) == wishing


async def test_an_event_of_a_contact_starts_the_members_too(scenario, engine):
    people_ = await readers(scenario, ann="b-1", bob="b-2")
    await scenario.publish(start=BOUND, blocks=OUT)
    await scenario.event(people_["bob"], "Book Restocked", {"id": "b-1"})
    await over(scenario, engine)
    [journey] = await scenario.until_ended(1)
    assert journey.contact_id == people_["ann"]


async def test_a_segment_without_parameters_starts_whole(scenario, engine):
    members = await people(scenario, 4)
    await static_list(scenario, members)
    await scenario.publish(start=starting("list"), blocks=OUT)
    await restocked(scenario)
    await over(scenario, engine)
    assert sorted(j.contact_id for j in await scenario.until_ended(4)) == members


async def test_an_event_told_twice_starts_everybody_once(scenario, engine):
    await readers(scenario, ann="b-1")
    await scenario.publish(start={**BOUND, "overlap": "parallel"}, blocks=OUT)
    for _ in range(3):
        await restocked(scenario, "same", id="b-1")
        await over(scenario, engine)
    await scenario.until_ended(1)
    assert len(await launches(scenario)) == len(await scenario.journeys()) == 1


async def test_two_events_are_two_launches_at_once(scenario, engine):
    await readers(scenario, ann="b-1", bob="b-2")
    await scenario.publish(start={**BOUND, "reentry": {"mode": "once", "key": ["id"]}}, blocks=OUT)
    await asyncio.gather(restocked(scenario, id="b-1"), restocked(scenario, id="b-2"))
    found = await over(scenario, engine, 2)
    assert [each.state for each in found] == ["completed", "completed"]
    await scenario.until_ended(2)
    assert await scenario.decisions() == ["started", "started"]


async def test_reentry_counts_per_contact_and_values_of_the_event(scenario, engine):
    """The same book again starts nobody; another one does."""
    await readers(scenario, ann="b-1")
    await scenario.publish(start={**BOUND, "reentry": {"mode": "once", "key": ["id"]}}, blocks=OUT)
    await restocked(scenario, id="b-1")
    await over(scenario, engine)
    await scenario.until_ended(1)
    await restocked(scenario, id="b-1")
    second = (await over(scenario, engine, 2))[1]
    async with scenario.database.transaction() as c:
        outcomes = await repository.outcomes(c, [second.id])
    assert outcomes[second.id].decided == {"reentry": 1}


async def test_where_decides_which_events_count(scenario, engine):
    await readers(scenario, ann="b-1")
    where = [{"param": "copies", "op": ">=", "value": 10}]
    await scenario.publish(start={**BOUND, "where": where}, blocks=OUT)
    await restocked(scenario, id="b-1", copies=3)
    await restocked(scenario, id="b-1", copies=12)
    await over(scenario, engine)
    assert len(await launches(scenario)) == len(await scenario.until_ended(1)) == 1


@pytest.mark.parametrize("properties", [{}, {"id": None}], ids=["missing", "null"])
async def test_an_event_without_the_bound_property_starts_nobody_and_says_why(
    scenario, engine, properties
):
    await readers(scenario, ann="b-1")
    await scenario.publish(start=BOUND, blocks=OUT)
    await restocked(scenario, **properties)
    [launch] = await over(scenario, engine)
    assert (launch.state, launch.total) == ("completed", 0)
    assert launch.reason == "the event gives nothing for the parameter book_id"
    assert await scenario.journeys() == []


async def test_a_nested_property_can_be_bound(scenario, engine):
    await readers(scenario, ann="b-1")
    await scenario.publish(start=starting(bind={"book_id": "book.id"}), blocks=OUT)
    await restocked(scenario, book={"id": "b-1"})
    await over(scenario, engine)
    assert len(await scenario.until_ended(1)) == 1


async def test_what_happened_before_the_publication_starts_nobody(scenario, engine):
    await readers(scenario, ann="b-1")
    await restocked(scenario, id="b-1")
    await scenario.publish(start=BOUND, blocks=OUT)
    await engine.dispatch()
    assert await launches(scenario) == []


async def test_a_launch_whose_event_is_decided_on_again_is_the_same(scenario):
    """A dispatcher that died before its commit, or a restored queue."""
    await static_list(scenario, [])
    workflow = await scenario.publish(start=starting("list"), blocks=OUT)
    event = uuid4()
    one = EventLaunch(scenario.workspace_id, workflow, event, "list", {})
    gone = EventLaunch(scenario.workspace_id, workflow, uuid4(), "deleted", {})
    for _ in range(2):
        async with scenario.database.transaction() as c:
            await begin_event_launches(c, [one, one, gone], now=datetime.now(UTC))
    found = {each.id: each.state for each in await launches(scenario)}
    assert found == {one.id: "running", gone.id: "failed"}
    owed = await scenario.rows(
        "SELECT journey_id FROM commands WHERE workspace_id = :w AND kind = 'launch'"
    )
    assert [each.journey_id for each in owed] == [one.id]


async def test_a_paused_workflow_starts_nobody_until_it_goes_on(scenario, engine):
    await readers(scenario, ann="b-1")
    await scenario.publish(start=BOUND, blocks=OUT)
    await scenario.rows(
        "UPDATE workflows SET state = 'paused' WHERE workspace_id = :w RETURNING id"
    )
    await restocked(scenario, id="b-1")
    await engine.dispatch()
    [launch] = await launches(scenario)
    assert (launch.state, launch.taken) == ("running", 0)
    await scenario.rows(
        "UPDATE workflows SET state = 'active' WHERE workspace_id = :w RETURNING id"
    )
    async with scenario.database.transaction() as c:
        await wake_launches(c, launch.workflow_id, now=datetime.now(UTC))
    await over(scenario, engine)
    assert len(await scenario.until_ended(1)) == 1
