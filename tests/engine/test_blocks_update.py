"""What an `update` block does to the contact: as a call from outside would, once, never fatal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.state import read_state
from engine.advance.versions import Versions
from engine.updating import Update, update
from journeys.definition import UpdateBlock
from tests.support.ingesting import send_calls
from tests.support.waiting import begin, segment, settle, sits_in

OUT = {"id": "out", "kind": "exit"}
DAY = {"id": "day", "kind": "timer", "wait": {"for": "P1D"}}


def change(**parts):
    return {"id": "change", "kind": "update", **parts}


async def person(scenario, contact):
    [row] = await scenario.rows("SELECT * FROM contacts WHERE id = :c", c=contact)
    return row


async def changed(scenario, engine, update, *, params=None, **columns):
    """The contact and the block's outcome after a journey through the update."""
    await scenario.publish(blocks=[{**change(**update), "next": "out"}, OUT])
    contact = await scenario.contact(**columns)
    journey = await begin(scenario, engine, contact, **(params or {}))
    [journey] = await settle(scenario, engine, 1)
    assert (journey.state, journey.reason_kind) == ("completed", "exit")
    [(_, outcome), _] = await scenario.steps(journey.id)
    return await person(scenario, contact), outcome


async def test_fields_are_set_unset_and_counted(scenario, engine):
    update = {
        "set": {
            "plan": "gold", "from": {"param": "utm.source"}, "points": {"+": 5},
            "lives": {"-": {"param": "lost"}}, "score": {"+": 0.1}, "text": {"+": 1},
            "locale": "uk", "old": None, "tags": ["a", 1],
        },
        "unset": ["trial", "phone"],
    }  # fmt: skip
    fields = {"points": 10, "score": 0.2, "text": "7", "old": 1, "trial": True, "kept": "x"}
    contact, outcome = await changed(
        scenario, engine, update, params={"utm": {"source": "ad"}, "lost": 2},
        fields=fields, phone="+380501112233",
    )  # fmt: skip
    assert outcome == "updated"
    assert contact.fields == {
        "plan": "gold", "from": "ad", "points": 15, "lives": -2, "score": 0.3, "text": 8,
        "tags": ["a", 1], "kept": "x",
    }  # fmt: skip
    assert (contact.locale, contact.phone, contact.email) == ("uk", None, "ann@example.com")


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        ({"plan": {"param": "plan"}}, "plan: the starting event has no 'plan'"),
        ({"name": {"+": 1}}, "name: the field holds no number"),
        ({"points": {"+": {"param": "text"}}}, "points: what it is to change by is no number"),
        ({"email": {"param": "number"}}, "email must be a string or null"),
        ({"phone": {"param": "long"}}, "phone is longer than 64 characters"),
        ({"timezone": {"param": "text"}}, "timezone: there is no such time zone"),
        ({"points": {"+": 9e300}}, "points: the number is out of range"),
        ({"bulk": {"param": "bulk"}}, "bulk: the contact's fields would exceed 256 KB"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_value_that_cannot_be_applied_is_told_and_the_rest_is_applied(
    scenario, engine, update, reason
):
    params = {"text": "five", "number": 5, "long": "1" * 65, "bulk": "x" * 262_144}
    update = {"set": {**update, "applied": True}}
    contact, outcome = await changed(
        scenario, engine, update, params=params, fields={"name": "Ann"}
    )
    assert outcome == f"refused: {reason}"
    assert contact.fields == {"name": "Ann", "applied": True}


async def test_the_blocks_behind_it_see_the_change_in_the_same_walk(scenario, engine):
    await scenario.publish(
        blocks=[
            {**change(set={"plan": "gold", "timezone": "Asia/Tokyo"}), "next": "ask"},
            {
                "id": "ask", "kind": "condition", "then": "nine",
                "if": {"field": "plan", "op": "=", "value": "gold"},
            },
            {"id": "nine", "kind": "timer", "wait": {"until": {"time": "09:00"}}},
        ]
    )  # fmt: skip
    await begin(scenario, engine)
    journey = await sits_in(scenario, "nine")
    assert journey.due_at.astimezone(UTC).hour == 0, "nine o'clock in Tokyo"


async def test_a_walk_that_is_repeated_adds_once(scenario, engine):
    await scenario.publish(blocks=[{**change(set={"points": {"+": 1}}), "next": "day"}, DAY])
    journey = await begin(scenario, engine)
    await sits_in(scenario, "day")
    for _ in range(2):
        async with scenario.database.transaction() as connection:
            call = AdvanceCall(journey.id, 0, datetime.now(UTC))
            assert (await advance(connection, call, Versions())).block == "day"
    assert (await person(scenario, journey.contact_id)).fields == {"points": 1}


async def test_the_change_starts_other_workflows_but_not_its_own_again(scenario, engine):
    on_plan = {"kind": "field_change", "field": "plan", "overlap": "parallel"}
    await scenario.publish(start=on_plan, blocks=[change(set={"plan": "silver"})])
    await scenario.publish("other", start=on_plan, blocks=[OUT])
    contact = await scenario.contact(fields={"plan": "free"})
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "identify", "userId": "ann", "traits": {"plan": "gold"}},
    )
    journeys = await settle(scenario, engine, 3)
    changes = sorted((j.params["from"], j.params["to"], j.depth) for j in journeys)
    assert changes == [("free", "gold", 0), ("free", "gold", 0), ("gold", "silver", 1)]
    assert (await person(scenario, contact)).fields == {"plan": "silver"}


async def test_workflows_that_change_a_field_to_and_fro_come_to_rest(scenario, engine):
    for key, here, there in (("one", "a", "b"), ("two", "b", "a")):
        await scenario.publish(
            key,
            start={"kind": "field_change", "field": "side", "to": [here], "overlap": "parallel"},
            blocks=[change(set={"side": there})],
        )
    await scenario.contact()
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "identify", "userId": "ann", "traits": {"side": "a"}},
    )
    journeys = await settle(scenario, engine, 11)
    assert sorted(journey.depth for journey in journeys) == list(range(11))
    [last] = [journey for journey in journeys if journey.depth == 10]
    assert await scenario.steps(last.id) == [("change", "updated")], "the data is right"
    assert await scenario.decisions() == [*["started"] * 11, "too_deep"]


async def test_what_stays_the_same_is_no_change(scenario, engine):
    on_plan = {"kind": "field_change", "field": "plan"}
    await scenario.publish("other", start=on_plan, blocks=[OUT])
    _, outcome = await changed(scenario, engine, {"set": {"plan": "gold"}}, fields={"plan": "gold"})
    assert outcome == "updated"
    assert len(await scenario.journeys()) == 1


async def test_the_contact_is_put_on_lists_and_taken_off(scenario, engine):
    for key in ("vip", "trial"):
        await segment(scenario, key)
    contact = await scenario.contact()
    [(trial,)] = await scenario.rows(
        "SELECT id FROM segments WHERE workspace_id = :w AND key = 'trial'"
    )
    await scenario.rows(
        "INSERT INTO segment_members (workspace_id, segment_id, contact_id) "
        "VALUES (:w, :s, :c) RETURNING 1", s=trial, c=contact,
    )  # fmt: skip
    await scenario.publish(
        blocks=[
            {**change(add_to=["vip"], remove_from=["trial"]), "next": "ask"},
            {
                "id": "ask", "kind": "condition", "then": "out",
                "if": {"all": [{"segment": "vip"}, {"not": {"segment": "trial"}}]},
            },
            OUT,
        ]
    )  # fmt: skip
    await begin(scenario, engine, contact)
    [journey] = await settle(scenario, engine, 1)
    assert await scenario.steps(journey.id) == [
        ("change", "updated"), ("ask", "then"), ("out", "exit"),
    ]  # fmt: skip
    listed = await scenario.rows(
        "SELECT s.key FROM segment_members m JOIN segments s ON s.id = m.segment_id "
        "WHERE m.contact_id = :c", c=contact,
    )  # fmt: skip
    assert [row.key for row in listed] == ["vip"]
    assert len(await scenario.rows("SELECT 1 FROM segment_stays WHERE contact_id = :c", c=contact))


async def test_coming_onto_a_list_by_a_block_starts_what_waits_for_it(scenario, engine):
    await segment(scenario, "vip")
    await scenario.publish(
        "welcome", start={"kind": "segment", "segment": "vip", "schedule": "entry"}, blocks=[OUT]
    )
    await scenario.publish(blocks=[change(add_to=["vip"])])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    journeys = await settle(scenario, engine, 2)
    assert sorted(journey.depth for journey in journeys) == [0, 1]


async def test_an_update_while_the_same_contact_is_written_to_waits_and_keeps_both(
    scenario, engine
):
    """A batch holds the contact when the block comes by: neither change is lost."""
    await scenario.publish(blocks=[{**change(set={"points": {"+": 1}}), "next": "day"}, DAY])
    contact = await scenario.contact(fields={"points": 1})
    await scenario.event(contact, "Begun")
    async with scenario.database.transaction() as batch:
        await batch.exec_driver_sql(
            "SELECT 1 FROM contacts WHERE id = $1 FOR NO KEY UPDATE", (contact,)
        )
        await engine.dispatch()
        await batch.exec_driver_sql(
            """UPDATE contacts SET fields = '{"points": 41, "city": "Oslo"}' WHERE id = $1""",
            (contact,),
        )
    await sits_in(scenario, "day")
    assert (await person(scenario, contact)).fields == {"points": 42, "city": "Oslo"}


async def test_segments_follow_the_change_and_start_whom_they_take_in(scenario, engine):
    await segment(scenario, "gold", {"field": "plan", "op": "=", "value": "gold"})
    entry = {"kind": "segment", "segment": "gold", "schedule": "entry"}
    await scenario.publish("welcome", start=entry, blocks=[OUT])
    await scenario.publish(blocks=[change(set={"plan": "gold"})])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    journeys = await settle(scenario, engine, 2)
    assert sorted(journey.depth for journey in journeys) == [0, 1]


async def test_a_merge_that_waits_for_the_walk_does_not_keep_it_from_changing_the_contact(
    scenario, engine, database
):
    """Both want the contact: the walk, which has it already, goes first, and neither is refused."""
    await scenario.publish(blocks=[DAY])
    journey = await begin(scenario, engine)
    await sits_in(scenario, "day")

    async def merge():
        async with database.transaction() as connection:
            await connection.execute(
                text("SELECT FROM contacts WHERE id = :c FOR UPDATE"), {"c": journey.contact_id}
            )
            await connection.execute(
                text("UPDATE journeys SET parked = parked WHERE id = :j"), {"j": journey.id}
            )

    async with database.transaction() as walking:
        state = await read_state(walking, journey.id)
        merging = asyncio.create_task(merge())
        async with asyncio.timeout(10):
            while not await scenario.rows(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND CAST(:w AS uuid) IS NOT NULL"
            ):
                await asyncio.sleep(0.02)
        wanted = Update(
            state.workspace_id, state.workflow_id, state.contact_id,
            UpdateBlock(id="u", kind="update", set={"plan": "gold"}), {}, 1,
        )  # fmt: skip
        assert (await update(walking, wanted, now=datetime.now(UTC))).refused == ()
    async with asyncio.timeout(10):
        await merging
    assert (await person(scenario, journey.contact_id)).fields == {"plan": "gold"}
