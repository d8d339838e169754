"""Waiting until a journey has come somewhere, without guessing how long that takes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.engine import Row

from engine.segments import create_segment
from tests.support.running import Engine
from tests.support.scenario import Scenario


async def sits_in(scenario: Scenario, block: str, *, seconds: float = 15) -> Row[Any]:
    """The only journey, once it is in the block."""
    async with asyncio.timeout(seconds):
        while True:
            [journey] = await scenario.journeys()
            if journey.block == block and journey.state == "running":
                return journey
            await asyncio.sleep(0.02)


async def settle(scenario: Scenario, engine: Engine, ended: int, *, seconds: float = 20) -> Any:
    """Dispatch until so many journeys have ended, and nothing is left to decide; all journeys."""
    async with asyncio.timeout(seconds):
        while True:
            await engine.dispatch()
            journeys = await scenario.journeys()
            if sum(journey.state != "running" for journey in journeys) >= ended:
                await engine.dispatch()
                return await scenario.journeys()
            await asyncio.sleep(0.05)


async def begin(
    scenario: Scenario, engine: Engine, contact: UUID | None = None, **properties: Any
) -> Row[Any]:
    """Start the only journey by `Begun`."""
    contact = contact or await scenario.contact()
    await scenario.event(contact, "Begun", properties)
    await engine.dispatch()
    [journey] = await scenario.journeys()
    return journey


async def segment(scenario: Scenario, key: str, where: dict[str, Any] | None = None) -> None:
    """Make a segment; without `where`, a static list."""
    async with scenario.database.transaction() as connection:
        await create_segment(
            connection, scenario.workspace_id, key=key, name=key, where=where, now=datetime.now(UTC)
        )
