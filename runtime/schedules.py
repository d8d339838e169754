"""The Temporal Schedules that the product itself needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleAction,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from workflows import options
from workflows.names import journeys_queue


async def ensure_schedules(client: Client, task_queue_prefix: str) -> None:
    """Create what is missing, and change what an earlier release made otherwise.

    Safe to call by every process at every start; what somebody paused by hand stays paused.
    A run that is missed is not made up for, and one that is late keeps the next from starting.
    """
    name = f"{task_queue_prefix}-reconciliation"
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            "Reconciliation", id=name, task_queue=journeys_queue(task_queue_prefix)
        ),
        spec=ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=options.RECONCILE_EVERY)],
            jitter=options.RECONCILE_JITTER,
        ),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=options.RECONCILE_CATCH_UP
        ),
    )
    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(name).update(lambda now: _change(now, schedule))


def _change(now: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate | None:
    """The change that is needed; None when there is none."""
    present = now.description.schedule
    if (
        _times(present.spec) == _times(wanted.spec)
        and present.policy == wanted.policy
        and _does(present.action) == _does(wanted.action)
    ):
        return None
    return ScheduleUpdate(replace(wanted, state=present.state))


def _times(spec: ScheduleSpec) -> tuple[object, ...]:
    every = [(interval.every, interval.offset or timedelta(0)) for interval in spec.intervals]
    return every, spec.jitter


def _does(action: ScheduleAction) -> tuple[object, ...]:
    assert isinstance(action, ScheduleActionStartWorkflow)
    return action.workflow, action.id, action.task_queue
