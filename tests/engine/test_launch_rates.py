"""How fast launches go beside each other, and when nobody could count their members."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert
from sqlmodel import col

from engine.launches.fanout import EventLaunch, begin_event_launches
from engine.launches.pace import pace, share
from engine.pausing import pause_workflow
from storage.tables import Workspace
from tests.support.launching import (
    BY_HAND,
    OUT,
    launch,
    page,
    people,
    queued,
    row,
    segment,
    static_list,
)
from tests.support.scenario import Scenario

SLOW = {
    "any": [
        {"field": f"wish_{number}", "op": "contains", "value": {"param": "book_id"}}
        for number in range(30)
    ]
}


async def event_launch(
    scenario: Scenario, workflow: UUID, key: str = "list", **params: Any
) -> UUID:
    """A launch that an event began."""
    begun = EventLaunch(scenario.workspace_id, workflow, uuid4(), key, params)
    async with scenario.database.transaction() as c:
        await begin_event_launches(c, [begun], now=datetime.now(UTC))
    return begun.id


def test_launches_alike_share_evenly():
    assert share(90, [], 3) == 30


def test_what_a_spread_leaves_is_divided_among_the_others():
    assert share(100, [10, 20], 2) == 35


def test_a_spread_gets_no_more_than_an_even_share_either():
    assert share(100, [1000, 1000], 2) == 25


def test_members_that_nobody_counted_are_taken_at_the_rate():
    assert pace(rate=20, spread_seconds=3600, total=None).size == 20


async def test_launches_of_a_workspace_divide_the_rate(scenario):
    await static_list(scenario, await people(scenario, 100))
    workflow = await scenario.publish(start=BY_HAND)
    ids = [await event_launch(scenario, workflow) for _ in range(4)]
    now = datetime.now(UTC)
    taken = [(await page(scenario, id_, now, rate=40)).members for id_ in ids]
    assert taken == [10] * 4


async def test_a_launch_that_ended_leaves_its_share_to_the_others(scenario):
    await static_list(scenario, await people(scenario, 30))
    workflow = await scenario.publish(start=BY_HAND)
    first, second = [await event_launch(scenario, workflow) for _ in range(2)]
    now = datetime.now(UTC)
    assert (await page(scenario, first, now, rate=10)).members == 5
    await scenario.rows("UPDATE launches SET state = 'stopped' WHERE id = :i RETURNING id", i=first)
    assert (await page(scenario, second, now, rate=10)).members == 10


async def test_a_launch_that_is_held_needs_no_share(scenario):
    await static_list(scenario, await people(scenario, 30))
    flow = await scenario.publish(start=BY_HAND)
    held = await scenario.publish("held", start=BY_HAND)
    await event_launch(scenario, held)
    async with scenario.database.transaction() as c:
        await pause_workflow(c, scenario.workspace_id, held)
    goes = await event_launch(scenario, flow)
    assert (await page(scenario, goes, datetime.now(UTC), rate=10)).members == 10


async def test_a_rate_that_a_call_names_is_its_own(scenario):
    await static_list(scenario, await people(scenario, 30))
    workflow = await scenario.publish(start=BY_HAND)
    by_hand = await launch(scenario, rate=20)
    begun = await event_launch(scenario, workflow)
    now = datetime.now(UTC)
    assert (await page(scenario, by_hand, now, rate=10)).members == 20
    assert (await page(scenario, begun, now, rate=10)).members == 10


@pytest.fixture
async def other(database) -> AsyncIterator[Scenario]:
    """Another workspace."""
    id_ = uuid4()
    async with database.transaction() as c:
        await c.execute(
            insert(Workspace).values(
                id=id_, name="other", timezone="UTC", paused=False, rules_revision=0
            )
        )
    yield Scenario(database, id_)
    async with database.transaction() as c:
        await c.execute(delete(Workspace).where(col(Workspace.id) == id_))


async def test_launches_of_another_workspace_take_nothing_away(scenario, other):
    await static_list(scenario, await people(scenario, 30))
    workflow = await scenario.publish(start=BY_HAND)
    mine = await event_launch(scenario, workflow)
    await static_list(other, await people(other, 5))
    theirs = await event_launch(other, await other.publish(start=BY_HAND))
    now = datetime.now(UTC)
    assert (await page(scenario, mine, now, rate=10)).members == 10
    assert (await page(other, theirs, now, rate=4)).members == 4


@pytest.mark.parametrize("seconds", [0.001, 5.0], ids=["no time", "time enough"])
async def test_a_launch_goes_on_when_its_members_cannot_be_counted_in_time(
    scenario, monkeypatch, seconds
):
    monkeypatch.setattr("engine.launches.members.COUNT_SECONDS", seconds)
    monkeypatch.setattr("engine.launches.members.WINDOW", 500)
    everyone = await people(scenario, 3_000)
    await segment(scenario, "readers", SLOW)
    await scenario.rows(
        'UPDATE contacts SET fields = \'{"wish_29": "b-1"}\' WHERE id = ANY(:ids) RETURNING id',
        ids=everyone[::100],
    )
    workflow = await scenario.publish(
        start={"kind": "event_for_segment", "event": "Restocked", "segment": "readers",
               "bind": {"book_id": "id"}},
        blocks=OUT,
    )  # fmt: skip
    id_ = await event_launch(scenario, workflow, "readers", book_id="b-1")
    now = datetime.now(UTC)
    first = await page(scenario, id_, now)
    assert first.until is not None
    assert (await row(scenario, id_)).total == (None if seconds < 1 else 30)
    until: datetime | None = first.until
    while until is not None:
        until = (await page(scenario, id_, now := now + timedelta(seconds=60))).until
    found = await row(scenario, id_)
    assert (found.state, found.total, found.taken) == ("completed", 30, 30)
    assert await queued(scenario) == everyone[::100]
