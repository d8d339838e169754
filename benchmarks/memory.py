"""Resident memory of the API and the worker while many journeys are parked."""

from __future__ import annotations

import asyncio

import psutil

from benchmarks.parking import park
from benchmarks.report import Figure, Section
from benchmarks.stack import Stack

MEGABYTE = 1e6
SETTLE_SECONDS = 3


def resident(pid: int) -> float:
    """Megabytes of a process and its children."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return float(sum(member.memory_info().rss for member in family)) / MEGABYTE


async def measure(stack: Stack, *, count: int) -> Section:
    """Park the journeys in the processes that have done all the work before, and weigh them."""
    before = resident(stack.api.pid), resident(stack.worker.pid)
    _, seconds = await park(stack, count)
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
