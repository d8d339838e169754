"""What keeps segments right while nothing but time happens, and after their predicates change."""

from __future__ import annotations

from uuid import UUID

from temporalio import activity

from engine.segment_clock import tick
from storage.database import Database
from workflows.contracts import ClockTick, ClockTickInput


class SegmentActivities:
    """`tick_segments` on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="tick_segments")
    async def tick_segments(self, call: ClockTickInput) -> ClockTick:
        """Hand what fell due to the dispatcher; when the next one does."""
        async with self._database.transaction() as connection:
            moved, wakes_at = await tick(connection, UUID(call.workspace_id), now=call.now)
        return ClockTick(moved, wakes_at)
