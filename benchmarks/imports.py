"""How many rows a second an import stores, and how much memory it takes on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from benchmarks.memory import resident
from benchmarks.report import Figure, Section
from benchmarks.stack import Stack

PIECE_ROWS = 2_000
PLANS = ("free", "pro", "team")


def piece(first: int, last: int) -> bytes:
    """Rows of contacts as an export has them, some 110 bytes each."""
    return "".join(
        f"user-{n:08},user{n}@shop.example,Ada,Lovelace {n},{PLANS[n % 3]},{n % 97},"
        f"{n % 2 == 0},2024-05-{n % 28 + 1:02},Europe/Berlin,2023-01-{n % 28 + 1:02}T10:00:00Z\n"
        for n in range(first, last)
    ).encode()


async def content(count: int) -> AsyncIterator[bytes]:
    yield b"user_id,email,first_name,last_name,plan,age,newsletter,born,timezone,created_at\n"
    for first in range(0, count, PIECE_ROWS):
        yield piece(first, min(first + PIECE_ROWS, count))


@dataclass
class Peaks:
    """The most resident megabytes that were seen."""

    api: float = 0
    worker: float = 0


@asynccontextmanager
async def weighed(stack: Stack) -> AsyncIterator[Peaks]:
    peaks = Peaks()

    async def look() -> None:
        while True:
            peaks.api = max(peaks.api, resident(stack.api.pid))
            peaks.worker = max(peaks.worker, resident(stack.worker.pid))
            await asyncio.sleep(0.2)

    task = asyncio.create_task(look())
    try:
        yield peaks
    finally:
        task.cancel()


async def measure(stack: Stack, *, count: int) -> Section:
    """Upload the file while it is made, and wait until it is stored."""
    keys = await stack.new_workspace("import")
    before = resident(stack.api.pid), resident(stack.worker.pid)
    async with (
        httpx.AsyncClient(base_url=stack.api_url, auth=(keys.secret, ""), timeout=600) as http,
        weighed(stack) as peaks,
    ):
        begin = time.perf_counter()
        answer = await http.post(
            "/v1/contacts/import", content=content(count), headers={"content-type": "text/csv"}
        )
        answer.raise_for_status()
        sent = time.perf_counter() - begin
        found = answer.json()
        while found["state"] in ("waiting", "running"):
            stack.check()
            await asyncio.sleep(0.5)
            found = (await http.get(f"/v1/imports/{found['id']}")).json()
        seconds = time.perf_counter() - begin - sent
    if found["state"] != "completed" or found["rows"]["accepted"] != count:
        raise RuntimeError(f"the import ended as {found['state']} with {found['rows']}")
    rate = count / seconds
    return Section(
        "Imports",
        f"{count:,} new contacts of ten columns ({found['size'] / 1e6:.0f} MB), sent in {sent:.0f} "
        f"s and stored in {seconds:.0f} s by one worker. The peak of resident megabytes of the API "
        "and the worker process, with their children; beside them, before.",
        [
            Figure("rows a second", f"{rate:,.0f}", "–", rate, "rows/s"),
            Figure("API", f"{peaks.api:.0f}", f"{before[0]:.0f}", peaks.api, "MB", at_most=200),
            Figure(
                "worker", f"{peaks.worker:.0f}", f"{before[1]:.0f}", peaks.worker, "MB",
                at_most=300,
            ),
        ],
    )  # fmt: skip
