"""Goals: which message gets the credit, what it was worth, and who was held back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.support.ingesting import send_calls

OUT = {"id": "out", "kind": "exit"}
HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello", "next": "out"}
BOUGHT = {"name": "Bought", "event": "Order Completed", "within": "P7D", "value": "total"}


async def begin(scenario, skipping, contact):
    before = {journey.id for journey in await scenario.journeys()}
    await scenario.event(contact, "Begun")
    await skipping.dispatch()
    [journey] = [j for j in await scenario.journeys() if j.id not in before]
    await skipping.finish(journey.id)
    return journey


async def conversions(scenario):
    return await scenario.rows(
        "SELECT * FROM conversions WHERE workspace_id = :w ORDER BY goal, at"
    )


async def sent_ago(scenario, ago):
    """As if everything had been sent and decided so long ago."""
    async with scenario.database.transaction() as c:
        for table, column in (("messages", "sent_at"), ("entry_decisions", "decided_at")):
            await c.execute(
                text(f"UPDATE {table} SET {column} = :at WHERE workspace_id = :w"),
                {"at": datetime.now(UTC) - ago, "w": scenario.workspace_id},
            )
        await c.execute(
            text("UPDATE events SET timestamp = :at WHERE workspace_id = :w AND name = 'Begun'"),
            {"at": datetime.now(UTC) - ago, "w": scenario.workspace_id},
        )


async def buy(scenario, skipping, contact, **properties):
    event = await scenario.event(contact, "Order Completed", properties)
    await skipping.dispatch()
    return event


async def test_an_event_after_a_message_reaches_the_goal(scenario, skipping):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, OUT], goals=[BOUGHT])
    contact = await scenario.contact()
    journey = await begin(scenario, skipping, contact)
    event = await buy(scenario, skipping, contact, total="19.90", currency="eur")
    [found] = await conversions(scenario)
    assert (found.goal, found.event_id, found.contact_id) == ("Bought", event, contact)
    assert (found.journey_id, found.block, found.template) == (journey.id, "hello", "hello")
    assert (found.value, found.currency, found.control) == (Decimal("19.90"), "EUR", False)


async def test_too_late_is_no_goal(scenario, skipping):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, OUT], goals=[BOUGHT])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    await sent_ago(scenario, timedelta(days=7, minutes=1))
    await buy(scenario, skipping, contact)
    assert await conversions(scenario) == []


async def test_what_happened_before_the_message_is_no_goal(scenario, skipping):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, OUT], goals=[BOUGHT])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    early = datetime.now(UTC) - timedelta(hours=1)
    await scenario.event(contact, "Order Completed", at=early)
    await skipping.dispatch()
    assert await conversions(scenario) == []


async def test_the_latest_message_gets_the_credit_once(scenario, skipping):
    await scenario.template("first")
    await scenario.template("second")
    blocks = [
        {**HELLO, "template": "first", "next": "again"},
        {**HELLO, "id": "again", "template": "second"},
        OUT,
    ]
    await scenario.publish(blocks=blocks, goals=[BOUGHT])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    await buy(scenario, skipping, contact)
    assert [(one.block, one.template) for one in await conversions(scenario)] == [
        ("again", "second")
    ]


@pytest.mark.parametrize(
    ("properties", "reached"), [({"total": 60}, True), ({"total": 40}, False), ({}, False)],
    ids=["fits", "too little", "missing"],
)  # fmt: skip
async def test_a_goal_may_ask_for_more(scenario, skipping, properties, reached):
    await scenario.template()
    goal = {**BOUGHT, "where": [{"param": "total", "op": ">=", "value": 50}]}
    await scenario.publish(blocks=[HELLO, OUT], goals=[goal])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    await buy(scenario, skipping, contact, **properties)
    assert bool(await conversions(scenario)) is reached


@pytest.mark.parametrize(
    "total", ["many", True, None, "NaN", "1e99", [[]]],
    ids=["words", "yes", "null", "nan", "huge", "list"],
)  # fmt: skip
async def test_what_is_no_number_is_worth_nothing(scenario, skipping, total):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, OUT], goals=[BOUGHT])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    await buy(scenario, skipping, contact, total=total, currency="a lot")
    [found] = await conversions(scenario)
    assert (found.value, found.currency) == (None, None)


async def test_ingestion_queues_what_only_a_goal_mentions(scenario, skipping):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, OUT], goals=[BOUGHT])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    call = {"type": "track", "userId": "ann", "event": "Order Completed", "messageId": "m-1"}
    for _ in range(2):
        await send_calls(scenario.database, scenario.workspace_id, call)
        await skipping.dispatch()
    assert len(await conversions(scenario)) == 1


async def test_the_control_group_starts_no_journey_and_is_counted_beside(scenario, skipping):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, OUT], goals=[BOUGHT], control={"percent": 50})
    contacts = [await scenario.contact(f"user-{number}") for number in range(16)]
    for contact in contacts:
        await scenario.event(contact, "Begun")
    await skipping.dispatch()
    held = {
        row.contact_id
        for row in await scenario.rows(
            "SELECT contact_id FROM entry_decisions WHERE workspace_id = :w AND outcome = 'control'"
        )
    }
    started = {journey.contact_id for journey in await scenario.journeys()}
    assert held | started == set(contacts)
    assert held
    assert started
    assert not held & started
    for journey in await scenario.journeys():
        await skipping.finish(journey.id)
    for contact in contacts:
        await buy(scenario, skipping, contact)
    found = await conversions(scenario)
    assert {one.contact_id for one in found if one.control} == held
    assert all(one.entered_at is not None for one in found)
    assert all(one.message_id is None for one in found if one.control)
    for contact in contacts:
        await scenario.event(contact, "Begun")
    await skipping.dispatch()
    again = {journey.contact_id for journey in await scenario.journeys()}
    assert again == started, "the control group stays the same"


async def test_the_event_that_starts_the_journey_is_not_its_goal(scenario, skipping):
    await scenario.template()
    goal = {**BOUGHT, "event": "Begun"}
    await scenario.publish(blocks=[HELLO, OUT], goals=[goal])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    assert await conversions(scenario) == []
    await begin(scenario, skipping, contact)
    assert len(await conversions(scenario)) == 1, "the second one comes after the first's message"


async def test_what_an_erased_contact_did_stays_counted(scenario, skipping):
    await scenario.template()
    await scenario.publish(blocks=[HELLO, OUT], goals=[BOUGHT])
    contact = await scenario.contact()
    await begin(scenario, skipping, contact)
    await buy(scenario, skipping, contact, total=5)
    async with scenario.database.transaction() as c:
        await c.execute(text("DELETE FROM contacts WHERE id = :c"), {"c": contact})
    [found] = await conversions(scenario)
    assert (found.contact_id, found.value) == (None, 5)
