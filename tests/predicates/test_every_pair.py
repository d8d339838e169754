"""Every nasty value against every other one by every op: chance is not needed to make them meet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from journeys.comparison import instant_of
from journeys.predicates import LIST_OPS, TIME_OPS
from storage.database import Database
from tests.predicates.people import NOW, Person, contact, gather, predicate
from tests.predicates.strategies import BINARY_OPS, DATES, DURATIONS, NUMBERS, TEXTS

SCALARS: list[Any] = [*TEXTS, *DATES, *DURATIONS, *NUMBERS, True, False]
LEFT: list[Any] = [*SCALARS, None, [], {}, ["20", 20, True, None, "abc"], {"a": 1}, [["a"]]]
OPS = [*BINARY_OPS, *sorted(LIST_OPS), *sorted(TIME_OPS)]
INSTANTS = [*filter(None, map(instant_of, DATES)), NOW]


def right_sides(op: str) -> list[Any]:
    """All that a definition may have to the right of an op, and one long list."""
    if op in LIST_OPS:
        return [*([value] for value in SCALARS), SCALARS, []]
    return [value for value in SCALARS if op not in TIME_OPS or isinstance(value, str)]


@pytest.mark.parametrize("by_reference", [False, True], ids=["constant", "reference"])
@pytest.mark.parametrize("op", OPS)
async def test_every_pair_compares_alike(
    database: Database, workspace_id: UUID, op: str, by_reference: bool
):
    rights = {f"p{number}": right for number, right in enumerate(right_sides(op))}
    params = rights if by_reference else {}
    crowds = {
        "custom": [
            Person(contact=contact(fields={"custom": left}), params=params) for left in LEFT
        ],
        "last_seen_at": [
            Person(contact=contact(last_seen_at=moment), params=params) for moment in INSTANTS
        ],
    }
    async with database.engine.connect() as connection:
        for field, people in crowds.items():
            predicates = [
                predicate(
                    {"field": field, "op": op, "value": {"param": name} if by_reference else right}
                )
                for name, right in rights.items()
            ]
            crowd = await gather(connection, workspace_id, people)
            by_sql, in_memory = await crowd.by_sql(*predicates), crowd.in_memory(*predicates)
            different = [
                (one, person.contact, sql)
                for person, sqls, memories in zip(people, by_sql, in_memory, strict=True)
                for one, sql, memory in zip(predicates, sqls, memories, strict=True)
                if sql is not memory
            ]
            assert not different
