"""Imports of files on real PostgreSQL and real Temporal: all rows, each once, whatever dies."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.imports import ImportActivities
from engine.imports import lifecycle
from engine.imports.rows import Batches
from engine.imports.slices import open_job, store_batch
from storage.repositories import imports as repository
from tests.support.importing import upload
from workflows.contracts import ImportInput
from workflows.names import import_workflow_id, prefix_of


async def get(scenario, import_id):
    async with scenario.database.transaction() as connection:
        return await lifecycle.get_import(connection, scenario.workspace_id, import_id)


async def work(scenario, import_id):
    """Run slices without Temporal until nothing is left."""
    activities = ImportActivities(scenario.database)
    while True:
        done = await ActivityEnvironment().run(activities.import_slice, ImportInput(str(import_id)))
        if done.done:
            return await get(scenario, import_id)


def execution(engine, import_id):
    name = import_workflow_id(prefix_of(engine.task_queue), str(import_id))
    return engine.client.get_workflow_handle(name)


async def faults(scenario, import_id):
    return [
        tuple(row)
        for row in await scenario.rows(
            'SELECT line, "column", value, reason FROM import_faults '
            "WHERE import_id = :i ORDER BY number", i=import_id,
        )
    ]  # fmt: skip


async def people(scenario):
    rows = await scenario.rows(
        "SELECT user_id, fields FROM contacts WHERE workspace_id = :w ORDER BY user_id"
    )
    return {row.user_id: row.fields for row in rows}


def table(count, first=0, header="userId,n\n"):
    return header + "".join(f"u{n:06},{n}\n" for n in range(first, first + count))


async def test_a_file_is_worked_through_by_a_workflow_and_its_parts_are_dropped(scenario, engine):
    content = table(2500) + "u-last,x\n"
    import_id = await upload(scenario.database, scenario.workspace_id, content)
    await engine.dispatch()
    handle = execution(engine, import_id)
    async with asyncio.timeout(60):
        assert await handle.result() == 2501
    done = await get(scenario, import_id)
    assert (done.state, done.read, done.accepted, done.rejected) == ("completed", 2501, 2500, 1)
    assert done.position == done.size == len(content)
    assert done.started_at
    assert done.ended_at
    [(line, column, value, _)] = await faults(scenario, import_id)
    assert (line, column, value) == (2502, "n", "x")
    assert len(await people(scenario)) == 2500
    assert (
        await scenario.rows("SELECT 1 FROM import_chunks WHERE import_id = :i", i=import_id) == []
    )


async def test_a_history_holds_no_contact_data(scenario, engine):
    import_id = await upload(
        scenario.database, scenario.workspace_id, "userId,email\nu1,secret@shop.example\n"
    )
    await engine.dispatch()
    handle = execution(engine, import_id)
    async with asyncio.timeout(60):
        await handle.result()
    assert "secret" not in (await handle.fetch_history()).to_json()


async def test_whoever_goes_on_stores_no_row_twice_and_leaves_none_out(scenario):
    """A worker dies after each batch, and an older one still writes: nothing is doubled."""
    events = "event,userId,n\n" + "".join(f"Bought,u{n % 9},{n}\n" for n in range(5200))
    import_id = await upload(scenario.database, scenario.workspace_id, events, "events")
    database = scenario.database

    async def batch_from_here():
        async with database.transaction() as connection:
            job = await open_job(connection, import_id)
            data = await repository.read_chunk(connection, import_id, 0)
        batches = Batches(job.layout, position=job.position, line=job.line)
        batches.feed(data[job.position :], last=True)
        return job, batches.take()

    async def store_it(job, batch):
        async with database.transaction() as connection:
            return await store_batch(connection, job, batch, now=datetime.now(UTC))

    job, stale = await batch_from_here()
    for _ in range(3):
        assert await store_it(*await batch_from_here())
    assert await store_it(job, stale) is False
    at_once = await asyncio.gather(*(work(scenario, import_id) for _ in range(3)))
    assert {one.state for one in at_once} <= {"completed", "running"}
    done = await work(scenario, import_id)
    assert (done.state, done.read, done.accepted) == ("completed", 5200, 5200)
    [row] = await scenario.rows(
        "SELECT count(*) AS n, count(DISTINCT properties->>'n') AS different "
        "FROM events WHERE workspace_id = :w"
    )
    assert (row.n, row.different) == (5200, 5200)


@contextlib.asynccontextmanager
async def refusing(database, table, condition, state):
    """The database refuses updates of such rows, for as long as this lasts."""

    async def run(*statements):
        async with database.transaction() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    await run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE SQLSTATE '{state}'; END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER refuse BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    try:
        yield
    finally:
        await run("DROP FUNCTION refuse CASCADE")


EVENTS = (
    "event,userId,timestamp,n\n"
    + "Bought,u1,2024-05-01,1\n" * 3
    + "".join(f"Bought,u{n},2024-05-02,{n}\n" for n in range(1500))
    + "Bought,u1,2024-05-01,1\n" * 2
)
"""One row five times: at the beginning, and behind a thousand others."""


async def stored_events(scenario):
    [row] = await scenario.rows("SELECT count(*) AS n FROM events WHERE workspace_id = :w")
    return row.n


async def counted_rows(scenario):
    return await scenario.rows("SELECT 1 FROM import_rows WHERE workspace_id = :w")


async def test_an_events_file_that_is_imported_again_adds_nothing(scenario):
    other_order = "userId,n,event,timestamp\n" + "u1,1,Bought,2024-05-01\n" * 5
    for content, stored in ((EVENTS, 1505), (EVENTS, 1505), (other_order, 1505),
                            (other_order + "u1,1,Bought,2024-05-01\n", 1506)):  # fmt: skip
        import_id = await upload(scenario.database, scenario.workspace_id, content, "events")
        done = await work(scenario, import_id)
        assert (done.state, done.accepted) == ("completed", content.count("\n") - 1)
        assert await stored_events(scenario) == stored
        assert await counted_rows(scenario) == []


async def test_a_longer_version_of_a_file_adds_what_is_new_though_its_columns_read_otherwise(
    scenario,
):
    rows = ["u1,Bought,1.50,true,2024-05-01T10:00Z", "u1,Bought,2,false,2024-05-02"]
    more = ["u1,Bought,a lot,perhaps,one day"]
    for lines, stored in ((rows, 2), (rows + more, 3), (rows + more + rows, 5)):
        content = "\n".join(["userId,event,price,gift,day", *lines])
        await work(
            scenario, await upload(scenario.database, scenario.workspace_id, content, "events")
        )
        assert await stored_events(scenario) == stored


async def test_a_file_that_is_imported_twice_at_once_is_stored_once(scenario):
    sent = [
        await upload(scenario.database, scenario.workspace_id, EVENTS, "events") for _ in range(2)
    ]
    done = await asyncio.gather(*(work(scenario, one) for one in sent))
    assert [one.accepted for one in done] == [1505, 1505]
    assert await stored_events(scenario) == 1505


async def test_rows_with_a_message_id_are_told_apart_by_it_and_the_others_by_what_they_say(
    scenario,
):
    content = "event,userId,messageId\nBought,u1,m1\nBought,u1,\nBought,u1,\nBought,u1,m2\n"
    for _ in range(2):
        await work(
            scenario, await upload(scenario.database, scenario.workspace_id, content, "events")
        )
    assert await stored_events(scenario) == 4


async def test_equal_rows_are_counted_on_when_a_worker_dies_between_batches(scenario):
    first = await upload(scenario.database, scenario.workspace_id, EVENTS, "events")
    async with scenario.database.transaction() as connection:
        job = await open_job(connection, first)
        data = await repository.read_chunk(connection, first, 0)
        batches = Batches(job.layout, position=job.position, line=job.line)
        batches.feed(data[job.position :], last=True)
        batch = batches.take()
        assert await store_batch(connection, job, batch, now=datetime.now(UTC))
    async with scenario.database.engine.connect() as connection:  # the next one never commits
        assert await store_batch(connection, job, batches.take(), now=datetime.now(UTC))
        await connection.rollback()
    assert (await work(scenario, first)).accepted == 1505
    assert await stored_events(scenario) == 1505
    await work(scenario, await upload(scenario.database, scenario.workspace_id, EVENTS, "events"))
    assert await stored_events(scenario) == 1505


async def test_a_cancelled_import_can_be_made_up_for_by_sending_the_file_again(scenario):
    import_id = await upload(scenario.database, scenario.workspace_id, EVENTS, "events")
    async with scenario.database.transaction() as connection:
        job = await open_job(connection, import_id)
        data = await repository.read_chunk(connection, import_id, 0)
        batches = Batches(job.layout, position=job.position, line=job.line)
        batches.feed(data[job.position :], last=True)
        assert await store_batch(connection, job, batches.take(), now=datetime.now(UTC))
    async with scenario.database.transaction() as connection:
        await lifecycle.cancel_import(
            connection, scenario.workspace_id, import_id, now=datetime.now(UTC)
        )
    assert (await work(scenario, import_id)).state == "cancelled"
    assert await stored_events(scenario) == 1000
    assert await counted_rows(scenario) == []
    await work(scenario, await upload(scenario.database, scenario.workspace_id, EVENTS, "events"))
    assert await stored_events(scenario) == 1505


async def test_an_order_with_too_many_lines_is_refused_also_by_who_goes_on_with_it(scenario):
    content = "orderId,userId,status,sku\no1,u1,delivered,a\n" + "".join(
        f"o2,u1,delivered,{n}\n" for n in range(3500)
    )
    import_id = await upload(scenario.database, scenario.workspace_id, content, "orders")
    while True:
        async with scenario.database.transaction() as connection:
            job = await open_job(connection, import_id)
            data = await repository.read_chunk(connection, import_id, 0)
            batches = Batches(
                job.layout, position=job.position, line=job.line, refusing=job.refusing
            )
            batches.feed(data[job.position :], last=True)
            batch = batches.take()
            if batch is None:
                break
            assert await store_batch(connection, job, batch, now=datetime.now(UTC))
    done = await work(scenario, import_id)
    assert (done.state, done.accepted, done.rejected) == ("completed", 1, 3500)
    orders = await scenario.rows("SELECT order_id FROM orders WHERE workspace_id = :w")
    assert [row.order_id for row in orders] == ["o1"]


async def test_a_batch_that_fails_moves_nothing(scenario):
    import_id = await upload(scenario.database, scenario.workspace_id, table(10))
    before = await get(scenario, import_id)
    async with refusing(scenario.database, "imports", "NEW.read > 0", "XX000"):
        with pytest.raises(ApplicationError, match="XX000") as failed:
            await work(scenario, import_id)
    assert failed.value.non_retryable
    assert await get(scenario, import_id) == before
    assert await people(scenario) == {}
    assert (await work(scenario, import_id)).accepted == 10


async def test_an_import_that_cannot_go_on_says_why(scenario, engine):
    import_id = await upload(scenario.database, scenario.workspace_id, table(10))
    async with refusing(scenario.database, "imports", "NEW.read > 0", "XX000"):
        await engine.dispatch()
        async with asyncio.timeout(30):
            await execution(engine, import_id).result()
    failed = await get(scenario, import_id)
    assert (failed.state, failed.read) == ("failed", 0)
    assert "XX000" in failed.reason


async def test_a_row_that_the_database_refuses_costs_no_other_row(scenario):
    """One contact is one unit of failure, whatever nobody foresaw about it."""
    import_id = await upload(
        scenario.database, scenario.workspace_id,
        "userId,email\nu1,a@shop.example\nu2,poison@shop.example\nu3,c@shop.example\n",
    )  # fmt: skip
    poison = "NEW.email = 'poison@shop.example'"
    async with refusing(scenario.database, "contacts", poison, "23514"):
        done = await work(scenario, import_id)
    assert (done.state, done.accepted, done.rejected) == ("completed", 2, 1)
    [(line, _, _, reason)] = await faults(scenario, import_id)
    assert (line, "23514" in reason) == (3, True)
    emails = await scenario.rows("SELECT email FROM contacts WHERE workspace_id = :w ORDER BY 1")
    assert [row.email for row in emails] == ["a@shop.example", "c@shop.example"]


async def test_a_dry_run_checks_everything_and_stores_nothing(scenario):
    import_id = await upload(
        scenario.database, scenario.workspace_id,
        "userId,timezone,n\nu1,Europe/Rome,1\nu2,Mars/Olympus,2\n,,3\nu4,,x\n",
        mapping={"n": {"type": "number"}}, dry_run=True,
    )  # fmt: skip
    done = await work(scenario, import_id)
    assert (done.state, done.read, done.accepted, done.rejected) == ("completed", 4, 1, 3)
    assert [one[:3] for one in await faults(scenario, import_id)] == [
        (3, "timezone", "Mars/Olympus"), (4, "userId", None), (5, "n", "x"),
    ]  # fmt: skip
    assert done.preview[0] == {"userId": "u1", "timezone": "Europe/Rome", "fields": {"n": 1}}
    assert await people(scenario) == {}


async def test_a_changed_field_starts_its_workflow_once_for_a_real_change(scenario, engine):
    await scenario.publish(start={"kind": "field_change", "field": "plan", "to": ["pro"]}, stop=[])
    content = "userId,plan\nu1,pro\nu2,free\nu1,pro\n"
    for _ in range(2):
        await work(scenario, await upload(scenario.database, scenario.workspace_id, content))
        await engine.dispatch()
    assert len(await scenario.journeys()) == 1


async def test_a_backfill_starts_nothing(scenario, engine):
    await scenario.publish(start={"kind": "field_change", "field": "plan"}, stop=[])
    import_id = await upload(
        scenario.database, scenario.workspace_id, "userId,plan\nu1,pro\n", backfill=True
    )
    await work(scenario, import_id)
    await engine.dispatch()
    assert await people(scenario) == {"u1": {"plan": "pro"}}
    assert await scenario.journeys() == []


async def test_imported_orders_have_their_lines_and_a_bad_line_costs_the_whole_order(scenario):
    import_id = await upload(
        scenario.database, scenario.workspace_id,
        "orderId,userId,status,total,timestamp,sku,qty\n"
        "o1,u1,in_progress,30,2024-05-01,a,1\no1,u1,in_progress,30,2024-05-01,b,2\n"
        "o1,u1,delivered,30,2024-05-03,a,1\no1,u1,delivered,30,2024-05-03,b,2\n"
        "o2,u1,lost,5,2024-05-01,c,1\no2,u1,lost,5,2024-05-01,d,1\n"
        "o3,u1,delivered,5,2024-05-01,c,1\no3,u1,delivered,5,2024-05-01,d,x\n",
        "orders", mapping={"qty": {"type": "number"}},
    )  # fmt: skip
    done = await work(scenario, import_id)
    assert (done.read, done.accepted, done.rejected) == (8, 4, 4)
    [order] = await scenario.rows("SELECT * FROM orders WHERE workspace_id = :w")
    assert (order.order_id, order.status) == ("o1", "delivered")
    assert order.items == [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}]
    states = await scenario.rows(
        "SELECT status FROM order_states WHERE order_id = :o ORDER BY timestamp", o=order.id
    )
    assert [row.status for row in states] == ["in_progress", "delivered"]
    assert [(line, column) for line, column, _, _ in await faults(scenario, import_id)] == [
        (6, "status"), (7, None), (8, None), (9, "qty"),
    ]  # fmt: skip


async def test_a_cancelled_import_stands_still_and_keeps_what_it_stored(scenario):
    import_id = await upload(scenario.database, scenario.workspace_id, table(1500))
    async with scenario.database.transaction() as connection:
        job = await open_job(connection, import_id)
        data = await repository.read_chunk(connection, import_id, 0)
        batches = Batches(job.layout, position=job.position, line=job.line)
        batches.feed(data[job.position :], last=True)
        first, second = batches.take(), batches.take()
        assert await store_batch(connection, job, first, now=datetime.now(UTC))
    async with scenario.database.transaction() as connection:
        await lifecycle.cancel_import(
            connection, scenario.workspace_id, import_id, now=datetime.now(UTC)
        )
    async with scenario.database.transaction() as connection:
        assert not await store_batch(connection, job, second, now=datetime.now(UTC))
    done = await work(scenario, import_id)
    assert (done.state, done.accepted) == ("cancelled", 1000)
    assert len(await people(scenario)) == 1000


async def test_an_import_whose_execution_is_gone_is_started_again(scenario, engine):
    import_id = await upload(scenario.database, scenario.workspace_id, table(10))
    await scenario.rows("DELETE FROM commands WHERE workspace_id = :w RETURNING seq")
    now = datetime.now(UTC)
    async with scenario.database.transaction() as connection:
        assert await lifecycle.start_unfinished(connection, before=now, now=now) >= 1
        assert await lifecycle.start_unfinished(connection, before=now, now=now) == 0
    await engine.dispatch()
    async with asyncio.timeout(30):
        await execution(engine, import_id).result()
    assert (await get(scenario, import_id)).state == "completed"
    async with scenario.database.transaction() as connection:
        later = datetime.now(UTC)
        await lifecycle.start_unfinished(connection, before=later, now=later)
    sql = "SELECT 1 FROM commands WHERE journey_id = :i"
    assert await scenario.rows(sql, i=import_id) == []


async def test_text_that_cannot_be_stored_is_refused_by_its_line(scenario):
    import_id = await upload(
        scenario.database, scenario.workspace_id, "userId,note\nu1,a\x00b\nu2,fine\n"
    )
    done = await work(scenario, import_id)
    assert (done.accepted, done.rejected) == (1, 1)
    assert "U+0000" in (await faults(scenario, import_id))[0][3]


@pytest.mark.parametrize(
    ("content", "read"), [("userId,name\n", 0), ("userId,name", 0), ("userId\nu1", 1)],
    ids=["only a header", "without a line's end", "no last line's end"],
)  # fmt: skip
async def test_the_smallest_files_end_well(scenario, content, read):
    done = await work(scenario, await upload(scenario.database, scenario.workspace_id, content))
    assert (done.state, done.read, done.rejected) == ("completed", read, 0)


async def test_a_file_of_several_parts_is_read_across_them(scenario):
    note = "x" * 900
    content = "userId,note\n" + "".join(f'u{n},"{note}\n{n}"\n' for n in range(2500))
    assert len(content) > 2 * (1 << 20)
    done = await work(
        scenario, await upload(scenario.database, scenario.workspace_id, content, backfill=True)
    )
    assert (done.accepted, done.rejected, done.line) == (2500, 0, 5002)
    assert (await people(scenario))["u2499"] == {"note": f"{note}\n2499"}
