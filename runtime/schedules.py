"""The Temporal Schedules that the product itself needs."""

from __future__ import annotations

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)

from workflows import options
from workflows.names import journeys_queue


async def ensure_schedules(client: Client, task_queue_prefix: str) -> None:
    """Create what is missing; safe to call by every process at every start.

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
        return
