"""Resident memory of the API and the worker while many journeys are parked."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import psutil

from benchmarks.drawing import PARKED, identify, publish, track_all
from benchmarks.report import Figure, Section
from benchmarks.stack import Stack

MEGABYTE = 1e6
PATIENCE_SECONDS = 1800
SETTLE_SECONDS = 3


def resident(pid: int) -> float:
    """Megabytes of a process and its children."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return float(sum(member.memory_info().rss for member in family)) / MEGABYTE


async def parked(connection: asyncpg.Connection) -> int:
    """Journeys of this benchmark that sleep: their next moment is known and in the future."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM journeys JOIN workflows ON workflows.id = journeys.workflow_id "
        "WHERE workflows.key = 'parked' AND journeys.state = 'running' "
        "AND journeys.due_at > now()"
    )
    return count


async def measure(stack: Stack, *, count: int) -> Section:
    """Park the journeys in the processes that have done all the work before, and weigh them."""
    before = resident(stack.api.pid), resident(stack.worker.pid)
    keys = await stack.new_workspace("memory")
    users = [f"parked-{number}" for number in range(count)]
    await publish(stack.api_url, keys, "parked", PARKED)
    await identify(stack.api_url, keys, users)
    begin = time.monotonic()
    await track_all(stack.api_url, keys, users, "Parking Wanted")
    connection = await asyncpg.connect(stack.database_url)
    try:
        while (asleep := await parked(connection)) < count:
            stack.check()
            if time.monotonic() > begin + PATIENCE_SECONDS:
                raise RuntimeError(f"only {asleep} of {count} journeys were parked")
            await asyncio.sleep(0.5)
        seconds = time.monotonic() - begin
    finally:
        await connection.close()
    await asyncio.sleep(SETTLE_SECONDS)
    api, worker = resident(stack.api.pid), resident(stack.worker.pid)
    return Section(
        "Memory",
        f"{count:,} journeys asleep on a timer of 30 days, started by as many events in "
        f"{seconds:.0f} s ({count / seconds:.0f} a second). Resident megabytes of the one API and "
        "the one worker process, with their children; beside them, before.",
        [
            Figure("API", f"{api:.0f}", f"{before[0]:.0f}", api, "MB", at_most=200),
            Figure("worker", f"{worker:.0f}", f"{before[1]:.0f}", worker, "MB", at_most=300),
        ],
    )
