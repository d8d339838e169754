"""Many contacts and their events, made by COPY in a database of their own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

import asyncpg

from storage.migrate import upgrade

CHUNK = 5_000
"""Lines sent at once."""
SPAN_SECONDS = 90 * 86_400
"""How far back events lie, evenly."""
EVENTS = ("Session Started",) * 5 + ("Product Viewed", "Product Added", "Search", "Shared", "Rated")
"""Half of all events are the one that segments ask for most."""
PLANS = ("free",) * 9 + ("premium",)


async def new_database(cluster_url: str, name: str) -> str:
    """A migrated database beside the one of the URL; its URL."""
    connection = await asyncpg.connect(cluster_url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = cluster_url.rsplit("/", 1)[0] + f"/{name}"
    await asyncio.to_thread(upgrade, url)
    return url


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _contacts(workspace: UUID, ids: list[UUID], chance: random.Random) -> Iterator[str]:
    now = datetime.now(UTC)
    for number, id_ in enumerate(ids):
        created = now - timedelta(seconds=chance.randrange(SPAN_SECONDS))
        plan = chance.choice(PLANS)
        yield (
            f"{workspace}\t{id_}\tuser-{number}\tuser-{number}@example.com\tUTC\t"
            f'{{"plan": "{plan}"}}\t{created.isoformat()}\t{now.isoformat()}\n'
        )


def _identities(workspace: UUID, ids: list[UUID]) -> Iterator[str]:
    for number, id_ in enumerate(ids):
        yield f"{workspace}\tuser\tuser-{number}\t{id_}\n"


def _events(workspace: UUID, ids: list[UUID], each: int, chance: random.Random) -> Iterator[str]:
    now = int(datetime.now(UTC).timestamp())
    randrange, choice = chance.randrange, chance.choice
    for id_ in ids:
        for _ in range(each):
            event = _uuid(chance)
            moment = datetime.fromtimestamp(now - randrange(SPAN_SECONDS), UTC).isoformat()
            yield (
                f"{workspace}\t{event}\t{id_}\ttrack\t{choice(EVENTS)}\t"
                f'{{"n": {randrange(100)}}}\t{event}\t{moment}\t{moment}\t0\n'
            )


async def _copy(
    connection: asyncpg.Connection, table: str, columns: list[str], lines: Iterator[str]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        while chunk := "".join(islice(lines, CHUNK)):
            yield chunk.encode()

    await connection.copy_to_table(table, source=chunks(), columns=columns, format="text")


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection, table: str) -> AsyncIterator[None]:
    """Built once the rows are there: faster by far than row by row."""
    rows = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1 AND indexname LIKE 'ix_%'",
        table,
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['indexname']}")
    yield
    for row in rows:
        await connection.execute(row["indexdef"])


async def fill(
    connection: asyncpg.Connection, workspace: UUID, *, contacts: int, events_each: int, seed: int
) -> list[UUID]:
    """Contacts `user-0`… with so many events each over the last 90 days; their ids."""
    chance = random.Random(seed)
    ids = [_uuid(chance) for _ in range(contacts)]
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("SET maintenance_work_mem = '1GB'")
    async with _without_indexes(connection, "contacts"):
        await _copy(
            connection, "contacts",
            ["workspace_id", "id", "user_id", "email", "timezone", "fields", "created_at",
             "updated_at"],
            _contacts(workspace, ids, chance),
        )  # fmt: skip
    async with _without_indexes(connection, "identities"):
        await _copy(
            connection, "identities", ["workspace_id", "kind", "value", "contact_id"],
            _identities(workspace, ids),
        )  # fmt: skip
    async with _without_indexes(connection, "events"):
        await _copy(
            connection, "events",
            ["workspace_id", "id", "contact_id", "kind", "name", "properties", "message_id",
             "timestamp", "received_at", "depth"],
            _events(workspace, ids, events_each, chance),
        )  # fmt: skip
    await connection.execute("SET session_replication_role = DEFAULT")
    await connection.execute("VACUUM ANALYZE")
    return ids
