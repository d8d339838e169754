"""One contact through one workflow version, as one Temporal workflow.

The drawing and the contact's data live in PostgreSQL. This workflow owns time and order only: it
asks `advance` what to do now, does it (deliver, wait, finish), and asks again. A stop is recorded
in PostgreSQL before it is signalled, so all that is left to do here is to end at once.

Changing the commands of this module breaks journeys that began months ago: see
docs/changing-workflows.md.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import names, options
    from workflows.contracts import (
        SHOWS_REASON,
        AdvanceInput,
        Directive,
        EndInput,
        JourneyInput,
        SendInput,
        SendResult,
    )


@workflow.defn(name="ContactJourney")
class ContactJourney:
    """The loop of advance → send | wait | finish; `stop` and `wake` interrupt it."""

    @workflow.init
    def __init__(self, journey: JourneyInput) -> None:
        self._journey_id = journey.journey_id
        self._step = journey.step
        self._outcome = journey.outcome
        self._features = journey.features
        self._answer: Directive | None = None
        self._stopped = False
        self._reason: str | None = None
        self._woken = False

    @workflow.signal
    def stop(self, reason: str = "stopped") -> None:
        """The journey was ended in PostgreSQL, for this kind of reason: do nothing more."""
        self._stopped = True
        self._reason = self._reason or reason

    @workflow.signal
    def wake(self) -> None:
        """Something the journey waits for may have changed: ask `advance` again."""
        self._woken = True

    @workflow.run
    async def run(self, journey: JourneyInput) -> None:  # noqa: ARG002  (taken by __init__)
        """Walk until the journey ends; cancelling it in Temporal ends it as stopped."""
        try:
            await self._walk()
            self._show_reason()
        except FailureError as error:
            # of a local activity it is the failure itself, not an ActivityError around it
            if is_cancelled_exception(error):
                await self._record_end("cancelled", "cancelled in Temporal")
                raise
            await self._record_end("error", _reason(error))
        except asyncio.CancelledError:
            await self._record_end("cancelled", "cancelled in Temporal")
            raise

    async def _walk(self) -> None:
        while not self._stopped:
            directive = await self._next_directive()
            if directive.kind == "finish":
                self._reason = self._reason or directive.reason
            if self._stopped or directive.kind == "finish":
                return
            if directive.kind == "send":
                await self._send(directive)
            else:
                await self._wait(directive)
            if workflow.info().is_continue_as_new_suggested() and not self._stopped:
                workflow.continue_as_new(self._present())

    def _present(self) -> JourneyInput:
        """Where the journey is; an answer not acted on yet is asked for again, and is the same."""
        step = self._step if self._answer is None else self._step - 1
        return JourneyInput(self._journey_id, step, self._outcome, self._features)

    async def _next_directive(self) -> Directive:
        if self._answer is not None:
            # a wake-up that came during the delivery still counts: the answer may be older
            directive, self._answer = self._answer, None
            return directive
        self._woken = False
        return await self._advance()

    async def _advance(self) -> Directive:
        directive: Directive = await workflow.execute_local_activity(
            "advance",
            AdvanceInput(self._journey_id, self._step, workflow.now(), self._outcome),
            result_type=Directive,
            start_to_close_timeout=options.ADVANCE_TIMEOUT,
            schedule_to_close_timeout=options.ADVANCE_GIVE_UP,
            retry_policy=options.ADVANCE_RETRY,
        )
        self._step += 1
        self._outcome = None
        return directive

    async def _send(self, directive: Directive) -> None:
        """Deliver a message, unless a stop comes first; mostly this answers the next step too."""
        delivery = workflow.start_activity(
            "send",
            SendInput(directive.message_id or "", self._journey_id, self._step),
            result_type=SendResult,
            task_queue=names.send_queue(
                names.prefix_of(workflow.info().task_queue), directive.channel or ""
            ),
            schedule_to_close_timeout=options.SEND_GIVE_UP,
            start_to_close_timeout=options.SEND_TIMEOUT,
            retry_policy=options.SEND_RETRY,
            summary=f"{directive.block}: {directive.channel}",
        )
        await workflow.wait_condition(lambda: self._stopped or delivery.done())
        if not delivery.done():
            delivery.cancel()
            return
        try:
            result: SendResult = await delivery
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self._outcome = f"failed: {_reason(error)}"
            return
        if result.directive is None:
            self._outcome = result.outcome
        else:
            self._answer = result.directive
            self._step += 1

    async def _wait(self, directive: Directive) -> None:
        """Sleep until the moment, a stop or a wake-up, whichever is first."""
        remaining: timedelta | None = None
        if directive.until is not None:
            remaining = max(directive.until - workflow.now(), timedelta(0))
        if remaining is None or remaining >= options.BLOCK_IS_WORTH_SHOWING:
            workflow.upsert_search_attributes([names.BLOCK.value_set(directive.block)])
        try:
            await workflow.wait_condition(
                lambda: self._stopped or self._woken,
                timeout=remaining,
                timeout_summary=directive.block,
            )
        except TimeoutError:
            return

    async def _record_end(self, kind: str, detail: str) -> None:
        """Tell PostgreSQL about an end that it does not know of yet, cancelled or not."""
        end = workflow.execute_local_activity(
            "end_journey",
            EndInput(self._journey_id, kind, detail),
            result_type=str,
            start_to_close_timeout=options.ADVANCE_TIMEOUT,
            schedule_to_close_timeout=options.ADVANCE_GIVE_UP,
            retry_policy=options.ADVANCE_RETRY,
        )
        self._reason = await asyncio.shield(end) or kind
        self._show_reason()

    def _show_reason(self) -> None:
        """Let Temporal be searched by why journeys ended."""
        if self._features >= SHOWS_REASON and self._reason is not None:
            workflow.upsert_search_attributes([names.REASON.value_set(self._reason)])


def _reason(error: FailureError) -> str:
    """The innermost cause in words, bounded: it is shown to marketers."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return str(cause)[:300]
