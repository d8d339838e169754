"""A contact's weeks in a few words: what it does on which day at which hour, and what it then gets.

Every life begins on a Monday at 10:00 of the contact's own clock. Its zone is one in which it is
noon at present, because sending also looks at the real clock, which does not skip.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from engine.gallery.making import find_ready, make_ready
from engine.publishing import publish
from engine.segment_clock import tick
from tests.support.ingesting import send_calls
from tests.support.running import Engine
from tests.support.scenario import Scenario
from tests.support.segments import Segments
from workflows import names
from workflows.names import prefix_of

ANN = "ann"


@dataclass
class Clock:
    """The skipping server's clock, as it was read last."""

    environment: WorkflowEnvironment
    moment: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    async def read(self) -> datetime:
        """What it shows."""
        self.moment = (await self.environment.get_current_time()).astimezone(UTC)
        return self.moment


@dataclass
class Life:
    """One contact, Ann, in a workspace of her own."""

    scenario: Scenario
    engine: Engine
    clock: Clock
    zone: ZoneInfo
    monday: datetime

    @classmethod
    async def begin(cls, scenario: Scenario, engine: Engine, clock: Clock) -> Life:
        """Sleep until the next Monday."""
        ahead = 12 - datetime.now(UTC).hour
        zone = ZoneInfo(f"Etc/GMT{-ahead:+d}")
        now = (await clock.read()).astimezone(zone)
        monday = (now + timedelta(days=7 - now.weekday())).replace(
            hour=10, minute=0, second=0, microsecond=0
        )
        life = cls(scenario, engine, clock, zone, monday)
        await life.sleep_until(monday)
        return life

    async def end(self) -> None:
        """End the clock of the segments, which nobody would go on with."""
        prefix = prefix_of(self.engine.task_queue)
        name = names.segment_clock_id(prefix, str(self.scenario.workspace_id))
        with contextlib.suppress(RPCError):  # there is none without segments that time changes
            await self.engine.client.get_workflow_handle(name).terminate()

    def at(self, day: float, time: str = "10:00") -> datetime:
        """So many days after the first Monday, at a time of the contact's clock."""
        hour, minute = map(int, time.split(":"))
        return (self.monday + timedelta(days=day)).replace(hour=hour, minute=minute)

    def filled(self, data: Any) -> Any:
        """Replace moments, written as `day@time`, by those of this life."""
        if isinstance(data, Mapping):
            return {name: self.filled(value) for name, value in data.items()}
        if not isinstance(data, str) or "@" not in data:
            return data
        day, _, time = data.partition("@")
        moment = self.at(float(day), time or "10:00")
        return moment.isoformat() if time else moment.date().isoformat()

    async def publish(self, key: str) -> None:
        """Make a ready workflow and publish it; its segments are looked through."""
        w = self.scenario.workspace_id
        async with self.scenario.database.transaction() as connection:
            made = await make_ready(connection, w, find_ready(key), now=self.clock.moment)
        for segment in made.segments:
            if not find_ready(key).segments[segment].where.get("where"):  # takes no parameters
                await Segments(self.scenario).backfill(segment, now=self.clock.moment)
        async with self.scenario.database.transaction() as connection:
            await publish(connection, w, made.workflow.key, now=self.clock.moment)
            # The skipping server has no schedules, and a call that it does not know is repeated.
            await connection.execute(
                text("DELETE FROM commands WHERE workspace_id = :w AND kind = 'schedule'"), {"w": w}
            )

    async def be(self, **traits: Any) -> None:
        """Tell of the contact."""
        zone = {"timezone": self.zone.key, "email": "ann@example.com"}
        await self._send({"type": "identify", "userId": ANN, "traits": zone | self.filled(traits)})

    async def do(self, event: str, **properties: Any) -> None:
        """Let the contact do something now."""
        await self._send({"type": "track", "userId": ANN, "event": event,
                          "properties": self.filled(properties)})  # fmt: skip

    async def happen(self, event: str, **properties: Any) -> None:
        """Let something happen that no contact did, and wait until all whom it concerns began."""
        await self._send({"type": "track", "event": event, "properties": properties})
        async with asyncio.timeout(20):
            while not await self.scenario.journeys():
                await asyncio.sleep(0.02)
                await self.engine.dispatch()

    async def _send(self, call: dict[str, Any]) -> None:
        now = await self.clock.read()
        call["timestamp"] = now.isoformat()
        await send_calls(self.scenario.database, self.scenario.workspace_id, call, now=now)
        await self.engine.dispatch()

    async def sleep_until(self, moment: datetime) -> None:
        """Let time pass, and the segments with it."""
        await self.clock.environment.sleep(moment.astimezone(UTC) - await self.clock.read())
        now = await self.clock.read()
        again = True
        while again:
            async with self.scenario.database.transaction() as connection:
                moved, _ = await tick(connection, self.scenario.workspace_id, now=now)
            await self.engine.dispatch()
            again = bool(moved)

    async def got(self) -> list[str]:
        """The messages that were sent: the day, the time to ten minutes, and the block."""
        rows = await self.scenario.rows("""
            SELECT s.left_at, s.block FROM journey_steps s JOIN messages m
                ON m.journey_id = s.journey_id AND m.block = s.block AND m.state = 'sent'
            WHERE m.workspace_id = :w ORDER BY s.left_at
        """)
        return [f"{self._shown(row.left_at)} {row.block}" for row in rows]

    def _shown(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        local -= timedelta(minutes=local.minute % 10)
        return f"{(local.date() - self.monday.date()).days} {local:%H:%M}"

    async def ends(self) -> list[str]:
        """How each journey stands: its state, or why it ended."""
        return [
            str(journey.reason_detail or journey.reason_kind or journey.state)
            for journey in await self.scenario.journeys()
        ]
