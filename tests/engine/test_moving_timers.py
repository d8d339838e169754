"""Timers move while they sleep: with the field, the order or the zone that they are bound to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.ingesting import send_calls, upsert_orders
from tests.support.waiting import begin, settle, sits_in

OUT = {"id": "out", "kind": "exit"}


def bound(**until):
    return {"id": "hold", "kind": "timer", "wait": {"until": until}, "next": "out"}


def moment(**ahead):
    return (datetime.now(UTC) + timedelta(**ahead)).replace(microsecond=0)


async def identify(scenario, **traits):
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "identify", "userId": "ann", "traits": traits},
    )


async def asleep(scenario, engine, block, *, columns=None, params=None):
    """A journey that sleeps in its first block."""
    await scenario.publish(blocks=[block, OUT])
    contact = await scenario.contact(**(columns or {}))
    await begin(scenario, engine, contact, **(params or {}))
    return await sits_in(scenario, "hold")


async def moved(scenario, engine, due):
    """Wait until the journey sleeps until `due`; it is still in its first visit."""
    await engine.dispatch()
    async with asyncio.timeout(10):
        while True:
            [journey] = await scenario.journeys()
            if journey.due_at == due:
                break
            await asyncio.sleep(0.02)
    assert (journey.block, journey.visit, journey.state) == ("hold", 1, "running")


@pytest.mark.parametrize("ahead", [{"days": 1}, {"days": 9}], ids=["earlier", "later"])
async def test_it_moves_with_the_field_earlier_and_later(scenario, engine, ahead):
    first, then = moment(days=5), moment(**ahead)
    journey = await asleep(
        scenario, engine, bound(field="visit_at", offset="-PT1H"),
        columns={"fields": {"visit_at": first.isoformat()}},
    )  # fmt: skip
    assert journey.due_at == first - timedelta(hours=1)
    await identify(scenario, visit_at=then.isoformat())
    await moved(scenario, engine, then - timedelta(hours=1))


async def test_it_goes_on_when_the_moved_moment_comes(scenario, engine):
    first, then = moment(days=5), moment(seconds=3)
    journey = await asleep(
        scenario, engine, bound(field="visit_at"),
        columns={"fields": {"visit_at": first.isoformat()}},
    )  # fmt: skip
    await identify(scenario, visit_at=then.isoformat())
    [journey] = await settle(scenario, engine, 1)
    assert then <= journey.ended_at < first
    assert await scenario.steps(journey.id) == [("hold", "done"), ("out", "exit")]


@pytest.mark.parametrize(
    "value", [None, "2020-01-01T00:00:00Z", "never"], ids=["removed", "past", "unreadable"]
)
async def test_without_a_moment_ahead_it_goes_on_at_once(scenario, engine, value):
    await asleep(
        scenario, engine, bound(field="visit_at"),
        columns={"fields": {"visit_at": moment(days=5).isoformat()}},
    )  # fmt: skip
    await identify(scenario, visit_at=value)
    [journey] = await settle(scenario, engine, 1)
    assert journey.state == "completed"


async def test_a_field_inside_an_object_moves_it_too(scenario, engine):
    first, then = moment(days=5), moment(days=2)
    await asleep(
        scenario, engine, bound(field="trial.ends_at"),
        columns={"fields": {"trial": {"ends_at": first.isoformat()}}},
    )  # fmt: skip
    await identify(scenario, trial={"ends_at": then.isoformat()})
    await moved(scenario, engine, then)


async def test_other_fields_and_other_contacts_wake_nobody(scenario, engine):
    first = moment(days=5)
    journey = await asleep(
        scenario, engine, bound(field="visit_at", offset="PT0S"),
        columns={"fields": {"visit_at": first.isoformat()}},
    )  # fmt: skip
    await identify(scenario, plan="gold")
    await send_calls(
        scenario.database,
        scenario.workspace_id,
        {"type": "identify", "userId": "bob", "traits": {"visit_at": moment(days=1).isoformat()}},
    )
    await engine.dispatch()
    assert await scenario.rows("SELECT 1 FROM commands WHERE workspace_id = :w") == []
    [now] = [j for j in await scenario.journeys() if j.id == journey.id]
    assert (now.step, now.due_at) == (1, first)


async def test_journeys_of_an_older_version_move_as_well(scenario, engine):
    first, then = moment(days=5), moment(days=1)
    await asleep(
        scenario, engine, bound(field="visit_at"),
        columns={"fields": {"visit_at": first.isoformat()}},
    )  # fmt: skip
    await scenario.publish(blocks=[OUT])
    await identify(scenario, visit_at=then.isoformat())
    await moved(scenario, engine, then)


async def test_it_moves_with_the_order_that_the_starting_event_names(scenario, engine):
    first, then = moment(days=3), moment(days=4)
    orders = [
        {"orderId": "o-1", "userId": "ann", "status": "in_progress",
         "items": [{"sku": "a", "delivery_at": first.isoformat()}]},
        {"orderId": "o-2", "userId": "ann", "status": "in_progress",
         "items": [{"sku": "b", "delivery_at": moment(days=8).isoformat()}]},
    ]  # fmt: skip
    await scenario.publish(blocks=[bound(order="items.delivery_at", offset="-P1D"), OUT])
    contact = await scenario.contact(timezone="UTC")
    await upsert_orders(scenario.database, scenario.workspace_id, *orders)
    await begin(scenario, engine, contact, order_id="o-1")
    journey = await sits_in(scenario, "hold")
    assert journey.due_at == first - timedelta(days=1)
    later = {**orders[0], "items": [{"sku": "a", "delivery_at": then.isoformat()}]}
    await upsert_orders(scenario.database, scenario.workspace_id, later)
    await moved(scenario, engine, then - timedelta(days=1))


async def test_without_an_order_in_the_event_it_follows_the_latest_one(scenario, engine):
    await scenario.publish(blocks=[bound(order="timestamp", offset="P7D"), OUT])
    contact = await scenario.contact(timezone="UTC")
    old, new = moment(days=-3), moment(days=-1)
    await upsert_orders(
        scenario.database, scenario.workspace_id,
        {"orderId": "o-1", "userId": "ann", "status": "delivered", "timestamp": old.isoformat()},
    )  # fmt: skip
    await begin(scenario, engine, contact)
    assert (await sits_in(scenario, "hold")).due_at == old + timedelta(days=7)
    await upsert_orders(
        scenario.database, scenario.workspace_id,
        {"orderId": "o-2", "userId": "ann", "status": "delivered", "timestamp": new.isoformat()},
    )  # fmt: skip
    await moved(scenario, engine, new + timedelta(days=7))


async def test_without_any_order_it_goes_on_at_once(scenario, engine):
    await scenario.publish(blocks=[bound(order="timestamp", offset="P7D"), OUT])
    await begin(scenario, engine, order_id="unknown")
    [journey] = await settle(scenario, engine, 1)
    assert await scenario.steps(journey.id) == [("hold", "passed"), ("out", "exit")]


async def test_a_contact_that_moves_to_another_zone_while_asleep_is_woken_by_its_clock(
    scenario, engine
):
    clock = (datetime.now(UTC) + timedelta(hours=12)).strftime("%H:%M")
    first = await asleep(scenario, engine, bound(time=clock), columns={"timezone": "UTC"})
    await identify(scenario, timezone="Asia/Kathmandu")
    shift = timedelta(hours=5, minutes=45)
    await moved(scenario, engine, first.due_at - shift)


async def test_a_message_that_waits_for_its_hours_follows_the_zone(scenario, engine, outbox):
    """It is night where the contact was, and day where it is now."""
    now = datetime.now(UTC)
    hours = {
        "from": (now - timedelta(hours=3)).strftime("%H:%M"),
        "to": (now + timedelta(hours=3)).strftime("%H:%M"),
    }
    await scenario.template()
    hold = {"id": "hold", "kind": "message", "channel": "email", "template": "hello",
            "allowed_hours": hours, "next": "out"}  # fmt: skip
    await asleep(scenario, engine, hold, columns={"timezone": "Pacific/Auckland"})
    assert outbox.messages == []
    await identify(scenario, timezone="UTC")
    await settle(scenario, engine, 1)
    assert len(outbox.messages) == 1


async def test_a_change_that_a_walk_under_way_did_not_see_moves_it(scenario, engine):
    """The event and the change come one right after the other, before anything is decided."""
    then = moment(days=2)
    await scenario.publish(blocks=[bound(field="visit_at"), OUT])
    contact = await scenario.contact(fields={"visit_at": moment(days=5).isoformat()})
    await scenario.event(contact, "Begun")
    await identify(scenario, visit_at=then.isoformat())
    await moved(scenario, engine, then)
