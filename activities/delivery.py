"""Delivering one message, on its channel's task queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from channels.errors import TransientFailure
from channels.pool import ChannelPool
from engine.advance import advance_alone
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.errors import FactsPending
from engine.sending import FactsPending as FactsPendingAtSending
from engine.sending import deliver
from storage.database import Database
from workflows.contracts import Directive, SendInput, SendResult

LONGEST_FACTS_DELAY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class DeliveryActivities:
    """`send` over the channels of this worker."""

    def __init__(self, database: Database, channels: ChannelPool, versions: Versions) -> None:
        self._database = database
        self._channels = channels
        self._versions = versions

    @activity.defn(name="send")
    async def send(self, message: SendInput) -> SendResult:
        """Deliver the message unless that is already done or no longer wanted; then take a step.

        Asking `advance` here spares the journey a round through Temporal. Where that does not work
        out at once, the journey asks for itself.

        A transient failure is raised for Temporal to retry, after the provider's delay if any.
        """
        try:
            outcome = await deliver(
                self._database,
                self._channels,
                UUID(message.message_id),
                now=datetime.now(UTC),
            )
        except TransientFailure as error:
            delay = timedelta(seconds=error.retry_after) if error.retry_after else None
            if delay and isinstance(error, FactsPendingAtSending):
                # doubled, or attempts would count up for a provider that fails after that
                delay = min(
                    delay * (1 << min(activity.info().attempt - 1, 20)), LONGEST_FACTS_DELAY
                )
            raise ApplicationError(
                str(error),
                type=type(error).__name__,
                next_retry_delay=delay,
                category=ApplicationErrorCategory.BENIGN,
            ) from error
        return SendResult(outcome, await self._advance(message, outcome))

    async def _advance(self, message: SendInput, outcome: str) -> Directive | None:
        if message.step < 0:
            return None
        call = AdvanceCall(
            UUID(message.journey_id), message.step, activity.info().started_time, outcome
        )
        try:
            return await advance_alone(self._database, call, self._versions)
        except FactsPending:
            return None
        except Exception:
            log.exception("delivery.advance_failed", journey=message.journey_id)
            return None
