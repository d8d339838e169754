"""A moment of a schedule is launched, at most ten minutes late, or it is on record as missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.service import RPCError

from engine.launches.missed import LATE, PAUSED, record_missed
from engine.launches.moments import execution_at, moment_of
from engine.launches.scheduled import open_scheduled
from engine.publishing import pause, publish, resume
from engine.workflows import create_workflow, save_draft
from journeys.errors import InvalidInput
from storage.repositories.decisions import HistoryFilter, HistoryItem, history
from storage.repositories.keyset import PageRequest
from tests.support.launching import OUT, people, static_list
from tests.support.running import Engine
from tests.support.scenario import Scenario, definition
from workflows import names
from workflows.names import prefix_of


@pytest.fixture(autouse=True)
async def no_schedules_left(engine: Engine) -> AsyncIterator[None]:
    yield
    async for listed in await engine.client.list_schedules():
        if listed.id.startswith(prefix_of(engine.task_queue)):
            try:
                await engine.client.get_schedule_handle(listed.id).delete()
            except RPCError:
                continue


def starting(schedule: Any, **more: Any) -> dict[str, Any]:
    start = {"kind": "segment", "segment": "list", "schedule": schedule, **more}
    return definition(start=start, blocks=OUT)


def written(moment: datetime) -> dict[str, Any]:
    return {"at": moment.isoformat()}


def hourly(now: datetime) -> dict[str, Any]:
    """Each hour, the last time half an hour ago: far from what is launched late."""
    return {"cron": f"{(now.minute + 30) % 60} * * * *"}


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


async def published(scenario: Scenario, schedule: Any, now: datetime) -> UUID:
    """Published at that moment; Temporal is told of it when the test dispatches."""
    async with scenario.database.transaction() as c:
        drawing = starting(schedule)
        record = await create_workflow(
            c, scenario.workspace_id, key="flow", definition=drawing, now=now
        )
        await publish(c, scenario.workspace_id, "flow", now=now)
    return record.id


async def launches(scenario: Scenario) -> list[Any]:
    return await scenario.rows(
        "SELECT * FROM launches WHERE workspace_id = :w ORDER BY scheduled_for, id"
    )


async def until_state(scenario: Scenario, engine: Engine, state: str) -> Any:
    async with asyncio.timeout(30):
        while True:
            await engine.dispatch()
            found = await launches(scenario)
            if found and all(each.state == state for each in found):
                return found
            await asyncio.sleep(0.05)


async def recorded(scenario: Scenario, engine: Engine, now: datetime) -> list[Any]:
    await record_missed(scenario.database, engine.client, prefix_of(engine.task_queue), now=now)
    return await launches(scenario)


async def told_up_to(scenario: Scenario, moment: datetime) -> None:
    await scenario.rows(
        "UPDATE workflows SET schedule_since = :at WHERE workspace_id = :w RETURNING id", at=moment
    )


def name_of(engine: Engine, workflow: UUID) -> str:
    return names.launch_id(prefix_of(engine.task_queue), str(workflow))


@pytest.mark.parametrize("late", [0, 9], ids=["just now", "nine minutes ago"])
async def test_a_moment_that_came_before_temporal_had_its_schedule_is_launched(
    scenario, engine, late
):
    members = await people(scenario, 3)
    await static_list(scenario, members)
    moment = datetime.now(UTC) - timedelta(minutes=late, seconds=1)
    await published(scenario, written(moment), moment - timedelta(hours=1))
    [begun] = await until_state(scenario, engine, "completed")
    assert (begun.scheduled_for, begun.kind, begun.taken) == (second(moment), "at", 3)
    await engine.dispatch()
    assert len(await scenario.until_ended(3)) == 3


async def test_a_moment_that_came_too_long_ago_is_recorded_as_missed(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    moment = now - timedelta(minutes=11)
    await published(scenario, written(moment), now - timedelta(hours=1))
    await engine.dispatch()
    [missed] = await recorded(scenario, engine, now)
    assert (missed.state, missed.reason, missed.missed) == ("missed", LATE, 1)
    assert (missed.scheduled_for, missed.kind, missed.total) == (second(moment), "at", 0)
    assert len(await recorded(scenario, engine, now + timedelta(hours=1))) == 1
    assert await scenario.journeys() == []


async def test_a_moment_within_a_short_pause_is_launched_when_it_ends(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    await published(scenario, written(now - timedelta(minutes=2)), now - timedelta(hours=1))
    async with scenario.database.transaction() as c:
        await pause(c, scenario.workspace_id, "flow")
    await engine.dispatch()
    assert await launches(scenario) == []
    async with scenario.database.transaction() as c:
        await resume(c, scenario.workspace_id, "flow", now=now, rate=10)
    [begun] = await until_state(scenario, engine, "completed")
    assert begun.taken == 2


async def test_the_last_moment_of_a_cron_within_a_short_pause_is_launched_once(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    minutely = {"cron": "* * * * *", "until": now.isoformat()}
    await published(scenario, minutely, now - timedelta(minutes=5))
    async with scenario.database.transaction() as c:
        await pause(c, scenario.workspace_id, "flow")
    await engine.dispatch()
    async with scenario.database.transaction() as c:
        await resume(c, scenario.workspace_id, "flow", now=now, rate=10)
    begun = await until_state(scenario, engine, "completed")
    assert begun[-1].scheduled_for == minute(now)
    await engine.dispatch()
    assert len(await launches(scenario)) == 1


async def test_the_moments_of_a_long_pause_share_a_record(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    begin = now - timedelta(hours=5)
    await published(scenario, hourly(now), begin)
    async with scenario.database.transaction() as c:
        await pause(c, scenario.workspace_id, "flow")
    await scenario.rows(
        "UPDATE workflows SET paused_at = :at WHERE workspace_id = :w RETURNING id", at=begin
    )
    await engine.dispatch()
    [missed] = await recorded(scenario, engine, now)
    assert (missed.reason, missed.missed) == (PAUSED, 5)
    assert missed.scheduled_for == minute(begin) + timedelta(minutes=30)
    [missed] = await recorded(scenario, engine, now + timedelta(hours=3))
    assert missed.missed == 8, "the pause went on"
    assert await scenario.journeys() == []


async def test_what_a_pause_and_what_an_outage_missed_are_told_apart(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    await published(scenario, hourly(now), now - timedelta(hours=6))
    await engine.dispatch()
    await scenario.rows(
        "UPDATE workflows SET paused_at = :p, resumed_at = :r WHERE workspace_id = :w RETURNING id",
        p=now - timedelta(hours=4), r=now - timedelta(hours=2),
    )  # fmt: skip
    found = await recorded(scenario, engine, now)
    assert [(each.reason, each.missed) for each in found] == [(LATE, 2), (PAUSED, 2), (LATE, 2)]


async def test_a_moment_while_a_launch_still_ran_names_it(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    workflow = await published(scenario, hourly(now), now - timedelta(hours=2))
    await engine.dispatch()
    first = minute(now) - timedelta(minutes=90)
    async with scenario.database.transaction() as c:
        id_ = await open_scheduled(
            c, workflow, execution=execution_at("x", first), now=first + timedelta(seconds=1)
        )
    [ran, missed] = await recorded(scenario, engine, now)
    assert (ran.id, ran.state, ran.missed) == (id_, "running", 0)
    assert missed.reason == f"the launch {id_} still ran"


async def test_an_execution_that_waited_for_workers_too_long_launches_nobody(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    workflow = await published(scenario, hourly(now), now - timedelta(hours=3))
    moment = second(now - timedelta(hours=1))
    for _ in range(2):
        async with scenario.database.transaction() as c:
            opened = await open_scheduled(c, workflow, execution=execution_at("x", moment), now=now)
        assert opened is None
    [missed] = await launches(scenario)
    assert (missed.state, missed.reason, missed.scheduled_for) == ("missed", LATE, moment)
    await told_up_to(scenario, moment + timedelta(minutes=1))
    async with scenario.database.transaction() as c:
        earlier = execution_at("x", moment - timedelta(minutes=1))
        assert await open_scheduled(c, workflow, execution=earlier, now=now) is None
    assert len(await launches(scenario)) == 1, "what is accounted for is not told again"


async def test_a_moment_has_one_launch_whoever_begins_it(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    now = datetime.now(UTC)
    workflow = await published(scenario, hourly(now), now - timedelta(hours=1))
    moment = second(now)
    opened = []
    for id_ in ("by-the-schedule", "by-catching-up"):
        async with scenario.database.transaction() as c:
            opened.append(
                await open_scheduled(c, workflow, execution=execution_at(id_, moment), now=now)
            )
        await scenario.rows(
            "UPDATE launches SET state = 'completed' WHERE workspace_id = :w RETURNING id"
        )
    assert opened[0] is not None
    assert opened[1] is None
    assert len(await launches(scenario)) == 1


@pytest.mark.parametrize("schedule", [
    {"at": "2020-12-24T10:00"}, {"cron": "0 9 * * *", "until": "2020-12-24"},
], ids=["at", "until"])  # fmt: skip
async def test_a_schedule_that_is_over_is_refused_when_it_is_published(scenario, engine, schedule):
    await static_list(scenario, [])
    with pytest.raises(InvalidInput) as refused:
        await published(scenario, schedule, datetime.now(UTC))
    [issue] = refused.value.issues
    assert issue.path == f"$.start.schedule.{next(reversed(schedule))}"
    assert "has passed" in issue.message


async def test_a_workflow_whose_moment_has_passed_can_be_edited_and_published(scenario, engine):
    await static_list(scenario, [])
    now = datetime.now(UTC)
    schedule = written(now - timedelta(hours=1))
    await published(scenario, schedule, now - timedelta(hours=2))
    drawing = {**starting(schedule), "name": "Edited"}
    async with scenario.database.transaction() as c:
        await save_draft(c, scenario.workspace_id, "flow", definition=drawing, now=now)
        assert (await publish(c, scenario.workspace_id, "flow", now=now)).version == 2
    other = starting(written(now - timedelta(minutes=30)))
    async with scenario.database.transaction() as c:
        await save_draft(c, scenario.workspace_id, "flow", definition=other, now=now)
        with pytest.raises(InvalidInput):
            await publish(c, scenario.workspace_id, "flow", now=now)


async def test_publishing_a_cron_launches_no_moment_from_before(scenario, engine):
    await static_list(scenario, [])
    now = datetime.now(UTC)
    await published(scenario, {"cron": "0 0 1 1 *"}, now - timedelta(days=800))
    async with scenario.database.transaction() as c:
        await save_draft(
            c, scenario.workspace_id, "flow", definition=starting({"cron": "0 1 1 1 *"}), now=now
        )
        await publish(c, scenario.workspace_id, "flow", now=now)
    await engine.dispatch()
    assert await recorded(scenario, engine, now + timedelta(minutes=30)) == []


def test_an_execution_tells_its_moment():
    moment = datetime(2027, 3, 28, 7, 0, 5, tzinfo=UTC)
    assert moment_of(execution_at("sojourn-launch-x", moment)) == moment
    assert moment_of("sojourn-launch-0b6f3f0e") is None


async def test_a_missed_launch_is_in_the_workflows_history(scenario, engine):
    await static_list(scenario, [])
    now = datetime.now(UTC)
    moment = now - timedelta(minutes=11)
    workflow = await published(scenario, written(moment), now - timedelta(hours=1))
    await engine.dispatch()
    [missed] = await recorded(scenario, engine, now)

    async def found(**filter_: Any) -> list[HistoryItem]:
        async with scenario.database.transaction() as c:
            return list(
                (
                    await history(
                        c, scenario.workspace_id, PageRequest(10, None),
                        HistoryFilter(workflow_id=workflow, **filter_),
                    )
                ).items
            )  # fmt: skip

    [item] = await found()
    assert (item.kind, item.at, item.launch_id) == ("missed", second(moment), missed.id)
    assert (item.reason_kind, item.reason_detail, item.contact_id) == ("missed", LATE, None)
    assert await found(launch_id=missed.id, kinds=["missed"], reason="missed") == [item]
    assert await found(since=now) == await found(before=moment - timedelta(1)) == []
    assert await found(event_name="Begun") == await found(kinds=["ended"]) == []
