"""What a crash, a restored backup or a hand in Temporal left of launches and their schedules."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio.client import Client

from engine.launches.commands import revive_launches
from engine.launches.missed import record_missed
from engine.schedules import heal_schedules
from storage.database import Database

OVERDUE = timedelta(minutes=2)
"""A launch whose page is this late has lost its execution, or waits for nothing it was told of."""


async def heal_launches(
    database: Database,
    client: Client,
    prefix: str,
    *,
    now: datetime,
    overdue: timedelta = OVERDUE,
) -> int:
    """One look; how many launches and schedules were mended."""
    async with database.transaction() as connection:
        revived = await revive_launches(connection, before=now - overdue, now=now)
    mended = await heal_schedules(database, client, prefix, now=now)
    await record_missed(database, client, prefix, now=now)
    return revived + mended
