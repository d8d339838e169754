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
BATCH = 100


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
    rights = right_sides(op)
    params = {f"p{number}": right for number, right in enumerate(rights)}
    people = [Person(contact=contact(fields={"left": left})) for left in LEFT]
    people += [Person(contact=contact(last_seen_at=moment)) for moment in INSTANTS]
    people = [
        Person(contact=person.contact, params=params if by_reference else {}) for person in people
    ]
    predicates = [
        predicate({"field": field, "op": op, "value": {"param": name} if by_reference else right})
        for name, right in params.items()
        for field in ("left", "last_seen_at")
    ]
    async with database.engine.connect() as connection:
        crowd = await gather(connection, workspace_id, people)
        for start in range(0, len(predicates), BATCH):
            some = predicates[start : start + BATCH]
            by_sql, in_memory = await crowd.by_sql(*some), crowd.in_memory(*some)
            different = [
                (one, person.contact.fields or person.contact.last_seen_at, sql)
                for person, sqls, memories in zip(people, by_sql, in_memory, strict=True)
                for one, sql, memory in zip(some, sqls, memories, strict=True)
                if sql is not memory
            ]
            assert not different
