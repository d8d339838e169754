"""One mass launch: asks for page after page, each when it is due, until the members are through.

Where the launch stands is in PostgreSQL. This workflow owns the time between the pages only; begun
again after whatever happened to it, it goes on there.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import options
    from workflows.contracts import (
        FailLaunchInput,
        LaunchInput,
        LaunchPage,
        LaunchPageInput,
        OpenLaunchInput,
    )


@workflow.defn(name="SegmentLaunch")
class SegmentLaunch:
    """Page, sleep, page; `wake` interrupts the sleep."""

    @workflow.init
    def __init__(self, launch: LaunchInput) -> None:
        self._launch_id = launch.launch_id
        self._woken = False

    @workflow.signal
    def wake(self) -> None:
        """The launch was stopped or may go on: look again."""
        self._woken = True

    @workflow.run
    async def run(self, launch: LaunchInput) -> None:
        """Go through the members; what cannot be done is recorded as failed."""
        if not self._launch_id:
            self._launch_id = await self._open(launch.workflow_id) or ""
        if not self._launch_id:
            return
        try:
            await self._page_by_page()
        except ActivityError as error:
            if is_cancelled_exception(error):
                await self._fail("cancelled in Temporal")
                raise
            await self._fail(_reason(error))
        except asyncio.CancelledError:
            await self._fail("cancelled in Temporal")
            raise

    async def _page_by_page(self) -> None:
        while True:
            self._woken = False
            page: LaunchPage = await workflow.execute_activity(
                "take_launch_page",
                LaunchPageInput(self._launch_id, workflow.now()),
                result_type=LaunchPage,
                start_to_close_timeout=options.LAUNCH_TIMEOUT,
                schedule_to_close_timeout=options.LAUNCH_GIVE_UP,
                retry_policy=options.LAUNCH_RETRY,
                summary="next members",
            )
            if page.until is None:
                return
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(LaunchInput(self._launch_id))
            await self._sleep(max(page.until - workflow.now(), timedelta(0)))

    async def _sleep(self, remaining: timedelta) -> None:
        if not remaining:
            return
        try:
            await workflow.wait_condition(
                lambda: self._woken, timeout=remaining, timeout_summary="next page"
            )
        except TimeoutError:
            return

    async def _open(self, workflow_id: str) -> str | None:
        launch_id: str | None = await workflow.execute_activity(
            "open_launch",
            OpenLaunchInput(workflow_id, workflow.info().workflow_id, workflow.now()),
            result_type=str | None,  # type: ignore[arg-type]
            start_to_close_timeout=options.LAUNCH_TIMEOUT,
            retry_policy=options.LAUNCH_RETRY,
            summary="begin the launch",
        )
        return launch_id

    async def _fail(self, reason: str) -> None:
        failing = workflow.start_activity(
            "fail_launch",
            FailLaunchInput(self._launch_id, reason),
            start_to_close_timeout=options.LAUNCH_TIMEOUT,
            retry_policy=options.LAUNCH_RETRY,
            summary="record the end",
        )
        await asyncio.shield(failing)


def _reason(error: ActivityError) -> str:
    """The innermost cause in words, bounded: it is shown to marketers."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return str(cause)[:300]
