"""The worker process of the floor, with the slots, pollers, cache and sandbox of the engine's own.

Runs as `python -m benchmarks.floor ADDRESS` until it is told to end.
"""

from __future__ import annotations

import sys
import time

import uvloop
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from benchmarks.floor_workflows import JOURNEYS, SENDS, FloorJourney, FloorParked, FloorStart
from runtime.sandbox import workflow_runner
from runtime.settings import settings
from runtime.shutdown import stop_on_signals
from runtime.slots import DELIVERIES, LOCAL_ACTIVITIES, WORKFLOW_TASKS


@activity.defn
async def floor_send(_message: str) -> str:
    return "sent"


@activity.defn
async def floor_read(_contact: str) -> bool:
    return True


@activity.defn
async def floor_moment(_nothing: str) -> int:
    return time.monotonic_ns()


async def main(address: str) -> None:
    stop = stop_on_signals()
    client = await Client.connect(address)
    pollers = PollerBehaviorAutoscaling(minimum=1, initial=2, maximum=10)
    journeys = Worker(
        client,
        task_queue=JOURNEYS,
        workflows=[FloorJourney, FloorParked, FloorStart],
        activities=[floor_read],
        workflow_runner=workflow_runner(),
        max_cached_workflows=settings().max_cached_workflows,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        max_concurrent_local_activities=LOCAL_ACTIVITIES,
        workflow_task_poller_behavior=pollers,
    )
    sends = Worker(
        client,
        task_queue=SENDS,
        activities=[floor_send, floor_moment],
        max_concurrent_activities=DELIVERIES,
        activity_task_poller_behavior=pollers,
    )
    async with journeys, sends:
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
