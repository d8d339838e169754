"""Looks at every contact after a segment was made or its predicate changed."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import options
    from workflows.contracts import BackfillInput


@workflow.defn(name="SegmentBackfill")
class SegmentBackfill:
    """One activity that pages until all is done; how far it is, PostgreSQL knows."""

    @workflow.init
    def __init__(self, backfill: BackfillInput) -> None:
        self._backfill = backfill
        self._woken = False

    @workflow.signal
    def wake(self) -> None:
        """The predicate changed (again): there is more to do."""
        self._woken = True

    @workflow.run
    async def run(self, backfill: BackfillInput) -> None:
        """Page; again if the predicate changed meanwhile."""
        while True:
            self._woken = False
            await workflow.execute_activity(
                "backfill_segment",
                backfill,
                start_to_close_timeout=options.BACKFILL_TIMEOUT,
                heartbeat_timeout=options.BACKFILL_HEARTBEAT,
                retry_policy=options.BACKFILL_RETRY,
                summary="look at every contact",
            )
            if not self._woken:
                return
