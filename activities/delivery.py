"""Delivering one message, on its channel's task queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from channels.errors import TransientFailure
from channels.protocol import Channel
from engine.sending import deliver
from storage.database import Database
from workflows.contracts import SendInput, SendResult


class DeliveryActivities:
    """`send` over the channels of this worker."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._channels = channels

    @activity.defn(name="send")
    async def send(self, message: SendInput) -> SendResult:
        """Deliver the message unless that is already done or no longer wanted.

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
            raise ApplicationError(
                str(error),
                type=type(error).__name__,
                next_retry_delay=delay,
                category=ApplicationErrorCategory.BENIGN,
            ) from error
        return SendResult(outcome)
