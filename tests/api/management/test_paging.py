"""Paging by key: nothing is lost or repeated, whatever is written meanwhile or at one instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from api.paging import decode_cursor, encode_cursor
from storage.repositories.contacts import ContactFilter, list_contacts
from storage.repositories.events import EventFilter, list_events
from storage.repositories.journeys import JourneyFilter, list_journeys
from storage.repositories.keyset import PageRequest, Position
from storage.repositories.messages import MessageFilter, list_messages
from storage.repositories.timeline import timeline
from tests.api.management.drawings import published
from tests.api.management.rows import after, contact


@settings(deadline=None)
@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_leads_back_to_its_position(at, id_):
    position = Position(at, id_)
    assert decode_cursor(encode_cursor(position)) == position


@settings(deadline=None)
@given(st.text())
def test_whatever_is_no_cursor_is_told_from_one(text_):
    try:
        position = decode_cursor(text_)
    except ValueError:
        return
    assert decode_cursor(encode_cursor(position)) == position


async def test_rows_of_one_instant_are_each_listed_once(api, database):
    async with database.transaction() as connection:
        for i in range(7):
            await contact(connection, api.workspace_id, f"u{i}")
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/contacts?limit=2{cursor}")
        read += [one["userId"] for one in page["data"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert sorted(read) == [f"u{i}" for i in range(7)]


async def test_rows_written_meanwhile_neither_shift_nor_repeat_the_rest(api, database):
    async with database.transaction() as connection:
        for i in range(4):
            await contact(connection, api.workspace_id, f"u{i}", created_at=after(i))
    first = await api("GET", "/v1/contacts?limit=2")
    async with database.transaction() as connection:
        await contact(connection, api.workspace_id, "new", created_at=after(9))
    rest = await api("GET", f"/v1/contacts?limit=2&cursor={first['next']}")
    assert [one["userId"] for one in first["data"] + rest["data"]] == ["u3", "u2", "u1", "u0"]
    assert rest["next"] is None


MANY = 20_000
FILL = """
    INSERT INTO contacts (workspace_id, id, user_id, email, fields, created_at, updated_at)
    SELECT :w, gen_random_uuid(), 'c' || n, 'c' || n || '@example.com', '{}', t, t
    FROM generate_series(1, :many) n, LATERAL (SELECT now() - n * interval '1 second') AS at(t);
    INSERT INTO events (workspace_id, id, contact_id, kind, name, properties, message_id,
                        timestamp, received_at, depth)
    SELECT :w, gen_random_uuid(), c.id, 'track', 'E', '{}', c.id, c.created_at, c.created_at, 0
    FROM contacts c WHERE c.workspace_id = :w;
    INSERT INTO journeys (workspace_id, id, workflow_id, version_id, contact_id, params, key_hash,
                          exclusive, state, visit, step, parked, depth, started_at)
    SELECT :w, gen_random_uuid(), v.workflow_id, v.id, c.id, '{}', gen_random_uuid(), true,
           (ARRAY['running', 'completed', 'stopped', 'failed'])[1 + ascii(right(c.user_id, 1)) % 4],
           0, 0, false, 0, c.created_at
    FROM contacts c, workflow_versions v WHERE c.workspace_id = :w AND v.workspace_id = :w;
    INSERT INTO messages (workspace_id, id, journey_id, workflow_id, contact_id, block, visit,
                          channel, template, state, created_at)
    SELECT :w, gen_random_uuid(), j.id, j.workflow_id, j.contact_id, 'hello', 1, 'email', 't',
           'sent', j.started_at
    FROM journeys j WHERE j.workspace_id = :w
"""
MIDDLE = Position(datetime.now(UTC) - timedelta(seconds=MANY // 2), UUID(int=0))
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def total_read(plan: dict) -> float:
    """Rows that the plan's scans touched, also those that a filter threw away."""
    own = 0.0
    if "Scan" in plan["Node Type"] and "Plans" not in plan:
        touched = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = touched * plan["Actual Loops"]
    return own + sum(total_read(inner) for inner in plan.get("Plans", []))


def lists_of(connection, w, page, workflow, someone):
    """Every way to list that has an index to serve it."""
    return {
        "contacts": lambda: list_contacts(connection, w, page, ContactFilter()),
        "by email": lambda: list_contacts(
            connection, w, page, ContactFilter(email="C77@example.com")
        ),
        "by time": lambda: list_contacts(connection, w, page, ContactFilter(created_from=MOMENT)),
        "events": lambda: list_events(connection, w, page, EventFilter(received_from=MOMENT)),
        "a contact's events": lambda: list_events(
            connection, w, page, EventFilter(contact_id=someone)
        ),
        "journeys": lambda: list_journeys(connection, w, page, JourneyFilter()),
        "a workflow's journeys": lambda: list_journeys(
            connection, w, page, JourneyFilter(workflow_id=workflow)
        ),
        "a workflow's failed journeys": lambda: list_journeys(
            connection, w, page, JourneyFilter(workflow_id=workflow, state="failed")
        ),
        "a contact's journeys": lambda: list_journeys(
            connection, w, page, JourneyFilter(contact_id=someone)
        ),
        "messages": lambda: list_messages(connection, w, page, MessageFilter()),
        "a contact's messages": lambda: list_messages(
            connection, w, page, MessageFilter(contact_id=someone)
        ),
        "a journey's messages": lambda: list_messages(
            connection, w, page, MessageFilter(journey_id=uuid4())
        ),
        "timeline": lambda: timeline(connection, someone, page),
    }


async def test_no_list_reads_more_than_its_page(api, database):
    """What a list reads from disk grows with the page, not with the thousands of rows there are."""
    workflow = UUID(await published(api, "hi"))
    async with database.engine.connect() as connection:
        await connection.begin()
        for statement in FILL.split(";"):
            await connection.execute(text(statement), {"w": api.workspace_id, "many": MANY})
        someone = (
            await connection.execute(text("SELECT id FROM contacts WHERE user_id = 'c10500'"))
        ).scalar_one()
        for table in ("contacts", "events", "journeys", "messages", "workflow_versions"):
            await connection.execute(text(f"ANALYZE {table}"))
        for page in (PageRequest(50), PageRequest(50, MIDDLE)):
            lists = lists_of(connection, api.workspace_id, page, workflow, someone)
            for name, read in lists.items():
                for statement, parameters in await statements_of(database, read):
                    explained = await connection.exec_driver_sql(
                        f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
                    )
                    plan = explained.scalar_one()[0]["Plan"]
                    assert total_read(plan) < 1000, (name, plan)
        await connection.rollback()


async def statements_of(database, read):
    """The SQL that a call executes, with its parameters."""
    seen = []

    def note(_connection, _cursor, statement, parameters, *_):
        seen.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        await read()
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    return seen
