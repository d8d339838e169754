"""Plans of the compiled predicates over tables too large to read through.

The point of each plan: whoever asks about one contact, or about a page of them, must reach its
facts by the index that begins with `contact_id` and go no further than the answer needs. The
planner has fresh statistics and every choice; no scan is forbidden to it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ARRAY, ClauseElement, Executable, Uuid, any_, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles

from storage.database import Database
from storage.predicate_sql import SqlContext, compile_filter, compile_predicate
from storage.predicate_sql.values import instant
from storage.tables import Contact
from tests.predicates.people import NOW, predicate

ROWS = [
    """
    INSERT INTO workspaces (id, name, timezone, paused, rules_revision)
    VALUES (:w, 'w', 'UTC', false, 0)
    """,
    """
    INSERT INTO contacts (workspace_id, id, email, phone, created_at, fields)
    SELECT :w, gen_random_uuid(), 'Person' || number || '@example.com', '+38' || number,
      CAST(:now AS timestamptz) - number * interval '1 hour',
      jsonb_build_object('number', number, 'city', 'City ' || number % 500)
    FROM generate_series(1, 2000) AS number
    """,
    """
    INSERT INTO events
      (workspace_id, id, contact_id, kind, name, properties, message_id, timestamp, depth)
    SELECT :w, gen_random_uuid(), contact.id, 'track', 'Event ' || number % 3, '{"minutes": 5}',
      gen_random_uuid()::text, CAST(:now AS timestamptz) - number * interval '1 day', 0
    FROM contacts AS contact, generate_series(1, 10) AS number WHERE contact.workspace_id = :w
    """,
    """
    INSERT INTO events
      (workspace_id, id, contact_id, kind, name, properties, message_id, timestamp, depth)
    SELECT :w, gen_random_uuid(), contact.id, 'track', 'Rare', '{}', gen_random_uuid()::text,
      CAST(:now AS timestamptz) - number * interval '1 hour', 0
    FROM contacts AS contact, generate_series(1, 2) AS number
    WHERE contact.workspace_id = :w AND contact.fields @> '{"city": "City 7"}'
    """,
    """
    INSERT INTO orders
      (workspace_id, id, order_id, contact_id, status, total, items, timestamp)
    SELECT :w, gen_random_uuid(), gen_random_uuid()::text, contact.id,
      CASE number % 2 WHEN 0 THEN 'delivered' ELSE 'cancelled' END, number, '[]',
      CAST(:now AS timestamptz) - number * interval '1 day'
    FROM contacts AS contact, generate_series(1, 10) AS number WHERE contact.workspace_id = :w
    """,
]


@pytest.fixture(scope="module")
async def crowded(database: Database) -> AsyncIterator[tuple[AsyncConnection, UUID]]:
    """A transaction in which a workspace has 2,000 contacts with ten events and orders each."""
    workspace_id = uuid4()
    async with database.engine.connect() as connection:
        for statement in ROWS:
            values = {"w": workspace_id, "now": NOW}
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            await connection.execute(text(statement), used)
        # What a vacuum does to the list of what the index has still to take in.
        await connection.execute(text("SELECT gin_clean_pending_list('ix_contacts_fields')"))
        await connection.execute(text("ANALYZE contacts, events, orders"))
        yield connection, workspace_id


class Explain(Executable, ClauseElement):
    """EXPLAIN of a statement, which it also runs."""

    inherit_cache = False

    def __init__(self, statement: Any) -> None:
        self.statement = statement


@compiles(Explain, "postgresql")
def _explain(element: Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (ANALYZE, FORMAT JSON) {compiler.process(element.statement, **options)}"


def nodes(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in nodes(part))]


async def plan_of(
    connection: AsyncConnection, workspace_id: UUID, data: Mapping[str, Any], *, one: bool
) -> list[Mapping[str, Any]]:
    """The executed plan's nodes, for one contact or for a page of fifty."""
    condition = compile_predicate(
        predicate(data),
        SqlContext(
            now=instant(NOW),
            workspace_zone=literal("UTC"),
            params=literal({}, JSONB()),
            journey_started_at=instant(NOW),
        ),
    )
    whose = select(Contact.id).where(Contact.workspace_id == workspace_id)
    ids = list(await connection.scalars(whose.order_by(Contact.id).limit(1 if one else 50)))
    statement = select(Contact.id).where(Contact.id == any_(literal(ids, ARRAY(Uuid()))), condition)
    found = (await connection.execute(Explain(statement))).scalar_one()
    return nodes(found[0]["Plan"])


def scans(plan: list[Mapping[str, Any]], table: str) -> list[Mapping[str, Any]]:
    return [node for node in plan if node.get("Relation Name") == table]


@pytest.mark.parametrize("one", [True, False], ids=["contact", "page"])
@pytest.mark.parametrize(
    ("data", "table", "columns"),
    [
        # Exists: a semi join or a probe that stops at the first row.
        ({"event": "Event 1", "within": "P7D"}, "events", ["contact_id", "name", "timestamp"]),
        # Not exists: an anti join over the same index.
        (
            {"event": "Event 9", "times": {"op": "=", "value": 0}},
            "events",
            ["contact_id", "name"],
        ),
        # Counted up to the limit, not to the end.
        (
            {"event": "Event 1", "within": "P30D", "times": {"op": ">=", "value": 2}},
            "events",
            ["contact_id", "name", "timestamp"],
        ),
        # Inside `any` it cannot become a join, and is still a probe for each contact.
        (
            {"any": [{"event": "Event 1", "within": "journey"}, {"field": "x", "op": "exists"}]},
            "events",
            ["contact_id", "name", "timestamp"],
        ),
        (
            {"event": "Event 1", "where": [{"param": "minutes", "op": "=", "value": 5}]},
            "events",
            ["contact_id", "name"],
        ),
        ({"order": {"status": ["delivered"]}}, "orders", ["contact_id", "status"]),
        (
            {"order": {"status": ["delivered", "cancelled"], "within": "P30D"}},
            "orders",
            ["contact_id", "status", "timestamp"],
        ),
        (
            {"order": {"status": ["delivered"], "total": {"op": ">", "value": 10}}},
            "orders",
            ["contact_id", "status"],
        ),
    ],
)
async def test_facts_are_reached_by_their_index(
    crowded: tuple[AsyncConnection, UUID],
    data: Mapping[str, Any],
    table: str,
    columns: list[str],
    one: bool,
):
    plan = await plan_of(*crowded, data, one=one)
    found = scans(plan, table)
    assert found, "the table is read at all"
    for scan in found:
        assert scan["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Heap Scan"), scan
    conditions = [node["Index Cond"] for node in plan if "Index Cond" in node]
    assert any(all(column in cond for column in columns) for cond in conditions), conditions


async def test_counting_stops_at_the_answer(crowded: tuple[AsyncConnection, UUID]):
    at_least_two = {"event": "Event 1", "times": {"op": ">=", "value": 2}}
    plan = await plan_of(*crowded, at_least_two, one=True)
    assert [scan["Actual Rows"] for scan in scans(plan, "events")] == [2]


async def search(
    connection: AsyncConnection, workspace_id: UUID, data: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """The executed plan's nodes of looking for all for whom it holds."""
    context = SqlContext(now=instant(NOW), workspace_zone=literal("UTC"))
    condition = compile_filter(predicate(data), context)
    statement = select(Contact.id).where(Contact.workspace_id == workspace_id, condition)
    return nodes((await connection.execute(Explain(statement))).scalar_one()[0]["Plan"])


@pytest.mark.parametrize(
    ("data", "index"),
    [
        ({"field": "city", "op": "=", "value": "City 7"}, "ix_contacts_fields"),
        ({"field": "city", "op": "in", "value": ["City 7", "true"]}, "ix_contacts_fields"),
        (
            {
                "any": [
                    {"field": "city", "op": "=", "value": "City 7"},
                    {"all": [{"field": "paid", "op": "=", "value": True}]},
                ]
            },
            "ix_contacts_fields",
        ),
        ({"field": "email", "op": "=", "value": "Person5@example.com"}, "ix_contacts_email"),
        ({"field": "phone", "op": "in", "value": ["+385", "+386"]}, "ix_contacts_phone"),
        ({"field": "created_at", "op": "after", "value": "-PT9H"}, "ix_contacts_page"),
        ({"event": "Rare", "within": "P7D"}, "ix_events_name"),
        (
            {"event": "Rare", "within": "P7D", "times": {"op": ">=", "value": 2}},
            "ix_events_name",
        ),
    ],
    ids=str,
)
async def test_few_are_found_by_an_index(
    crowded: tuple[AsyncConnection, UUID], data: Mapping[str, Any], index: str
):
    plan = await search(*crowded, data)
    assert plan[0]["Actual Rows"] > 0
    assert index in {node.get("Index Name") for node in plan}


async def test_under_not_a_missing_field_counts_as_different(
    crowded: tuple[AsyncConnection, UUID],
):
    """What is null is false only where nothing turns it round."""
    nobody = {"field": "absent", "op": "=", "value": "x"}
    for data, expected in (
        (nobody, 0),
        ({"not": nobody}, 2000),
        ({"not": {"not": nobody}}, 0),
        ({"all": [{"not": {"any": [nobody]}}, {"field": "absent", "op": "missing"}]}, 2000),
    ):
        assert (await search(*crowded, data))[0]["Actual Rows"] == expected, data


async def test_all_who_did_something_so_often_are_counted_together(
    crowded: tuple[AsyncConnection, UUID],
):
    for op in (">=", "=", "<"):
        data = {"event": "Event 1", "within": "P30D", "times": {"op": op, "value": 3}}
        plan = await search(*crowded, data)
        assert not [node for node in plan if "SubPlan" in node.get("Subplan Name", "")]
        assert max(scan["Actual Loops"] for scan in scans(plan, "events")) <= 3


async def test_a_whole_segment_joins_instead_of_asking_for_each_contact(
    crowded: tuple[AsyncConnection, UUID],
):
    """For all contacts the planner is free to read the events once, because EXISTS is bare."""
    connection, workspace_id = crowded
    condition = compile_predicate(
        predicate({"all": [{"event": "Event 1"}, {"not": {"event": "Event 9"}}]}), SqlContext()
    )
    statement = select(Contact.id).where(Contact.workspace_id == workspace_id, condition)
    plan = nodes((await connection.execute(Explain(statement))).scalar_one()[0]["Plan"])
    joins = {node.get("Join Type") for node in plan}
    assert {"Semi", "Anti"} & joins or {"Right Semi", "Right Anti"} & joins, joins
    assert not [node for node in plan if "SubPlan" in node.get("Subplan Name", "")]
