"""How many events a second `/v1/batch` takes, beside COPY of the same rows into the same tables."""

from __future__ import annotations

import json
import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from benchmarks.http import Call, Connection, basic, send_all
from benchmarks.report import Figure, Section
from benchmarks.stack import Keys, Stack

BATCH_BYTES = 490_000
"""Just below the limit of a batch."""
CONNECTIONS = 4
EVENTS_PER_CONTACT = 10
RANDOM_BITS = (1 << 62) - 1
"""The bits of a UUID that are random in every version."""

NAMES = ("Product Viewed", "Product Added", "Cart Viewed", "Workout Planned", "Order Completed")
CONTEXT = {
    "library": {"name": "analytics.js", "version": "4.1.2"},
    "app": {"name": "Shop", "version": "7.3.1", "build": "731"},
    "device": {"id": "5d2b1c7e", "manufacturer": "Google", "model": "Pixel 9", "type": "android"},
    "os": {"name": "Android", "version": "16"},
    "screen": {"width": 1080, "height": 2424, "density": 2.625},
    "network": {"wifi": True, "cellular": False},
    "locale": "en-GB",
    "timezone": "Europe/London",
}


def events(count: int, chance: random.Random) -> list[dict[str, Any]]:
    """Events as SDKs send them, of new contacts, in no order of contacts."""
    users = [f"user-{uuid4().hex[:16]}" for _ in range(max(1, count // EVENTS_PER_CONTACT))]
    now = datetime.now(UTC)
    return [
        {
            "type": "track",
            "messageId": f"ajs-{uuid4().hex}",
            "userId": chance.choice(users),
            "event": chance.choice(NAMES),
            "timestamp": (now - timedelta(seconds=chance.randrange(86_400))).isoformat(),
            "properties": {
                "sku": f"sku-{chance.randrange(5_000)}",
                "category": "books",
                "price": chance.randrange(100, 9_900) / 100,
                "currency": "EUR",
                "quantity": chance.randrange(1, 5),
            },
            "context": CONTEXT,
        }
        for _ in range(count)
    ]


def batches(items: list[dict[str, Any]], connection: Connection) -> list[Call]:
    """Requests of nearly the largest size allowed, encoded beforehand."""
    size = sum(len(json.dumps(item)) + 2 for item in items[:200]) / min(200, len(items))
    per_batch = int(BATCH_BYTES // size)
    return [
        connection.prepare("POST", "/v1/batch", {"batch": items[i : i + per_batch]})
        for i in range(0, len(items), per_batch)
    ]


async def through_the_api(stack: Stack, keys: Keys, count: int, chance: random.Random) -> float:
    """Seconds from the first request to the last answer."""
    authorization = basic(keys.write)
    calls = batches(events(count, chance), Connection(stack.api_url, authorization))
    begin = time.perf_counter()
    await send_all(stack.api_url, authorization, calls, connections=CONNECTIONS)
    return time.perf_counter() - begin


Rows = list[asyncpg.Record]


async def rows_of(connection: asyncpg.Connection, workspace: UUID) -> dict[str, Rows]:
    """What the API stored, as it lies in the tables."""
    return {
        table: await connection.fetch(f"SELECT * FROM {table} WHERE workspace_id = $1", workspace)
        for table in ("contacts", "identities", "events")
    }


def moved(rows: Rows, workspace: UUID, mask: int) -> list[tuple[Any, ...]]:
    """The same rows under other ids, in another workspace."""

    def value(name: str, old: Any) -> Any:
        if name == "workspace_id":
            return workspace
        return UUID(int=old.int ^ mask) if isinstance(old, UUID) else old

    return [tuple(value(name, old) for name, old in row.items()) for row in rows]


async def by_copy(connection: asyncpg.Connection, rows: dict[str, Rows]) -> float:
    """Seconds for one transaction of one COPY a table, rows in memory beforehand."""
    workspace = uuid4()
    await connection.execute(
        "INSERT INTO workspaces (id, name, timezone, paused, rules_revision) "
        "VALUES ($1, 'copy', 'UTC', false, 0)",
        workspace,
    )
    mask = secrets.randbits(62) & RANDOM_BITS
    tables = {table: moved(found, workspace, mask) for table, found in rows.items()}
    columns = {table: list(found[0].keys()) for table, found in rows.items()}
    begin = time.perf_counter()
    async with connection.transaction():
        for table, records in tables.items():
            await connection.copy_records_to_table(table, records=records, columns=columns[table])
    return time.perf_counter() - begin


async def measure(stack: Stack, *, count: int, rounds: int) -> Section:
    """Rounds in turns, each with contacts of its own; a checkpoint before each half."""
    chance = random.Random(1)
    connection = await asyncpg.connect(stack.database_url)
    api_seconds = copy_seconds = 0.0
    try:
        keys = await stack.new_workspace("ingest-warm-up")
        await through_the_api(stack, keys, max(1_000, count // 10), chance)
        for number in range(rounds):
            keys = await stack.new_workspace(f"ingest-{number}")
            await connection.execute("CHECKPOINT")
            api_seconds += await through_the_api(stack, keys, count, chance)
            rows = await rows_of(connection, keys.workspace)
            if len(rows["events"]) != count:
                raise RuntimeError(f"{len(rows['events'])} of {count} events were stored")
            await connection.execute("CHECKPOINT")
            copy_seconds += await by_copy(connection, rows)
    finally:
        await connection.close()
    total = count * rounds
    api_rate, copy_rate = total / api_seconds, total / copy_seconds
    return Section(
        "Ingest",
        f"{rounds} rounds of {count:,} events of {count // EVENTS_PER_CONTACT:,} new contacts, in "
        f"`/v1/batch` bodies of nearly 500 KB over {CONNECTIONS} connections to one API process; "
        "beside it, asyncpg's COPY of the very rows that this stored, under new ids, into "
        "`contacts`, `identities` and `events`, in one transaction on one connection.",
        [
            Figure(
                "events a second",
                f"{api_rate:,.0f}",
                f"{copy_rate:,.0f}",
                api_rate / copy_rate,
                at_least=0.25,
            )
        ],
    )
