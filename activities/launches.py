"""The pages of mass launches, and the launches that schedules begin."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from temporalio import activity

from engine.launches.paging import fail_launch, take_page
from engine.launches.scheduled import open_scheduled
from storage.database import Database
from workflows.contracts import FailLaunchInput, LaunchPage, LaunchPageInput, OpenLaunchInput


class LaunchActivities:
    """On one database; `rate` is how many members a second a launch takes if it says nothing."""

    def __init__(self, database: Database, rate: float) -> None:
        self._database = database
        self._rate = rate

    @activity.defn(name="open_launch")
    async def open_launch(self, call: OpenLaunchInput) -> str | None:
        """Begin the launch of a schedule's moment; a repeated call leads to the same one."""
        async with self._database.transaction() as connection:
            opened = await open_scheduled(
                connection, UUID(call.workflow_id), execution=call.execution, now=call.now
            )
        return None if opened is None else str(opened)

    @activity.defn(name="take_launch_page")
    async def take_launch_page(self, call: LaunchPageInput) -> LaunchPage:
        """Queue the next members, if it is time."""
        async with self._database.transaction() as connection:
            taken = await take_page(connection, UUID(call.launch_id), now=call.now, rate=self._rate)
        return LaunchPage(taken.members, taken.until)

    @activity.defn(name="fail_launch")
    async def fail_launch(self, call: FailLaunchInput) -> None:
        """Record that a launch cannot go on."""
        async with self._database.transaction() as connection:
            await fail_launch(connection, UUID(call.launch_id), call.reason, now=datetime.now(UTC))
