"""The history of starts, refusals and ends: what it tells, how it is searched, and its plans."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import event as events
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.entry_keys import key_text
from storage.database import Database
from storage.repositories.decisions import HistoryFilter, history
from storage.repositories.keyset import PageRequest, Position
from tests.api.management.drawings import definition, published
from tests.api.management.rows import NOON, after, contact, event, journey, refusal, step

UNKNOWN, LAUNCH = UUID(int=7), UUID(int=8)
KEYED = definition(
    start={
        "kind": "event", "event": "Planned",
        "reentry": {"mode": "after", "after": "P1D", "key": ["plan_id"]},
    }
)  # fmt: skip


@pytest.fixture
async def told(api, database) -> dict[str, Any]:
    """Two contacts: one started and was stopped, the other was refused; then a third workflow."""
    workflow, other = await published(api, "hi", KEYED), await published(api, "other")
    async with database.transaction() as c:
        w = api.workspace_id
        ann, bob = await contact(c, w, "ann"), await contact(c, w, "bob")
        first = await event(c, w, ann, name="Planned", properties={"plan_id": "p-1"})
        second = await event(
            c, w, bob, name="Planned", properties={"plan_id": 7, "cart": {"id": 2}}
        )
        run = await journey(
            c, w, ann, workflow, event_id=first, state="stopped", reason_kind="event",
            reason_detail="Done", ended_at=after(60), params={"plan_id": "p-1"}, visit=2,
        )  # fmt: skip
        await step(c, w, run, 1, block="hello", left_at=after(2), outcome="sent")
        await step(c, w, run, 2, block="wait", left_at=after(60), outcome="stopped")
        await refusal(
            c, w, ann, workflow, outcome="started", detail=None, event_id=first,
            journey_id=run, key={"plan_id": "p-1"}, decided_at=NOON,
        )  # fmt: skip
        await refusal(
            c, w, bob, workflow, event_id=second, key={"plan_id": 7}, decided_at=after(30),
            launch_id=LAUNCH,
        )  # fmt: skip
        done = await journey(
            c, w, bob, other, state="completed", reason_kind="exit", ended_at=after(90)
        )
    return {
        "launch": LAUNCH,
        "ann": ann,
        "bob": bob,
        "run": run,
        "done": done,
        "first": first,
        "second": second,
    }


async def test_each_start_refusal_and_end_is_told(api, told):
    listed = await api("GET", "/v1/workflows/hi/history")
    shared = {"workflow": "hi", "journey_id": str(told["run"]), "userId": "ann",
              "contact_id": str(told["ann"]), "key": {"plan_id": "p-1"},
              "event": {"id": str(told["first"]), "name": "Planned"},
              "launch_id": None}  # fmt: skip
    assert listed == {
        "data": [
            {**shared, "at": "2026-03-01T12:01:00Z", "kind": "ended", "state": "stopped",
             "block": "wait", "reason": {"kind": "event", "detail": "Done"}},
            {"at": "2026-03-01T12:00:30Z", "kind": "skipped", "workflow": "hi",
             "contact_id": str(told["bob"]), "userId": "bob", "journey_id": None,
             "launch_id": str(LAUNCH), "key": {"plan_id": 7},
             "event": {"id": str(told["second"]), "name": "Planned"},
             "reason": {"kind": "reentry", "detail": "once"}, "state": None, "block": None},
            {**shared, "at": "2026-03-01T12:00:00Z", "kind": "started", "state": None,
             "block": None, "reason": None},
        ],
        "next": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=started", ["started ann"]),
        ("kind=skipped", ["skipped bob"]),
        ("kind=ended", ["ended ann"]),
        ("contact=bob", ["skipped bob"]),
        ("contact=nobody", []),
        ("event=Planned&kind=started", ["started ann"]),
        ("event=Other", []),
        ("event={second}", ["skipped bob"]),
        (f"event={UNKNOWN}", []),
        ("launch={launch}", ["skipped bob"]),
        (f"launch={UNKNOWN}", []),
        ("key=p-1", ["ended ann", "started ann"]),
        ("key=7", ["skipped bob"]),
        ("key=p-1&key=7", []),
        ("key=", []),
        ("param=plan_id=p-1", ["ended ann", "started ann"]),
        ("param=cart.id=2", ["skipped bob"]),
        ("param=cart.id=2&param=plan_id=8", []),
        ("block=wait", ["ended ann"]),
        ("block=hello", []),
        ("block=wait&kind=started", []),
        ("reason=reentry", ["skipped bob"]),
        ("reason=event", ["ended ann"]),
        ("reason=started", []),
        ("reason=exit", []),
        ("from=2026-03-01T12:00:30Z", ["ended ann", "skipped bob"]),
        ("to=2026-03-01T12:00:30Z", ["started ann"]),
        ("from=2026-03-01T13:01:00%2B01:00", ["ended ann"]),
    ],
    ids=str,
)
async def test_a_workflows_history_is_searched(api, told, query, expected):
    found = await api("GET", f"/v1/workflows/hi/history?{query.format(**told)}")
    assert [f"{one['kind']} {one['userId']}" for one in found["data"]] == expected


async def test_a_contacts_history_spans_workflows(api, told):
    async def found(query: str = "") -> list[str]:
        listed = await api("GET", f"/v1/contacts/bob/history?{query}")
        return [f"{one['kind']} {one['workflow']}" for one in listed["data"]]

    assert await found() == ["ended other", "skipped hi"]
    assert await found("workflow=other") == ["ended other"]
    assert await found("workflow=none") == []
    assert await found("key=7") == ["skipped hi"]
    assert await found("reason=exit") == ["ended other"]


async def test_a_key_of_several_values_is_found_in_any_order(api, database):
    workflow = await published(api, "hi")
    async with database.transaction() as c:
        ann = await contact(c, api.workspace_id, "ann")
        await refusal(c, api.workspace_id, ann, workflow, key={"z": "é", "cart": 10, "a": None})
    found = await api("GET", "/v1/workflows/hi/history?key=10&key=é&key=")
    assert [one["key"] for one in found["data"]] == [{"z": "é", "cart": 10, "a": None}]
    assert (await api("GET", "/v1/workflows/hi/history?key=10"))["data"] == []


@pytest.mark.parametrize(
    "key",
    [{"a": "x" * 5000}, {"a": ["x", 1], "b": {"c": True}}, {"a": "é", "b": "e", "c": "Z"}],
    ids=["long", "nested", "accents"],
)
async def test_a_keys_text_is_the_same_in_sql(database, key):
    async with database.transaction() as c:
        row = await c.execute(
            text("SELECT sojourn_entry_key(k), array(SELECT value FROM jsonb_each_text(k)) "
                 "FROM (SELECT CAST(:k AS jsonb)) AS t(k)"), {"k": orjson.dumps(key).decode()},
        )  # fmt: skip
        [(written, values)] = row.all()
    assert written == key_text(values)


async def test_items_of_one_moment_are_each_listed_once(api, database):
    workflow = await published(api, "hi")
    async with database.transaction() as c:
        w = api.workspace_id
        for i in range(5):
            one = await contact(c, w, f"u{i}")
            await refusal(c, w, one, workflow)
            await journey(c, w, one, workflow, state="completed", reason_kind="exit", ended_at=NOON)
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/workflows/hi/history?limit=3{cursor}")
        read += [(one["kind"], one["userId"]) for one in page["data"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert len(read) == 10
    assert len(set(read)) == 10


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/workflows/none/history", 404),
        ("/v1/contacts/nobody/history", 404),
        ("/v1/workflows/hi/history?kind=lost", 422),
        ("/v1/workflows/hi/history?from=yesterday", 422),
        ("/v1/workflows/hi/history?param=plan_id", 422),
        ("/v1/workflows/hi/history?param==1", 422),
        ("/v1/workflows/hi/history?key=%00", 422),
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(api, told, path, status):
    await api("GET", path, status)


async def test_nobody_elses_history_is_shown(stranger, told):
    await stranger("GET", "/v1/workflows/hi/history", 404)
    await stranger("GET", f"/v1/contacts/{told['ann']}/history", 404)


ROWS = [
    """
    INSERT INTO workflows (workspace_id, id, key, name, state, revision, definition)
    SELECT :w, gen_random_uuid(), 'flow-' || n, 'f', 'active', 1, '{}'
    FROM generate_series(1, 4) AS n
    """,
    """
    INSERT INTO workflow_versions (workspace_id, id, workflow_id, version, definition)
    SELECT :w, gen_random_uuid(), id, 1, '{"start": {"reentry": {"key": ["a"]}}}' FROM workflows
    WHERE workspace_id = :w
    """,
    """
    INSERT INTO contacts (workspace_id, id, fields)
    SELECT :w, gen_random_uuid(), '{}' FROM generate_series(1, 2000)
    """,
    """
    INSERT INTO journeys (id, workspace_id, workflow_id, version_id, contact_id, params, key_hash,
        exclusive, state, reason_kind, visit, step, parked, depth, started_at, ended_at)
    SELECT gen_random_uuid(), :w, v.workflow_id, v.id, c.id, '{}', gen_random_uuid(), true,
        CASE WHEN n = 1 THEN 'stopped' ELSE 'completed' END,
        CASE WHEN n = 1 AND random() < 0.01 THEN 'manual' WHEN n = 1 THEN 'event' ELSE 'exit' END,
        1, 1, false, 0,
        now() - random() * interval '90 days', now() - random() * interval '30 days'
    FROM contacts c, workflow_versions v, generate_series(1, 3) AS n
    WHERE c.workspace_id = :w AND v.workspace_id = :w
    """,
    """
    INSERT INTO journey_steps (workspace_id, journey_id, visit, block, entered_at)
    SELECT :w, id, 1, 'wait', started_at FROM journeys WHERE workspace_id = :w
    """,
    """
    INSERT INTO entry_decisions (id, workspace_id, workflow_id, contact_id, journey_id, outcome,
        key, decided_at)
    SELECT gen_random_uuid(), :w, j.workflow_id, j.contact_id, j.id,
        CASE WHEN random() < 0.005 THEN 'reentry' ELSE 'started' END,
        jsonb_build_object('a', row_number() OVER ()), j.started_at
    FROM journeys j WHERE j.workspace_id = :w
    """,
]


@pytest.fixture(scope="module")
async def crowded(database: Database) -> AsyncIterator[tuple[AsyncConnection, UUID]]:
    """A transaction in which four workflows had 6,000 journeys each."""
    workspace_id = uuid4()
    async with database.engine.connect() as connection:
        await connection.execute(
            text("INSERT INTO workspaces (id, name, timezone, paused, rules_revision) "
                 "VALUES (:w, 'w', 'UTC', false, 0)"), {"w": workspace_id},
        )  # fmt: skip
        for statement in ROWS:
            await connection.execute(text(statement), {"w": workspace_id})
        await connection.execute(
            text("ANALYZE workflows, workflow_versions, contacts, journeys, journey_steps, "
                 "entry_decisions, events")
        )  # fmt: skip
        yield connection, workspace_id


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in nodes(part))]


async def plans(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: HistoryFilter
) -> list[dict[str, Any]]:
    """The nodes of the plans of every statement that a page takes, run."""
    said: list[tuple[str, Any]] = []

    def listen(_c: Any, _cur: Any, sql: str, parameters: Any, *_: Any) -> None:
        said.append((sql, parameters))

    events.listen(connection.sync_connection, "before_cursor_execute", listen)
    await history(connection, workspace_id, page, filter_)
    events.remove(connection.sync_connection, "before_cursor_execute", listen)
    found = []
    for sql, parameters in said:
        result = await connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters
        )
        found += nodes(result.scalar_one()[0]["Plan"])
    return found


@pytest.mark.parametrize(
    ("filter_", "indexes"),
    [
        ({}, {"ix_journeys_ended", "ix_entry_decisions_workflow"}),
        ({"kinds": ("skipped",), "reason": "reentry"}, {"ix_entry_decisions_skipped"}),
        ({"kinds": ("ended",), "reason": "manual"}, {"ix_journeys_reason"}),
        ({"key": ("77",)}, {"ix_entry_decisions_key"}),
        ({"contact": True}, {"ix_journeys_contact", "ix_entry_decisions_contact"}),
        ({"block": "wait"}, {"ix_journeys_ended"}),
    ],
    ids=["all", "skipped", "stopped", "key", "contact", "block"],
)
@pytest.mark.parametrize("deep", [False, True], ids=["first", "deep"])
async def test_a_page_is_reached_by_an_index(crowded, filter_, indexes, deep):
    connection, workspace_id = crowded
    row = (
        await connection.execute(
            text("SELECT w.id, c.id AS contact, now() - interval '15 days' AS middle "
                 "FROM workflows w, contacts c WHERE w.workspace_id = :w "
                 "AND c.workspace_id = :w LIMIT 1"), {"w": workspace_id},
        )
    ).one()  # fmt: skip
    narrowed = dict(filter_)
    if narrowed.pop("contact", False):
        narrowed["contact_id"] = row.contact
    else:
        narrowed["workflow_id"] = row.id
    page = PageRequest(20, Position(row.middle, uuid4()) if deep else None)
    plan = await plans(connection, workspace_id, page, HistoryFilter(**narrowed))
    assert {node["Index Name"] for node in plan if "Index Name" in node} >= indexes
    scans = [n for n in plan if n.get("Relation Name") in ("journeys", "entry_decisions")]
    assert not [n for n in scans if n["Node Type"] == "Seq Scan"]
    most = 400 if "block" in narrowed else 200
    assert all(n["Actual Rows"] * n["Actual Loops"] <= most for n in scans), scans
