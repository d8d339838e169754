"""Mass launches: everyone who was in the segment starts, once, however often something dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.dispatch import decisions, temporal_calls
from engine.launches import pace
from engine.launches.commands import revive_launches
from engine.launches.opening import stop_launch
from engine.publishing import archive, pause, resume
from engine.segments import create_segment
from storage.repositories import launches as repository
from tests.support.ingesting import send_calls
from tests.support.launching import (
    ASLEEP,
    BY_HAND,
    OUT,
    execution,
    launch,
    page,
    people,
    progress,
    queued,
    row,
    static_list,
    until_state,
)
from tests.support.running import Engine
from tests.support.scenario import Scenario


async def revived(scenario: Scenario) -> int:
    """What the reconciler does, for a launch that is late by a moment."""
    now = datetime.now(UTC)
    async with scenario.database.transaction() as c:
        return await revive_launches(c, before=now, now=now)


async def test_every_member_starts_once_and_the_progress_adds_up(scenario, engine):
    members = await people(scenario, 25)
    await people(scenario, 5)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario, rate=100)
    found = await until_state(scenario, engine, id_, "completed")
    assert (found.total, found.taken) == (25, 25)
    journeys = await scenario.until_ended(25)
    assert sorted(j.contact_id for j in journeys) == members
    assert {j.launch_id for j in journeys} == {id_}
    assert await progress(scenario, id_) == {"started": 25}


async def test_an_empty_segment_is_a_launch_that_is_over(scenario, engine):
    await static_list(scenario, [])
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario)
    found = await until_state(scenario, engine, id_, "completed")
    assert (found.total, found.taken) == (0, 0)


async def test_a_terminated_execution_is_begun_again_where_it_stood(scenario, engine):
    members = await people(scenario, 12)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario, spread="PT4S")
    await engine.dispatch()
    async with asyncio.timeout(40):
        while (await row(scenario, id_)).taken < 3:
            await asyncio.sleep(0.02)
    await execution(engine, id_).terminate()
    taken = (await row(scenario, id_)).taken
    assert 3 <= taken < 12
    async with asyncio.timeout(40):
        while not await revived(scenario):
            await asyncio.sleep(0.05)
    await until_state(scenario, engine, id_, "completed")
    journeys = await scenario.until_ended(12)
    assert sorted(j.contact_id for j in journeys) == members


async def test_a_large_launch_continues_as_new_and_loses_nobody(scenario, engine, monkeypatch):
    """The server of these tests suggests it at 100 events."""
    monkeypatch.setattr(pace, "PAGE_SECONDS", 0.02)
    members = await people(scenario, 20)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario, rate=50)
    await engine.dispatch()
    async with asyncio.timeout(60):
        first = (await execution(engine, id_).describe()).run_id
        await until_state(scenario, engine, id_, "completed")
        await execution(engine, id_).result()
    assert (await execution(engine, id_).describe()).run_id != first
    journeys = await scenario.until_ended(20)
    assert sorted(j.contact_id for j in journeys) == members


async def test_refusals_are_counted_as_skipped_with_their_reason(scenario, engine):
    members = await people(scenario, 6)
    await static_list(scenario, members)
    await scenario.publish(start={**BY_HAND, "reentry": {"mode": "once"}}, blocks=OUT)
    await until_state(scenario, engine, await launch(scenario), "completed")
    await scenario.until_ended(6)
    again = await launch(scenario)
    await until_state(scenario, engine, again, "completed")
    assert await progress(scenario, again) == {"reentry": 6}
    assert len(await scenario.journeys()) == 6


async def test_who_is_still_on_the_way_from_the_last_launch_is_skipped(scenario, engine):
    await static_list(scenario, await people(scenario, 3))
    await scenario.publish(start=BY_HAND, blocks=ASLEEP)
    await until_state(scenario, engine, await launch(scenario), "completed")
    again = await launch(scenario)
    await until_state(scenario, engine, again, "completed")
    assert await progress(scenario, again) == {"overlap": 3}


async def test_stops_with_a_lookback_refuse_members_of_a_launch(scenario, engine):
    bought, other = await people(scenario, 2)
    await static_list(scenario, [bought, other])
    await scenario.publish(
        start=BY_HAND,
        stop=[{"kind": "event", "events": ["Bought"], "lookback": "P1D"}],
        blocks=ASLEEP,
    )
    await scenario.event(bought, "Bought")
    await engine.dispatch()
    id_ = await launch(scenario)
    await until_state(scenario, engine, id_, "completed")
    assert await progress(scenario, id_) == {"started": 1, "stop_lookback": 1}


async def test_a_stop_ends_a_journey_that_a_launch_began(scenario, engine):
    [ann] = await people(scenario, 1)
    await static_list(scenario, [ann])
    await scenario.publish(start=BY_HAND, blocks=ASLEEP)
    await until_state(scenario, engine, await launch(scenario), "completed")
    await scenario.event(ann, "Done")
    await engine.dispatch()
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_detail) == ("stopped", "Done")


async def test_leaving_the_segment_midway_stops_nobody(scenario, engine):
    [ann] = await people(scenario, 1)
    list_id = await static_list(scenario, [ann])
    await scenario.publish(start=BY_HAND, blocks=ASLEEP)
    await until_state(scenario, engine, await launch(scenario), "completed")
    await scenario.rows("DELETE FROM segment_members WHERE segment_id = :s RETURNING 1", s=list_id)
    await engine.dispatch()
    [journey] = await scenario.journeys()
    assert journey.state == "running"


async def test_one_poison_contact_fails_alone(scenario, engine, monkeypatch):
    """Its fact is set aside with the error and counted; everyone else starts."""
    members = await people(scenario, 8)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND, blocks=OUT)
    real = decisions._enter

    def enter(book: Any, rule: Any, fact: Any, *rest: Any) -> None:
        if fact.contact_id == members[3]:
            raise ValueError("poison")
        real(book, rule, fact, *rest)

    monkeypatch.setattr(decisions, "_enter", enter)
    id_ = await launch(scenario)
    await until_state(scenario, engine, id_, "completed")
    journeys = await scenario.until_ended(7)
    assert sorted(j.contact_id for j in journeys) == [*members[:3], *members[4:]]
    async with scenario.database.transaction() as c:
        found = (await repository.outcomes(c, [id_]))[id_]
    assert (found.decided, found.failed) == ({"started": 7}, 1)


async def test_a_pause_holds_the_launch_and_a_resumption_lets_it_go_on_at_once(scenario, engine):
    members = await people(scenario, 6)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario, spread="PT3S")
    await engine.dispatch()
    async with asyncio.timeout(40):
        while (await row(scenario, id_)).taken < 2:
            await asyncio.sleep(0.02)
    async with scenario.database.transaction() as c:
        await pause(c, scenario.workspace_id, "flow")
    await engine.dispatch()
    held = (await row(scenario, id_)).taken
    due = await page(scenario, id_, datetime.now(UTC) + timedelta(minutes=5))
    assert due.members == 0
    assert due.until is not None
    assert (await row(scenario, id_)).taken in (held, held + 1)
    async with scenario.database.transaction() as c:
        await resume(c, scenario.workspace_id, "flow", now=datetime.now(UTC), rate=100)
    async with asyncio.timeout(40):
        await until_state(scenario, engine, id_, "completed")
    journeys = await scenario.until_ended(6)
    assert sorted(j.contact_id for j in journeys) == members


async def test_archiving_stops_the_launch(scenario, engine):
    await static_list(scenario, await people(scenario, 6))
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario, spread="PT1H")
    await engine.dispatch()
    async with scenario.database.transaction() as c:
        await archive(c, scenario.workspace_id, "flow", now=datetime.now(UTC), rate=100)
    found = await until_state(scenario, engine, id_, "stopped")
    assert found.reason == "the workflow was archived"
    async with asyncio.timeout(40):
        await execution(engine, id_).result()


async def test_a_stopped_launch_starts_none_of_those_that_are_queued(scenario, engine):
    await static_list(scenario, await people(scenario, 10))
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario)
    await page(scenario, id_, datetime.now(UTC), rate=5)
    assert len(await queued(scenario)) == 5
    async with scenario.database.transaction() as c:
        stopped = await stop_launch(c, scenario.workspace_id, id_, now=datetime.now(UTC))
    assert (stopped.state, stopped.reason) == ("stopped", "stopped by hand")
    await engine.dispatch()
    assert await scenario.journeys() == []
    assert (await page(scenario, id_, datetime.now(UTC) + timedelta(days=1))).until is None


async def test_a_workflow_that_an_event_starts_is_launched_for_a_segment(scenario, engine):
    members = await people(scenario, 3)
    await static_list(scenario, members, "vips")
    await scenario.publish(blocks=OUT)
    id_ = await launch(scenario, segment="vips")
    await until_state(scenario, engine, id_, "completed")
    journeys = await scenario.until_ended(3)
    assert sorted(j.contact_id for j in journeys) == members


async def test_a_workflow_that_entry_starts_is_launched_for_those_who_are_inside(scenario, engine):
    members = await people(scenario, 3)
    await static_list(scenario, members)
    await scenario.publish(
        start={"kind": "segment", "segment": "list", "schedule": "entry"}, blocks=OUT
    )
    await engine.dispatch()
    assert await scenario.journeys() == [], "publishing starts nobody who is inside already"
    await until_state(scenario, engine, await launch(scenario), "completed")
    assert sorted(j.contact_id for j in await scenario.until_ended(3)) == members


async def test_journeys_of_a_launch_come_after_those_of_events(scenario, engine):
    [ann] = await people(scenario, 1)
    await static_list(scenario, [ann])
    await scenario.publish(start=BY_HAND, blocks=ASLEEP)
    await until_state(scenario, engine, await launch(scenario), "completed")
    [journey] = await scenario.journeys()
    async with asyncio.timeout(40):
        history = await engine.execution(journey.id).fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    assert started.priority.priority_key == temporal_calls.MASS


async def test_a_journeys_start_and_its_launch_are_the_same_however_often_told(scenario, engine):
    """A fact that is queued twice (a restored queue) starts nobody twice."""
    members = await people(scenario, 3)
    await static_list(scenario, members)
    await scenario.publish(start={**BY_HAND, "overlap": "parallel"}, blocks=OUT)
    id_ = await launch(scenario)
    await page(scenario, id_, datetime.now(UTC))
    await scenario.rows(
        "INSERT INTO facts (workspace_id, lane, contact_id, kind, ref) "
        "SELECT workspace_id, lane, contact_id, kind, ref FROM facts "
        "WHERE workspace_id = :w AND kind = 'launch' RETURNING seq"
    )
    await engine.dispatch()
    journeys = await scenario.until_ended(3)
    assert Counter(j.contact_id for j in journeys) == Counter(members)
    assert await progress(scenario, id_) == {"started": 3}


async def test_a_launch_cancelled_in_temporal_is_recorded_as_failed(scenario, engine):
    await static_list(scenario, await people(scenario, 3))
    await scenario.publish(start=BY_HAND)
    id_ = await launch(scenario, spread="PT1H")
    await engine.dispatch()
    async with asyncio.timeout(40):
        while not (await row(scenario, id_)).taken:
            await asyncio.sleep(0.02)
    await execution(engine, id_).cancel()
    found = await until_state(scenario, engine, id_, "failed")
    assert found.reason == "cancelled in Temporal"


async def test_an_hours_spread_takes_an_hour_of_temporals_time(scenario, skipping):
    members = await people(scenario, 4)
    await static_list(scenario, members)
    await scenario.publish(start=BY_HAND, blocks=OUT)
    id_ = await launch(scenario, spread="PT1H")
    await skipping.dispatch()
    async with skipping.skipping(), asyncio.timeout(60):
        await execution(skipping, id_).result()
    assert await queued(scenario) == members
    found = await execution(skipping, id_).describe()
    assert found.close_time is not None
    assert timedelta(minutes=59) < found.close_time - found.start_time < timedelta(minutes=61)


async def test_two_launches_one_after_the_other_run_through_both(scenario, engine):
    """The second run of a contact is a journey of its own, with steps of its own."""
    await static_list(scenario, await people(scenario, 2))
    await scenario.publish(start=BY_HAND, blocks=OUT)
    for count in (2, 4):
        await until_state(scenario, engine, await launch(scenario), "completed")
        await scenario.until_ended(count)
    for journey in await scenario.journeys():
        assert journey.state == "completed"
        assert [block for block, _ in await scenario.steps(journey.id)] == ["out"]


async def test_a_launch_follows_the_version_published_last(scenario, engine):
    old, new = await people(scenario, 2)
    await static_list(scenario, [old])
    await static_list(scenario, [new], "other")
    await scenario.publish(start=BY_HAND, blocks=OUT)
    await scenario.publish(start={**BY_HAND, "segment": "other"}, blocks=OUT)
    await until_state(scenario, engine, await launch(scenario), "completed")
    [journey] = await scenario.until_ended(1)
    assert journey.contact_id == new


async def test_the_members_of_a_live_segment_are_launched_as_the_last_calls_left_them(
    scenario, engine
):
    """A profile change that was acknowledged before the launch counts, dispatched or not."""
    premium = {"field": "plan", "op": "=", "value": "premium"}
    async with scenario.database.transaction() as c:
        await create_segment(
            c, scenario.workspace_id, key="list", name="Premium", where=premium,
            now=datetime.now(UTC),
        )  # fmt: skip
    await scenario.publish(start=BY_HAND, blocks=OUT)
    plans = {"ann": "premium", "bob": "basic", "cid": "premium"}
    for user, plan in plans.items():
        await identified(scenario, user, plan)
    await until_live(scenario, engine)
    await identified(scenario, "bob", "premium")
    await identified(scenario, "cid", "basic")
    id_ = await launch(scenario)
    await until_state(scenario, engine, id_, "completed")
    started = {journey.contact_id for journey in await scenario.until_ended(2)}
    rows = await scenario.rows("SELECT id, user_id FROM contacts WHERE workspace_id = :w")
    assert {row.user_id for row in rows if row.id in started} == {"ann", "bob"}


async def identified(scenario: Scenario, user: str, plan: str) -> None:
    call = {"type": "identify", "userId": user, "traits": {"plan": plan}}
    await send_calls(scenario.database, scenario.workspace_id, call)


async def until_live(scenario: Scenario, engine: Engine) -> None:
    async with asyncio.timeout(30):
        while await scenario.rows(
            "SELECT id FROM segments WHERE workspace_id = :w AND state <> 'live'"
        ):
            await engine.dispatch()
            await asyncio.sleep(0.05)
