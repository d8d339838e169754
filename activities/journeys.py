"""The journey's bookkeeping: short database work, run as local activities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from engine.advance import advance_alone, end_journey
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.errors import FactsPending, StepMismatch
from storage.database import Database
from workflows.contracts import AdvanceInput, Directive, EndInput

FACTS_PENDING_DELAY = timedelta(milliseconds=20)
"""How long a dispatcher usually needs for a contact's last facts."""
FACTS_PENDING_LONGEST = timedelta(minutes=1)


def facts_pending_delay(attempt: int) -> timedelta:
    """How long until the next look; doubled each time, as the retry policy does.

    A steady delay would count up attempts, and whatever else then goes wrong (the SDK also ends a
    local activity at the timeout of its first attempt) would be answered with the longest pause.
    """
    return min(FACTS_PENDING_DELAY * (1 << min(attempt - 1, 20)), FACTS_PENDING_LONGEST)


class JourneyActivities:
    """`advance` and `end_journey` on one database."""

    def __init__(self, database: Database, versions: Versions) -> None:
        self._database = database
        self._versions = versions

    @activity.defn(name="advance")
    async def advance(self, call: AdvanceInput) -> Directive:
        """Walk to the next wait; a repeated call gives the same answer."""
        try:
            return await advance_alone(
                self._database,
                AdvanceCall(UUID(call.journey_id), call.step, call.now, call.outcome),
                self._versions,
            )
        except FactsPending as error:
            raise ApplicationError(
                str(error),
                type="FactsPending",
                next_retry_delay=facts_pending_delay(activity.info().attempt),
                category=ApplicationErrorCategory.BENIGN,
            ) from error
        except StepMismatch as error:
            raise ApplicationError(str(error), type="StepMismatch", non_retryable=True) from error

    @activity.defn(name="end_journey")
    async def end_journey(self, end: EndInput) -> str:
        """Record an end that Temporal decided on; the kind of the reason that holds."""
        async with self._database.transaction() as connection:
            return await end_journey(
                connection,
                UUID(end.journey_id),
                kind=end.kind,
                detail=end.detail,
                now=datetime.now(UTC),
            )
