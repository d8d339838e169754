"""The dispatcher among misfortunes: nothing that goes wrong with one thing holds up another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from engine.dispatch import dispatcher as dispatching
from engine.dispatch.dispatcher import LOCK_SPACE, Dispatcher
from engine.lanes import lane_of
from engine.reconcile import reconcile

OUT = {"id": "out", "kind": "exit"}


async def owe(scenario, contact: UUID, journey: UUID, kind: str) -> None:
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO commands (workspace_id, lane, journey_id, kind) "
                "VALUES (:w, :l, :j, :k)"
            ),
            {"w": scenario.workspace_id, "l": lane_of(contact), "j": journey, "k": kind},
        )


async def test_a_call_that_temporal_refuses_holds_up_no_other_call(scenario, engine):
    await scenario.publish(blocks=[OUT])
    ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
    await owe(scenario, ann, uuid4(), "x" * 5000)
    await owe(scenario, bob, uuid4(), "x" * 5000)
    for contact in (ann, bob):
        await scenario.event(contact, "Begun")
    async with asyncio.timeout(5):
        await engine.dispatch()
    for journey in await scenario.journeys():
        await engine.finish(journey.id)
    left = await scenario.rows("SELECT kind, due_at FROM commands WHERE workspace_id = :w")
    assert [row.kind[0] for row in left] == ["x", "x"]
    assert all(row.due_at > datetime.now(UTC) for row in left), "it is tried again later"


async def test_a_parked_journey_whose_execution_is_gone_is_started_again(scenario, engine):
    workflow = await scenario.publish(blocks=[OUT])
    await scenario.rows(
        "UPDATE workflows SET state = 'paused' WHERE id = :i RETURNING id", i=workflow
    )
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await engine.dispatch()
    async with asyncio.timeout(10):
        while not (journey := (await scenario.journeys())[0]).parked:
            await asyncio.sleep(0.02)
    await engine.execution(journey.id).terminate()
    await scenario.rows(
        "UPDATE workflows SET state = 'active' WHERE id = :i RETURNING id", i=workflow
    )
    await reconcile(
        scenario.database, engine.client, task_queue=engine.task_queue, now=datetime.now(UTC)
    )
    async with asyncio.timeout(10):
        while (await scenario.journeys())[0].state == "running":
            await engine.dispatch()
            await asyncio.sleep(0.05)


async def test_a_lane_with_a_backlog_lets_the_others_have_their_turn(scenario, engine, monkeypatch):
    monkeypatch.setattr(dispatching, "BATCH", 2)
    await scenario.publish(blocks=[OUT])
    ann = await scenario.contact()
    for _ in range(2 * dispatching.ROUNDS + 1):
        await scenario.event(ann, "Begun")
    await engine.dispatcher.drain()
    assert await scenario.rows("SELECT 1 FROM facts WHERE workspace_id = :w")
    await engine.dispatch()
    assert await scenario.rows("SELECT 1 FROM facts WHERE workspace_id = :w") == []


async def test_only_the_bad_fact_of_a_batch_is_set_aside(scenario, engine):
    await scenario.publish(blocks=[OUT], start={"kind": "event", "event": "Begun",
                                                "overlap": "parallel"})  # fmt: skip
    ann = await scenario.contact()
    events = [await scenario.event(ann, "Begun") for _ in range(5)]
    await scenario.rows(
        "UPDATE events SET properties = jsonb_build_object('where', 'bad') WHERE id = :i "
        "RETURNING id",
        i=events[2],
    )
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text(
                "ALTER TABLE journeys ADD CONSTRAINT no_bad CHECK (params ->> 'where' <> 'bad') "
                "NOT VALID"
            )
        )
    try:
        await engine.dispatch()
    finally:
        async with scenario.database.transaction() as connection:
            await connection.execute(text("ALTER TABLE journeys DROP CONSTRAINT no_bad"))
    failed = await scenario.rows("SELECT ref FROM failed_facts WHERE workspace_id = :w")
    assert [row.ref for row in failed] == [events[2]]
    assert len(await scenario.journeys()) == 4


async def test_a_dispatcher_that_is_cancelled_lets_go_of_its_lanes(scenario, engine, database):
    async def never():
        await asyncio.sleep(60)

    await scenario.publish(blocks=[OUT])
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    stuck = Dispatcher(database, never, task_queue=engine.task_queue)
    work = asyncio.create_task(stuck.drain())
    held = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :s AND objid = :l"
    )
    key = {"s": LOCK_SPACE, "l": lane_of(ann)}
    async with asyncio.timeout(5), database.engine.connect() as connection:
        while not await connection.scalar(held, key):
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.wait([work])
        assert not await connection.scalar(held, key)
    await engine.dispatch()
    [journey] = await scenario.journeys()
    await engine.finish(journey.id)
