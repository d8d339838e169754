"""The clock of a workspace's segments: time alone moves contacts, at the right instant, once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowExecutionStatus

from engine.dispatch.dispatcher import running
from engine.lanes import lane_of
from engine.segment_clock import AGAIN, NO_ROOM, Instant, store_instants, tick
from engine.segments import delete_segment
from tests.support.running import running_engine
from tests.support.segments import Segments, entry, identify, track
from workflows import names
from workflows.names import prefix_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SILENT = {"not": {"event": "Ran", "within": "P9D"}}


@pytest.fixture
def segments(scenario):
    return Segments(scenario)


def clock(scenario, engine) -> Any:
    """The clock's Temporal execution."""
    prefix = prefix_of(engine.task_queue)
    return engine.client.get_workflow_handle(
        names.segment_clock_id(prefix, str(scenario.workspace_id))
    )


async def owed(scenario) -> int:
    """Wake-ups that the clock is owed."""
    return len(
        await scenario.rows("SELECT 1 FROM commands WHERE kind = 'clock' AND workspace_id = :w")
    )


@asynccontextmanager
async def storing(scenario, segment, contact, due):
    """A transaction that stores an instant and is not committed yet."""
    async with scenario.database.engine.connect() as connection:
        transaction = await connection.begin()
        await store_instants(
            connection, scenario.workspace_id, [Instant(segment, contact, due)], lane=0, now=NOW
        )
        yield transaction


async def waits(scenario, task) -> None:
    """Until PostgreSQL says that somebody waits for an advisory lock."""
    async with asyncio.timeout(10), scenario.database.engine.connect() as connection:
        while not await connection.scalar(
            text(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                "WHERE l.locktype = 'advisory' AND NOT l.granted "
                "AND d.datname = current_database()"
            )
        ):
            assert not task.done()
            await asyncio.sleep(0.01)


async def look(scenario, now=NOW):
    async with scenario.database.transaction() as connection:
        return await tick(connection, scenario.workspace_id, now=now)


async def test_the_clock_sees_an_instant_that_was_being_stored_while_it_came_to_look(
    scenario, segments
):
    await segments.make("silent", SILENT, now=NOW)
    ann, due = await scenario.contact(), NOW + timedelta(days=1)
    async with storing(scenario, await segments.id_of("silent"), ann, due) as transaction:
        looking = asyncio.create_task(look(scenario))
        await waits(scenario, looking)
        await transaction.commit()
    assert await looking == (0, due)


async def test_an_instant_stored_while_the_clock_looks_wakes_it(scenario, segments):
    await segments.make("silent", SILENT, now=NOW)
    segment, ann = await segments.id_of("silent"), await scenario.contact()
    async with scenario.database.engine.connect() as connection:
        transaction = await connection.begin()
        assert await tick(connection, scenario.workspace_id, now=NOW) == (0, None)

        async def store() -> None:
            due = NOW + timedelta(days=1)
            async with storing(scenario, segment, ann, due) as stored:
                await stored.commit()

        other = asyncio.create_task(store())
        await waits(scenario, other)
        await transaction.commit()
        await other
    assert await owed(scenario) == 1, "it found nothing, and is about to end"


async def test_the_clock_is_woken_only_for_what_comes_before_it_wakes_by_itself(scenario, segments):
    await segments.make("silent", SILENT, now=NOW)
    segment = await segments.id_of("silent")
    ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
    for contact, days, calls in ((ann, 5, 1), (bob, 6, 1), (bob, 4, 2)):
        due = NOW + timedelta(days=days)
        async with storing(scenario, segment, contact, due) as transaction:
            await transaction.commit()
        assert await owed(scenario) == calls
        if days == 5:
            assert await look(scenario) == (0, due)


async def test_the_clock_passes_over_what_a_dispatcher_is_looking_at_and_looks_again(
    scenario, segments
):
    """Each would wait for the other: a dispatcher tells the clock of what it stores."""
    await segments.make("silent", SILENT, now=NOW)
    segment, ann = await segments.id_of("silent"), await scenario.contact()
    async with storing(scenario, segment, ann, NOW) as transaction:
        await transaction.commit()
    async with scenario.database.engine.connect() as connection:
        await connection.execute(
            text("SELECT FROM segment_instants WHERE contact_id = :c FOR UPDATE"), {"c": ann}
        )
        async with asyncio.timeout(5):
            moved, wakes_at = await look(scenario)
        assert (moved, NOW < wakes_at < NOW + timedelta(seconds=1)) == (0, True)
    assert await look(scenario, wakes_at) == (1, None)


async def test_the_clock_does_not_wait_for_a_contact_that_is_being_erased(scenario, segments):
    """Whoever erases it waits for the instants that the clock holds."""
    await segments.make("silent", SILENT, now=NOW)
    await segments.send(track("ann", "Ran", at=NOW), now=NOW)
    async with scenario.database.engine.connect() as connection:
        await connection.execute(
            text("SELECT FROM contacts WHERE workspace_id = :w FOR UPDATE"),
            {"w": scenario.workspace_id},
        )
        async with asyncio.timeout(5):
            later = NOW + timedelta(days=10)
            assert await look(scenario, later) == (0, later + AGAIN)
    assert await look(scenario, later) == (1, None)


async def test_many_that_store_at_once_do_not_keep_the_clock_out(scenario, segments):
    """Locks on a row are shared past who waits to hold it alone; these queue."""
    await segments.make("silent", SILENT, now=NOW)
    segment = await segments.id_of("silent")
    ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
    due = NOW + timedelta(days=1)
    async with storing(scenario, segment, ann, due) as first:
        looking = asyncio.create_task(look(scenario))
        await waits(scenario, looking)

        async def store() -> None:
            async with storing(scenario, segment, bob, due) as second:
                await second.commit()

        late = asyncio.create_task(store())
        await asyncio.wait([late], timeout=0.2)
        assert not late.done(), "it came after the clock"
        await first.commit()
        await looking
    await late


async def test_more_than_a_page_that_falls_due_at_once_is_taken_page_by_page(scenario, segments):
    await segments.make("silent", SILENT, now=NOW)
    await segments.send(*(track(f"u{i}", "Ran", at=NOW) for i in range(7)), now=NOW)
    later = NOW + timedelta(days=10)
    async with scenario.database.transaction() as connection:
        moved, wakes_at = await tick(connection, scenario.workspace_id, now=later, page=3)
    assert moved == 3
    assert wakes_at <= later, "at once"
    await segments.pass_time(later)
    assert len(await segments.members("silent")) == 7


async def many_due(scenario, contact, count):
    """So many segments of one contact, and so of one lane, fell due."""
    due = [Instant(uuid4(), contact, NOW) for _ in range(count)]
    async with scenario.database.transaction() as connection:
        await store_instants(connection, scenario.workspace_id, due, lane=0, now=NOW)


async def look_with_room(scenario, room):
    async with scenario.database.transaction() as connection:
        return await tick(connection, scenario.workspace_id, now=NOW, room=room)


async def test_no_more_falls_due_at_once_than_a_lane_has_room_for(scenario, segments):
    """Else who does something meanwhile would wait until all of it is decided on."""
    ann = await scenario.contact("ann")
    await many_due(scenario, ann, 7)
    assert await look_with_room(scenario, 3) == (3, NOW + AGAIN)
    assert await look_with_room(scenario, 3) == (0, NOW + NO_ROOM), "nobody decided meanwhile"
    bob = await scenario.contact("bob")
    while lane_of(bob) == lane_of(ann):
        bob = await scenario.contact(str(uuid4()))
    await many_due(scenario, bob, 1)
    assert await look_with_room(scenario, 3) == (1, NOW + AGAIN), "another lane has room"
    await segments.settle(now=NOW)
    assert await look_with_room(scenario, 3) == (3, NOW + AGAIN)
    await segments.settle(now=NOW)
    assert await look_with_room(scenario, 3) == (1, None)


async def test_a_clock_that_waits_for_room_is_not_woken_for_what_comes_later(scenario):
    ann = await scenario.contact()
    await many_due(scenario, ann, 2)
    calls = await owed(scenario)
    assert await look_with_room(scenario, 1) == (1, NOW + AGAIN)
    for due, more in ((NOW + timedelta(days=1), 0), (NOW + AGAIN / 2, 1)):
        async with storing(scenario, uuid4(), ann, due) as transaction:
            await transaction.commit()
        assert await owed(scenario) == calls + more


async def test_what_clocks_of_other_workspaces_queued_takes_no_room(scenario, segments):
    ann = await scenario.contact()
    await scenario.rows(
        "WITH w AS (INSERT INTO workspaces (id, name, timezone, paused, rules_revision) "
        "VALUES (gen_random_uuid(), 'other', 'UTC', false, 0) RETURNING id) "
        "INSERT INTO facts (workspace_id, lane, kind) SELECT id, :lane, 'clock' FROM w "
        "WHERE CAST(:w AS uuid) IS NOT NULL RETURNING 1",
        lane=lane_of(ann),
    )
    await many_due(scenario, ann, 1)
    assert await look_with_room(scenario, 1) == (1, None)


async def test_an_instant_of_a_contact_that_is_gone_is_dropped(scenario, segments):
    await segments.make("silent", SILENT, now=NOW)
    await segments.send(track("ann", "Ran", at=NOW), now=NOW)
    await scenario.rows("DELETE FROM contacts WHERE workspace_id = :w RETURNING id")
    assert await look(scenario, NOW + timedelta(days=10)) == (0, None)


async def test_an_instant_of_a_segment_that_is_gone_moves_nobody(scenario, segments):
    await segments.make("silent", SILENT, now=NOW)
    await segments.send(track("ann", "Ran", at=NOW), now=NOW)
    async with scenario.database.transaction() as connection:
        await delete_segment(connection, scenario.workspace_id, "silent", now=NOW)
    assert await segments.pass_time(NOW + timedelta(days=10)) is None


async def test_on_temporal_the_clock_wakes_days_later_ends_and_starts_again(
    scenario, segments, outbox, time_skipping_server, skipping
):
    server = time_skipping_server
    now = [await server.get_current_time()]
    async with running_engine(
        scenario.database, server.client, outbox.channels, clock=lambda: now[0],
        skipping=skipping.skipping,
    ) as engine:  # fmt: skip
        await segments.make("silent", SILENT, now=now[0])
        ann = await scenario.contact()
        for _ in range(2):
            began = now[0] = await server.get_current_time()
            await scenario.event(ann, "Ran", at=began)
            await engine.dispatch()
            assert await segments.members("silent") == set()
            async with engine.skipping(), asyncio.timeout(30):
                await clock(scenario, engine).result()
            ended = (await clock(scenario, engine).describe()).close_time
            assert ended is not None
            now[0] = ended
            assert timedelta(days=9) < now[0] - began < timedelta(days=9, hours=1)
            await engine.dispatch()
            assert await segments.members("silent") == {"ann"}
    assert len(await segments.stays("silent")) == 1


async def test_on_a_real_clock_a_short_window_passes_by_itself(scenario, segments, engine):
    await segments.make("quiet", {"not": {"event": "Ran", "within": "PT2S"}})
    await scenario.publish(start=entry("quiet"))
    ann = await scenario.contact()
    at = datetime.now(UTC)
    async with running(engine.dispatcher), asyncio.timeout(20):
        await scenario.event(ann, "Ran", at=at)
        while not (journeys := await scenario.journeys()):
            await asyncio.sleep(0.02)
    assert journeys[0].started_at - at > timedelta(seconds=2)
    assert await segments.members("quiet") == {"ann"}


async def test_a_clock_without_instants_ends(scenario, segments, engine):
    await segments.make("quiet", {"not": {"event": "Ran", "within": "PT1S"}})
    ann = await scenario.contact()
    await scenario.event(ann, "Ran")
    async with running(engine.dispatcher), asyncio.timeout(20):
        while not await segments.members("quiet"):
            await asyncio.sleep(0.02)
        handle = clock(scenario, engine)
        await handle.result()
        assert (await handle.describe()).status == WorkflowExecutionStatus.COMPLETED


async def test_what_others_do_meanwhile_does_not_move_the_instant(scenario, segments):
    await segments.make("silent", SILENT, now=NOW)
    await segments.send(track("ann", "Ran", at=NOW), now=NOW)
    await segments.send(identify("ann", city="Oslo"), track("ann", "Sat"), identify("bob"), now=NOW)
    due = await segments.pass_time(NOW)
    assert due == NOW + timedelta(days=9, microseconds=1)
