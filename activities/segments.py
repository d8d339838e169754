"""What keeps segments right while nothing but time happens, and after their predicates change."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from temporalio import activity

from engine.membership.backfill import backfill
from engine.membership.clearing import clear
from engine.rules import RuleBooks
from engine.segment_clock import tick
from storage.database import Database
from workflows.contracts import BackfillInput, ClockTick, ClockTickInput


class SegmentActivities:
    """`tick_segments` and `backfill_segment` on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._books = RuleBooks()

    @activity.defn(name="tick_segments")
    async def tick_segments(self, call: ClockTickInput) -> ClockTick:
        """Hand what fell due to the dispatcher; when the next one does."""
        async with self._database.transaction() as connection:
            moved, wakes_at = await tick(connection, UUID(call.workspace_id), now=call.now)
        return ClockTick(moved, wakes_at)

    @activity.defn(name="backfill_segment")
    async def backfill_segment(self, call: BackfillInput) -> None:
        """Look at every contact, a page a transaction, going on where an earlier attempt ended.

        Of a segment that has no members any more, what is stored is cleared away.
        """
        await clear(self._database, UUID(call.segment_id), beat=activity.heartbeat)
        await backfill(
            self._database,
            UUID(call.segment_id),
            self._books,
            clock=lambda: datetime.now(UTC),
            beat=activity.heartbeat,
        )
