"""The floor: what the journey of the benchmark costs when it is written by hand in Temporal.

`FloorJourney` does what the drawn journey does (message, timer, condition, message), the sends as
activities that do nothing on a queue of their own, the read as a local activity that does nothing.
No database, no mail, no HTTP: this is the price of Temporal alone, with the fewest history events.
`FloorStart` is the bare workflow start that latency is compared with: one activity, which answers
with the moment at which it ran. `FloorParked` sleeps until it is told to stop. The module imports
nothing else, so that the sandbox loads it fast.
"""

import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

JOURNEYS = "floor-journeys"
SENDS = "floor-sends"
RETRY = RetryPolicy(maximum_interval=timedelta(minutes=5))
TIMEOUT = timedelta(seconds=90)


@workflow.defn
class FloorJourney:
    @workflow.run
    async def run(self, contact: str, seconds: float) -> None:
        await self._send(contact)
        await workflow.sleep(seconds)
        premium: bool = await workflow.execute_local_activity(
            "floor_read",
            contact,
            result_type=bool,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRY,
        )
        if premium:
            await self._send(contact)

    async def _send(self, contact: str) -> None:
        await workflow.execute_activity(
            "floor_send",
            contact,
            task_queue=SENDS,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRY,
        )


@workflow.defn
class FloorStart:
    @workflow.run
    async def run(self, nothing: str) -> int:
        moment: int = await workflow.execute_activity(
            "floor_moment",
            nothing,
            result_type=int,
            task_queue=SENDS,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRY,
        )
        return moment


@workflow.defn
class FloorParked:
    @workflow.init
    def __init__(self, seconds: float) -> None:  # noqa: ARG002  (taken by run)
        self._stopped = False

    @workflow.signal
    def stop(self) -> None:
        self._stopped = True

    @workflow.run
    async def run(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._stopped, timeout=seconds)
