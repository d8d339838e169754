"""Launches at set times: Temporal's schedules follow what is published, and miss or repeat none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleOverlapPolicy,
    ScheduleSpec,
)
from temporalio.service import RPCError, RPCStatusCode

from engine.launches.scheduled import open_scheduled
from engine.publishing import archive, pause, publish, resume
from engine.schedules import heal_schedules
from engine.workflows import create_workflow, delete_workflow, save_draft
from runtime.schedules import ensure_schedules
from tests.support.launching import OUT, launch, people, static_list
from tests.support.running import Engine
from tests.support.scenario import Scenario, definition
from workflows import names
from workflows.contracts import ReconcileReport
from workflows.names import prefix_of

NEVER = {"cron": "0 9 1 1 *"}


@pytest.fixture(autouse=True)
async def no_schedules_left(engine: Engine) -> AsyncIterator[None]:
    yield
    async for listed in await engine.client.list_schedules():
        if listed.id.startswith(prefix_of(engine.task_queue)):
            await deleted(engine.client.get_schedule_handle(listed.id))


async def deleted(schedule: ScheduleHandle) -> None:
    """Gone, whether or not it still was there: the list lags behind what was deleted."""
    try:
        await schedule.delete()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise


def starting(schedule: Any, **more: Any) -> dict[str, Any]:
    start = {"kind": "segment", "segment": "list", "schedule": schedule, **more}
    return definition(start=start, blocks=OUT)


async def published(scenario: Scenario, engine: Engine, schedule: Any, **more: Any) -> UUID:
    """A workflow `flow` launched at these times, published as the API does it."""
    now = datetime.now(UTC)
    async with scenario.database.transaction() as c:
        record = await create_workflow(
            c, scenario.workspace_id, key="flow", definition=starting(schedule, **more), now=now
        )
        await publish(c, scenario.workspace_id, "flow", now=now)
    await engine.dispatch()
    return record.id


async def republished(scenario: Scenario, engine: Engine, drawing: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    async with scenario.database.transaction() as c:
        await save_draft(c, scenario.workspace_id, "flow", definition=drawing, now=now)
        await publish(c, scenario.workspace_id, "flow", now=now)
    await engine.dispatch()


def schedule_of(engine: Engine, workflow: UUID) -> ScheduleHandle:
    return engine.client.get_schedule_handle(
        names.launch_id(prefix_of(engine.task_queue), str(workflow))
    )


async def described(engine: Engine, workflow: UUID) -> ScheduleDescription | None:
    try:
        return await schedule_of(engine, workflow).describe()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return None


async def next_times(engine: Engine, workflow: UUID) -> list[datetime]:
    found = await described(engine, workflow)
    assert found is not None
    return list(found.info.next_action_times)


async def skipped(engine: Engine, workflow: UUID) -> int:
    found = await described(engine, workflow)
    assert found is not None
    return found.info.num_actions_skipped_overlap


async def launches(scenario: Scenario) -> list[Any]:
    return await scenario.rows(
        "SELECT * FROM launches WHERE workspace_id = :w ORDER BY started_at, id"
    )


async def until_launches(scenario: Scenario, engine: Engine, count: int, state: str) -> list[Any]:
    async with asyncio.timeout(60):
        while True:
            await engine.dispatch()
            found = await launches(scenario)
            if len(found) >= count and all(each.state == state for each in found):
                await engine.dispatch()
                return found
            await asyncio.sleep(0.05)


async def test_publishing_makes_a_schedule_that_skips_what_overlaps_and_what_was_missed(
    scenario, engine
):
    """A cluster that comes back after a day does not fire all that it missed."""
    await static_list(scenario, [])
    workflow = await published(scenario, engine, {"cron": "*/5 * * * *"})
    found = await described(engine, workflow)
    assert found is not None
    assert found.schedule.policy.overlap == ScheduleOverlapPolicy.SKIP
    assert found.schedule.policy.catchup_window == timedelta(minutes=10)
    assert not found.schedule.state.paused
    assert found.schedule.spec.time_zone_name == "UTC"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2027-03-27", ["2027-03-27T08", "2027-03-28T07", "2027-03-29T07"]),
        ("2027-10-30", ["2027-10-30T07", "2027-10-31T08", "2027-11-01T08"]),
    ],
    ids=["spring", "autumn"],
)
async def test_a_cron_time_is_the_wall_clocks_on_both_sides_of_a_clock_change(
    scenario, engine, first, expected
):
    await static_list(scenario, [])
    workflow = await published(
        scenario, engine, {"cron": "0 9 * * *", "timezone": "Europe/Berlin", "from": first}
    )
    times = await next_times(engine, workflow)
    assert [time.strftime("%Y-%m-%dT%H") for time in times[:3]] == expected


async def test_without_a_zone_a_cron_is_meant_in_the_workspaces(scenario, engine):
    await scenario.rows("UPDATE workspaces SET timezone = 'Asia/Tokyo' WHERE id = :w RETURNING id")
    await static_list(scenario, [])
    workflow = await published(scenario, engine, {"cron": "0 9 * * *"})
    assert (await next_times(engine, workflow))[0].hour == 0


async def test_a_cron_ends_with_until(scenario, engine):
    await static_list(scenario, [])
    bounds = {"from": "2027-05-03", "until": "2027-05-05T12:00", "timezone": "Europe/Kyiv"}
    workflow = await published(scenario, engine, {"cron": "0 9 * * *", **bounds})
    times = await next_times(engine, workflow)
    assert [f"{time:%d %H}" for time in times] == ["03 06", "04 06", "05 06"]


@pytest.mark.parametrize("cron", ["0 9 * * mon", "0 9 * * 7", "0 0 1 jan *", "*/20 8-18/2 * * 1-5",
                                  "5/10 * * * *", "0,30 9 1,15 * *"])  # fmt: skip
async def test_every_form_of_cron_that_is_accepted_is_one_that_temporal_takes(
    scenario, engine, cron
):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, {"cron": cron})
    assert await next_times(engine, workflow)


@pytest.mark.parametrize(
    ("from_", "until", "expected"),
    [
        ("2027-03-27", "2027-03-30", ["03-27T01:30", "03-29T00:30"]),
        ("2027-10-30", "2027-11-02", ["10-30T00:30", "10-31T01:30", "11-01T01:30"]),
    ],
    ids=["a time that does not exist", "a time that happens twice"],
)
async def test_a_time_at_which_clocks_change_is_launched_once_at_most(
    scenario, engine, from_, until, expected
):
    await static_list(scenario, [])
    night = {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "from": from_, "until": until}
    workflow = await published(scenario, engine, night)
    assert [f"{time:%m-%dT%H:%M}" for time in await next_times(engine, workflow)] == expected


async def test_at_is_one_moment_in_its_zone(scenario, engine):
    await static_list(scenario, [])
    at = {"at": "2031-12-24T10:00", "timezone": "America/New_York"}
    workflow = await published(scenario, engine, at)
    assert await next_times(engine, workflow) == [datetime(2031, 12, 24, 15, tzinfo=UTC)]


async def test_the_moment_comes_and_everyone_starts(scenario, engine):
    members = await people(scenario, 5)
    await static_list(scenario, members)
    workflow = await published(scenario, engine, NEVER)
    for seconds in (3, 10, 30):  # a busy machine may be late with the first ones
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        await republished(scenario, engine, starting({"at": moment.isoformat()}))
        if await next_times(engine, workflow):
            break
    [begun] = await until_launches(scenario, engine, 1, "completed")
    assert (begun.kind, begun.total, begun.taken) == ("at", 5, 5)
    assert begun.execution.startswith(names.launch_id(prefix_of(engine.task_queue), ""))
    assert sorted(j.contact_id for j in await scenario.until_ended(5)) == members


async def test_an_entry_start_has_no_schedule(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, "entry")
    assert await described(engine, workflow) is None


async def test_the_schedule_follows_the_workflow(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, NEVER)

    async def paused() -> bool | None:
        await engine.dispatch()
        found = await described(engine, workflow)
        return None if found is None else found.schedule.state.paused

    now = datetime.now(UTC)
    async with scenario.database.transaction() as c:
        await pause(c, scenario.workspace_id, "flow")
    assert await paused() is True
    async with scenario.database.transaction() as c:
        await resume(c, scenario.workspace_id, "flow", now=now, rate=10)
    assert await paused() is False
    async with scenario.database.transaction() as c:
        await archive(c, scenario.workspace_id, "flow", now=now, rate=10)
    assert await paused() is None
    async with scenario.database.transaction() as c:
        await publish(c, scenario.workspace_id, "flow", now=now)
    assert await paused() is False
    async with scenario.database.transaction() as c:
        await delete_workflow(c, scenario.workspace_id, "flow")
    assert await paused() is None


async def test_a_new_version_changes_the_times_or_ends_them(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, {"cron": "0 9 * * *"})
    await republished(scenario, engine, starting({"cron": "0 17 * * *"}))
    assert (await next_times(engine, workflow))[0].hour == 17
    await republished(scenario, engine, definition(blocks=OUT))
    assert await described(engine, workflow) is None


async def test_a_draft_changes_no_times(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, {"cron": "0 9 * * *"})
    async with scenario.database.transaction() as c:
        await save_draft(
            c, scenario.workspace_id, "flow", definition=starting({"cron": "0 17 * * *"}),
            now=datetime.now(UTC),
        )  # fmt: skip
    await engine.dispatch()
    assert (await next_times(engine, workflow))[0].hour == 9


async def test_a_launch_that_still_runs_skips_the_next(scenario, engine):
    await static_list(scenario, await people(scenario, 4))
    workflow = await published(scenario, engine, NEVER, spread="PT1H")
    await schedule_of(engine, workflow).trigger(overlap=ScheduleOverlapPolicy.SKIP)
    await until_launches(scenario, engine, 1, "running")
    await schedule_of(engine, workflow).trigger(overlap=ScheduleOverlapPolicy.SKIP)
    async with asyncio.timeout(40):
        while (
            not (found := await described(engine, workflow))
            or not found.info.num_actions_skipped_overlap
        ):
            await asyncio.sleep(0.05)
    assert len(await launches(scenario)) == 1


async def test_a_launch_by_hand_that_still_runs_skips_the_scheduled_one(scenario, engine):
    """It is recorded, with the reason: nobody need wonder why nothing went out."""
    await static_list(scenario, await people(scenario, 4))
    workflow = await published(scenario, engine, NEVER, spread="PT1H")
    first = await launch(scenario)
    await schedule_of(engine, workflow).trigger()
    async with asyncio.timeout(40):
        while len(found := await launches(scenario)) < 2:
            await asyncio.sleep(0.05)
    [refused] = [each for each in found if each.id != first]
    assert (refused.state, refused.kind) == ("missed", "cron")
    assert refused.reason == f"the launch {first} still ran"


async def test_a_scheduled_launch_of_a_paused_workflow_is_refused_and_recorded(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    workflow = await published(scenario, engine, NEVER)
    async with scenario.database.transaction() as c:
        await pause(c, scenario.workspace_id, "flow")
    await schedule_of(engine, workflow).trigger()
    [refused] = await until_launches(scenario, engine, 1, "missed")
    assert refused.reason == "the workflow was paused"


async def test_a_scheduled_launch_that_is_begun_again_is_the_same(scenario, engine):
    await static_list(scenario, await people(scenario, 2))
    workflow = await published(scenario, engine, NEVER)
    begun = []
    for _ in range(3):
        async with scenario.database.transaction() as c:
            begun.append(
                await open_scheduled(c, workflow, execution="a-run", now=datetime.now(UTC))
            )
    assert len(set(begun)) == 1
    assert begun[0] is not None
    assert len(await launches(scenario)) == 1


async def test_a_lost_schedule_is_made_again(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, NEVER)
    await schedule_of(engine, workflow).delete()
    async with asyncio.timeout(40):  # the list of schedules lags behind
        while await described(engine, workflow) is None:
            await healed(scenario, engine)


async def test_the_reconciliation_mends_schedules(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, NEVER)
    await schedule_of(engine, workflow).delete()
    report = await engine.client.execute_workflow(
        "Reconciliation",
        id=f"{prefix_of(engine.task_queue)}-once",
        task_queue=engine.task_queue,
        result_type=ReconcileReport,
    )
    assert report.launches >= 1
    assert await described(engine, workflow) is not None


async def test_a_schedule_of_no_workflow_is_deleted(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, NEVER)
    await scenario.rows("DELETE FROM workflows WHERE id = :i RETURNING id", i=workflow)
    async with asyncio.timeout(40):
        while await described(engine, workflow) is not None:
            await healed(scenario, engine)


async def test_a_schedule_that_was_changed_by_hand_is_set_right(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, {"cron": "0 9 * * *"})
    await schedule_of(engine, workflow).pause()
    async with asyncio.timeout(40):
        while (found := await described(engine, workflow)) is None or found.schedule.state.paused:
            await healed(scenario, engine)


async def test_what_is_right_is_left_alone(scenario, engine):
    await static_list(scenario, [])
    workflow = await published(scenario, engine, NEVER)
    before = await described(engine, workflow)
    assert await healed(scenario, engine) == 0, "though Temporal's list may not have it yet"
    after = await described(engine, workflow)
    assert before is not None
    assert after is not None
    assert before.info.last_updated_at == after.info.last_updated_at


async def healed(scenario: Scenario, engine: Engine) -> int:
    return await heal_schedules(
        scenario.database, engine.client, prefix_of(engine.task_queue), now=datetime.now(UTC)
    )


async def test_a_release_that_changes_the_reconciliations_times_changes_its_schedule(engine):
    prefix = prefix_of(engine.task_queue)
    name = f"{prefix}-reconciliation"
    old = Schedule(
        action=ScheduleActionStartWorkflow("Reconciliation", id=name, task_queue="elsewhere"),
        spec=ScheduleSpec(cron_expressions=["0 0 1 1 *"]),
    )
    handle = await engine.client.create_schedule(name, old)
    await handle.pause()
    await ensure_schedules(engine.client, prefix)
    found = await handle.describe()
    assert found.schedule.spec.intervals[0].every == timedelta(minutes=1)
    assert found.schedule.state.paused, "what somebody paused by hand stays paused"
    assert isinstance(found.schedule.action, ScheduleActionStartWorkflow)
    assert found.schedule.action.task_queue == engine.task_queue
    await ensure_schedules(engine.client, prefix)
    assert (await handle.describe()).info.last_updated_at == found.info.last_updated_at
