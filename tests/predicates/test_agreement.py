"""A predicate means the same in PostgreSQL and in memory, whatever people and names it meets."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.predicates import Predicate
from storage.database import Database
from tests.predicates import strategies
from tests.predicates.people import (
    NOW,
    Crowd,
    Person,
    contact,
    gather,
    predicate,
    stored_workspace,
)

PREDICATES = 12
EXAMPLES = int(os.environ.get("SOJOURN_TEST_EXAMPLES", "60"))
"""Of each property; the default keeps a run short."""
QUICKLY = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture,
    ],
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


@settings(QUICKLY, max_examples=EXAMPLES)
@given(
    crowd=st.lists(strategies.people, min_size=1, max_size=4),
    predicates=st.lists(
        strategies.trees(strategies.leaves), min_size=PREDICATES, max_size=PREDICATES
    ),
    segments=strategies.segments,
    zone=st.sampled_from([zone or "" for zone in strategies.ZONES]),
    now=st.sampled_from([NOW, NOW + timedelta(days=10, hours=13, microseconds=1)]),
)
async def test_sql_and_memory_agree(  # noqa: PLR0917  (Hypothesis fills them by name)
    database: Database, crowd, predicates, segments, zone, now
):
    async with database.engine.connect() as connection:  # never committed
        workspace_id = await stored_workspace(connection)
        stored = await gather(
            connection, workspace_id, crowd, segments=segments, zone=zone, now=now,
            lists=strategies.LISTS,
        )  # fmt: skip
        _agree(stored, predicates, await stored.by_sql(*predicates))


@settings(QUICKLY, max_examples=EXAMPLES)
@given(meetings=st.lists(strategies.meetings, min_size=1, max_size=20))
async def test_constants_and_references_compare_alike(database: Database, meetings):
    """`{field, op, value}` and `{field, op, value: {param}}`, each in SQL and in memory."""
    names = [str(number) for number in range(len(meetings))]
    person = Person(
        contact=contact(fields=dict(zip(names, (left for left, _, _ in meetings), strict=True))),
        params=dict(zip(names, (right for _, _, right in meetings), strict=True)),
    )
    constants = [
        predicate({"field": name, "op": op, "value": right})
        for name, (_, op, right) in zip(names, meetings, strict=True)
    ]
    references = [
        predicate({"field": name, "op": op, "value": {"param": name}})
        for name, (_, op, _) in zip(names, meetings, strict=True)
    ]
    async with database.engine.connect() as connection:
        stored = await gather(connection, await stored_workspace(connection), [person])
        by_sql = await stored.by_sql(*constants, *references)
        _agree(stored, [*constants, *references], by_sql)
        assert by_sql[0][: len(names)] == by_sql[0][len(names) :]


def _agree(stored: Crowd, predicates: list[Predicate], by_sql: list[list[bool]]) -> None:
    in_memory = stored.in_memory(*predicates)
    for person, sql_answers, memory_answers in zip(stored.people, by_sql, in_memory, strict=True):
        for one, sql, memory in zip(predicates, sql_answers, memory_answers, strict=True):
            assert sql is memory, f"SQL: {sql}, in memory: {memory}, {one!r}\n{person!r}"
