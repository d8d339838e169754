"""The Temporal Schedules that launch workflows for segments at set times.

The database says which there are; a schedule is made, changed and deleted by a call that is owed
like any other, and compared again by each reconciliation.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from engine.lanes import lane_of
from engine.launches.moments import execution_at, instant, passed, schedule_of_start, zone_of
from journeys.definition import LaunchSchedule, Start
from storage.database import Database
from workflows import names, options
from workflows.contracts import LaunchInput

AT_ONCE = 20
log = structlog.get_logger(__name__)
_START: TypeAdapter[Start] = TypeAdapter(Start)


@dataclass(frozen=True)
class Plan:
    """What a schedule follows from: a workflow's state, the start that is published, the zone."""

    state: str
    key: str
    start: dict[str, Any]
    timezone: str
    since: str | None = None
    """The moments up to then are accounted for."""

    @property
    def times(self) -> LaunchSchedule | None:
        """The set times at which the workflow is launched."""
        return schedule_of_start(_START.validate_python(self.start))


PLAN_SQL = """
    jsonb_build_object(
        'state', w.state, 'key', w.key, 'start', v.definition -> 'start', 'timezone', s.timezone,
        'since', w.schedule_since
    )
"""
"""A `Plan`, where `w` is a workflow, `v` its version that runs and `s` its workspace."""

_OWE = text("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind)
    SELECT w.workspace_id, :lane, w.id, 'schedule' FROM workflows w
    WHERE w.id = :workflow AND EXISTS (
        SELECT FROM workflow_versions v
        WHERE v.workflow_id = w.id AND v.definition -> 'start' ->> 'kind' = 'segment'
    )
""")

_PLANS = text(f"""
    SELECT w.id, {PLAN_SQL} AS plan
    FROM workflows w
    JOIN workspaces s ON s.id = w.workspace_id
    JOIN workflow_versions v ON v.workflow_id = w.id AND v.version = w.version
    WHERE w.state IN ('active', 'paused') AND v.definition -> 'start' ->> 'kind' = 'segment'
""")  # noqa: S608  (a fixed expression)


async def owe_schedule(connection: AsyncConnection, workflow_id: UUID) -> None:
    """Owe Temporal the schedule of a workflow that is published, paused, resumed or archived.

    Call it after the change, or before the deletion, in its transaction.
    """
    await connection.execute(_OWE, {"workflow": workflow_id, "lane": lane_of(workflow_id)})


def schedule_of(prefix: str, workflow_id: UUID, plan: Plan | None) -> Schedule | None:
    """The schedule that a workflow should have; None if none."""
    if plan is None or plan.state not in ("active", "paused"):
        return None
    times = plan.times
    spec = None if times is None else _spec(times, zone_of(times, plan.timezone))
    if spec is None:
        return None
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            "SegmentLaunch",
            LaunchInput(workflow_id=str(workflow_id)),
            id=names.launch_id(prefix, str(workflow_id)),
            task_queue=names.bulk_queue(prefix),
            static_summary=f"launch of {plan.key}",
        ),
        spec=spec,
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=options.LAUNCH_CATCH_UP
        ),
        state=ScheduleState(paused=plan.state == "paused"),
    )
    return replace(schedule, state=replace(schedule.state, note=f"spec {_digest(schedule)}"))


async def agree(
    client: Client, prefix: str, workflow_id: UUID, plan: Plan | None, *, now: datetime
) -> None:
    """Make Temporal's schedule of a workflow what it should be; harmless when made twice.

    A moment that came while there was none, or while it was paused, is launched if it is not late.
    """
    id_ = names.launch_id(prefix, str(workflow_id))
    schedule = schedule_of(prefix, workflow_id, plan)
    handle = client.get_schedule_handle(id_)
    if schedule is None:
        try:
            await handle.delete()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        return
    try:
        await client.create_schedule(id_, schedule)
    except ScheduleAlreadyRunningError:
        await handle.update(lambda _: ScheduleUpdate(schedule))
    if plan is not None and plan.state == "active":
        await _catch_up(client, prefix, workflow_id, plan, now)


async def _catch_up(
    client: Client, prefix: str, workflow_id: UUID, plan: Plan, now: datetime
) -> None:
    """Launch for the last moment, if it passed of late; it had its launch already, mostly.

    One launch, not one for each of them: the members of now are those of each.
    """
    times, id_ = plan.times, names.launch_id(prefix, str(workflow_id))
    if times is None or plan.since is None:
        return
    after = max(datetime.fromisoformat(plan.since), now - options.LAUNCH_CATCH_UP)
    found = await passed(client, id_, times, zone_of(times, plan.timezone), after=after, until=now)
    if found.moments:
        await client.start_workflow(
            "SegmentLaunch",
            LaunchInput(workflow_id=str(workflow_id)),
            id=execution_at(id_, found.moments[-1]),
            task_queue=names.bulk_queue(prefix),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"launch of {plan.key}",
        )


async def heal_schedules(database: Database, client: Client, prefix: str, *, now: datetime) -> int:
    """Mend the schedules that are missing, changed by hand, or nobody's; how many.

    Temporal is asked first: what is published after that has its own call owed. Its list lags
    behind its schedules, so what looks wrong there is looked at itself before it is changed.
    """
    ours = re.compile(re.escape(names.launch_id(prefix, "")) + r"([0-9a-f-]{36})")
    found: dict[UUID, tuple[str | None, bool]] = {}
    async for listed in await client.list_schedules():
        if (named := ours.fullmatch(listed.id)) and listed.schedule is not None:
            state = listed.schedule.state
            found[UUID(named[1])] = (state.note, state.paused)
    async with database.transaction() as connection:
        rows = (await connection.execute(_PLANS)).all()
    plans = {row.id: Plan(**row.plan) for row in rows}
    wrong = [
        id_
        for id_ in found.keys() | plans.keys()
        if found.get(id_) != _mark(prefix, id_, plans.get(id_))
    ]
    gate = asyncio.Semaphore(AT_ONCE)

    async def mend(id_: UUID) -> bool:
        async with gate:
            try:
                if await _is_right(client, prefix, id_, plans.get(id_)):
                    return False
                await agree(client, prefix, id_, plans.get(id_), now=now)
            except RPCError as error:  # one must not hold up the others
                log.warning("schedules.not_mended", workflow=str(id_), error=str(error))
                return False
        return True

    return sum(await asyncio.gather(*(mend(id_) for id_ in wrong)))


async def _is_right(client: Client, prefix: str, id_: UUID, plan: Plan | None) -> bool:
    """Whether the schedule itself is what it should be, or is rightly not there."""
    try:
        found = await client.get_schedule_handle(names.launch_id(prefix, str(id_))).describe()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return _mark(prefix, id_, plan) is None
    return (found.schedule.state.note, found.schedule.state.paused) == _mark(prefix, id_, plan)


def _mark(prefix: str, id_: UUID, plan: Plan | None) -> tuple[str | None, bool] | None:
    """What tells a schedule that is right, in a list of them, from another one."""
    schedule = schedule_of(prefix, id_, plan)
    return None if schedule is None else (schedule.state.note, schedule.state.paused)


def _spec(schedule: LaunchSchedule, zone: str) -> ScheduleSpec | None:
    if schedule.cron is not None:
        return ScheduleSpec(
            cron_expressions=[schedule.cron],
            time_zone_name=zone,
            start_at=instant(schedule.from_, zone),
            end_at=instant(schedule.until, zone),
        )
    at = instant(schedule.at, zone)
    if at is None:
        return None
    moment = ScheduleCalendarSpec(
        year=[ScheduleRange(at.year)],
        month=[ScheduleRange(at.month)],
        day_of_month=[ScheduleRange(at.day)],
        hour=[ScheduleRange(at.hour)],
        minute=[ScheduleRange(at.minute)],
        second=[ScheduleRange(at.second)],
    )
    return ScheduleSpec(calendars=[moment])


def _digest(schedule: Schedule) -> str:
    """Differs when the times or the way of the launches do."""
    told = f"{schedule.spec!r} {schedule.policy!r} {schedule.action!r}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]
