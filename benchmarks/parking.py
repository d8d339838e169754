"""Many journeys asleep on a timer of 30 days; kept for the measurements that follow."""

from __future__ import annotations

import asyncio
import time

import asyncpg

from benchmarks.drawing import PARKED, identify, publish, track_all
from benchmarks.stack import Keys, Stack

KEY = "parked"
"""Of the workflow."""
PATIENCE_SECONDS = 1800

_kept: dict[int, Keys] = {}
"""Workspaces whose journeys are parked, by how many they are."""


async def park(stack: Stack, count: int) -> tuple[Keys, float]:
    """A workspace in which so many journeys sleep, and the seconds from the first event on."""
    keys = await stack.new_workspace(f"parking-{count}")
    users = [f"parked-{number}" for number in range(count)]
    await publish(stack.api_url, keys, KEY, PARKED)
    await identify(stack.api_url, keys, users)
    begin = time.monotonic()
    await track_all(stack.api_url, keys, users, "Parking Wanted")
    connection = await asyncpg.connect(stack.database_url)
    try:
        while (asleep := await _asleep(connection, keys)) < count:
            stack.check()
            if time.monotonic() > begin + PATIENCE_SECONDS:
                raise RuntimeError(f"only {asleep} of {count} journeys were parked")
            await asyncio.sleep(0.5)
    finally:
        await connection.close()
    _kept[count] = keys
    return keys, time.monotonic() - begin


async def parked(stack: Stack, count: int) -> Keys:
    """The workspace of journeys that were parked before, else of new ones; theirs no more."""
    if count not in _kept:
        await park(stack, count)
    return _kept.pop(count)


async def _asleep(connection: asyncpg.Connection, keys: Keys) -> int:
    """Journeys whose next moment is known and in the future."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM journeys "
        "WHERE workspace_id = $1 AND state = 'running' AND due_at > now()",
        keys.workspace,
    )
    return count
