"""One workspace's clock: wakes for the next instant at which time alone changes a membership."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import options
    from workflows.contracts import ClockInput, ClockTick, ClockTickInput


@workflow.defn(name="SegmentClock")
class SegmentClock:
    """Ends when no instant is stored; whoever stores the next one starts it again."""

    @workflow.init
    def __init__(self, clock: ClockInput) -> None:
        self._clock = clock
        self._woken = False

    @workflow.signal
    def wake(self) -> None:
        """An instant was stored that comes before the one that is slept for."""
        self._woken = True

    @workflow.run
    async def run(self, clock: ClockInput) -> None:
        """Tick, sleep until the next instant, and again."""
        while True:
            self._woken = False
            tick: ClockTick = await workflow.execute_local_activity(
                "tick_segments",
                ClockTickInput(clock.workspace_id, workflow.now()),
                result_type=ClockTick,
                start_to_close_timeout=options.TICK_TIMEOUT,
                retry_policy=options.TICK_RETRY,
                summary="move what fell due",
            )
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(clock)
            if tick.wakes_at is None:
                if not self._woken:
                    return
                continue
            remaining = max(tick.wakes_at - workflow.now(), timedelta(0))
            if not remaining:
                continue
            try:
                await workflow.wait_condition(
                    lambda: self._woken, timeout=remaining, timeout_summary="next instant"
                )
            except TimeoutError:
                continue
