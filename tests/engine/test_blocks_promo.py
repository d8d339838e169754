"""Promo codes: one a visit, never one twice, and what templates and later blocks see of them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.contacts import erase_contact
from engine.promo import CodeWanted, take_code
from engine.promo_pools import create_pool, import_codes
from tests.support.waiting import begin, settle, sits_in

TAKE = {
    "id": "take",
    "kind": "promo",
    "pool": "spring",
    "as": "code",
    "next": "out",
    "else": "none",
}
OUT = {"id": "out", "kind": "exit", "reason": "got one"}
NONE = {"id": "none", "kind": "exit", "reason": "none left"}
DAY = {"id": "day", "kind": "timer", "wait": {"for": "P1D"}}


async def pool(scenario, *codes, key="spring"):
    now = datetime.now(UTC)
    async with scenario.database.transaction() as connection:
        await create_pool(connection, scenario.workspace_id, key=key, name=key, now=now)
        await import_codes(connection, scenario.workspace_id, key, codes, now=now)


async def codes(scenario):
    return await scenario.rows("SELECT * FROM promo_codes WHERE workspace_id = :w ORDER BY id")


async def test_each_journey_takes_the_oldest_code_until_the_pool_is_empty(scenario, engine):
    await pool(scenario, "B-1", "A-2")
    await scenario.publish(blocks=[TAKE, OUT, NONE])
    for user in ("ann", "bob", "cem"):
        await scenario.event(await scenario.contact(user), "Begun")
        await engine.dispatch()
        await scenario.until_ended(["ann", "bob", "cem"].index(user) + 1)
    journeys = await scenario.journeys()
    assert [journey.reason_detail for journey in journeys] == ["got one", "got one", "none left"]
    assert [journey.variables for journey in journeys] == [{"code": "B-1"}, {"code": "A-2"}, None]
    first, second = await codes(scenario)
    assert (first.journey_id, first.block, first.visit) == (journeys[0].id, "take", 1)
    assert second.journey_id == journeys[1].id
    assert await scenario.steps(journeys[0].id) == [("take", "taken"), ("out", "exit")]
    assert await scenario.steps(journeys[2].id) == [("take", "empty"), ("none", "exit")]


async def test_many_at_once_never_take_the_same_code(scenario, engine):
    await pool(scenario, *(f"C-{n}" for n in range(8)))
    await scenario.publish(blocks=[TAKE, OUT, NONE])
    for n in range(12):
        await scenario.event(await scenario.contact(f"u{n}"), "Begun")
    journeys = await settle(scenario, engine, 12)
    taken = [journey.variables["code"] for journey in journeys if journey.variables]
    assert sorted(taken) == [f"C-{n}" for n in range(8)]
    assert sum(journey.reason_detail == "none left" for journey in journeys) == 4


async def test_a_walk_that_is_repeated_keeps_its_code(scenario, engine):
    await pool(scenario, "A", "B")
    await scenario.publish(blocks=[{**TAKE, "next": "day"}, DAY, NONE])
    journey = await begin(scenario, engine)
    await sits_in(scenario, "day")
    for state in ("walked already", "as after a restore"):
        async with scenario.database.transaction() as connection:
            if state != "walked already":
                await connection.execute(
                    text("UPDATE journeys SET step = 0, visit = 0, block = NULL WHERE id = :id"),
                    {"id": journey.id},
                )
                await connection.execute(
                    text("DELETE FROM journey_steps WHERE journey_id = :id"), {"id": journey.id}
                )
            call = AdvanceCall(journey.id, 0, datetime.now(UTC))
            assert (await advance(connection, call, Versions())).block == "day"
        assert [code.taken_at is not None for code in await codes(scenario)] == [True, False]


async def test_a_walk_that_fails_gives_its_code_back(scenario, database):
    await pool(scenario, "A")
    await scenario.publish(blocks=[TAKE, OUT, NONE])
    ours, theirs = (
        CodeWanted(scenario.workspace_id, "spring", scenario.workspace_id, "take", visit)
        for visit in (1, 2)
    )
    now = datetime.now(UTC)
    async with database.engine.connect() as failing:
        assert await take_code(failing, ours, now=now) == "A"
        async with database.transaction() as other:
            assert await take_code(other, theirs, now=now) is None, "nobody waits for another"
        await failing.rollback()
    async with database.transaction() as again:
        assert await take_code(again, ours, now=now) == "A"


async def test_each_visit_of_a_loop_takes_its_own_and_the_last_one_is_seen(scenario, skipping):
    await pool(scenario, "A", "B")
    await scenario.publish(blocks=[{**TAKE, "next": "day"}, {**DAY, "next": "take"}, NONE])
    journey = await begin(scenario, skipping)
    await skipping.finish(journey.id)
    [journey] = await scenario.journeys()
    assert (journey.reason_detail, journey.variables) == ("none left", {"code": "B"})


async def test_without_else_an_empty_pool_ends_the_journey(scenario, engine):
    await pool(scenario)
    block = {key: value for key, value in TAKE.items() if key != "else"}
    await scenario.publish(blocks=[block, OUT])
    await begin(scenario, engine)
    [journey] = await settle(scenario, engine, 1)
    assert (journey.state, journey.reason_kind) == ("completed", "completed")


async def test_templates_and_later_blocks_see_the_code(scenario, engine, outbox):
    await pool(scenario, "SPRING-7")
    await scenario.template(text="Use {{ journey.code }} in {{ journey.workflow }}")
    mail = {"id": "mail", "kind": "message", "channel": "email", "template": "hello", "next": "ask"}
    given = {"param": "code", "op": "=", "value": "SPRING-7"}
    await scenario.publish(
        blocks=[
            {**TAKE, "next": "tell"},
            {
                "id": "tell", "kind": "emit", "event": "Given", "next": "mail",
                "properties": {"code": {"param": "code"}},
            },
            mail,
            {"id": "ask", "kind": "condition", "if": given, "then": "out"},
            OUT,
            NONE,
        ]
    )  # fmt: skip
    await begin(scenario, engine)
    [journey] = await settle(scenario, engine, 1)
    assert journey.reason_detail == "got one"
    [message] = outbox.messages
    assert "Use SPRING-7 in flow" in message.as_string()
    [event] = await scenario.rows("SELECT * FROM events WHERE workspace_id = :w AND name = 'Given'")
    assert event.properties == {"code": "SPRING-7"}


async def test_the_starting_events_property_keeps_its_name(scenario, engine):
    await pool(scenario, "SPRING-7")
    given = {"param": "code", "op": "=", "value": "event"}
    await scenario.publish(
        blocks=[
            {**TAKE, "next": "ask"},
            {"id": "ask", "kind": "condition", "if": given, "then": "out"},
            OUT,
            NONE,
        ]
    )
    await begin(scenario, engine, code="event")
    [journey] = await settle(scenario, engine, 1)
    assert journey.reason_detail == "got one"


async def test_a_code_of_an_erased_contact_stays_taken(scenario, engine):
    await pool(scenario, "A")
    await scenario.publish(blocks=[TAKE, OUT, NONE])
    await begin(scenario, engine)
    await settle(scenario, engine, 1)
    async with scenario.database.transaction() as connection:
        await erase_contact(connection, scenario.workspace_id, "ann", now=datetime.now(UTC))
    [code] = await codes(scenario)
    assert code.taken_at is not None
    assert await scenario.journeys() == []
