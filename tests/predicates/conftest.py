"""One check for every specification test: SQL and memory both give the expected answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import pytest

from storage.database import Database
from tests.predicates.people import Person, gather, predicate

Expected = list[tuple[Mapping[str, Any], bool]]
Check = Callable[..., Awaitable[None]]


@pytest.fixture
def check(database: Database, workspace_id: UUID) -> Check:
    """`await check(person, [(predicate, answer), …], segments=…, zone=…, now=…)`."""

    async def run(person: Person, expected: Expected, **world: Any) -> None:
        segments = {key: predicate(data) for key, data in world.pop("segments", {}).items()}
        predicates = [predicate(data) for data, _ in expected]
        async with database.engine.connect() as connection:
            crowd = await gather(connection, workspace_id, [person], segments=segments, **world)
            (by_sql,) = await crowd.by_sql(*predicates)
        (in_memory,) = crowd.in_memory(*predicates)
        for (data, answer), sql, memory in zip(expected, by_sql, in_memory, strict=True):
            assert (sql, memory) == (answer, answer), data

    return run
