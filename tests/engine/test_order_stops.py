"""Stops by orders: which ones stop whom, decided on real PostgreSQL, then on real Temporal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.engine.test_lane_decisions import NOW, decide
from tests.support.ingesting import upsert_orders

DELIVERED = {"kind": "order", "status": ["delivered"]}


def order(order_id="o-1", status="delivered", user="ann", **parts):
    return {"orderId": order_id, "userId": user, "status": status, **parts}


async def ordered(scenario, contact, *orders):
    await upsert_orders(scenario.database, scenario.workspace_id, *orders)
    await decide(scenario, contact)


async def begun(scenario, user="ann", **properties):
    contact = await scenario.contact(user)
    await scenario.event(contact, "Begun", properties)
    await decide(scenario, contact)
    return contact


async def states(scenario):
    return [j.state for j in await scenario.journeys()]


async def test_an_order_that_comes_to_be_in_the_state_ends_the_journey_with_its_reason(scenario):
    await scenario.publish(stop=[DELIVERED])
    ann = await begun(scenario)
    await ordered(scenario, ann, order(status="in_progress"))
    assert await states(scenario) == ["running"]
    await ordered(scenario, ann, order(status="delivered"))
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_kind) == ("stopped", "order")
    assert journey.reason_detail == "order o-1 is delivered"
    kinds = await scenario.rows("SELECT kind FROM commands WHERE workspace_id = :w ORDER BY seq")
    assert [row.kind for row in kinds] == ["start", "stop"]


async def test_without_a_status_any_order_stops(scenario):
    await scenario.publish(stop=[{"kind": "order"}])
    ann = await begun(scenario)
    await ordered(scenario, ann, order(status="initialized"))
    assert await states(scenario) == ["stopped"]


async def test_only_the_journey_about_this_order_stops(scenario):
    await scenario.publish(
        start={"kind": "event", "event": "Begun", "reentry": {"key": ["order_id"]}},
        stop=[{**DELIVERED, "same": ["order_id"]}],
    )
    ann = await begun(scenario, order_id="o-1")
    await scenario.event(ann, "Begun", {"order_id": "o-2"})
    await scenario.event(ann, "Begun", {})
    await decide(scenario, ann)
    await ordered(scenario, ann, order("o-2"))
    found = {j.params.get("order_id"): j.state for j in await scenario.journeys()}
    assert found == {"o-1": "running", "o-2": "stopped", None: "running"}


async def test_where_sees_items_and_the_total(scenario):
    await scenario.publish(
        stop=[
            {
                **DELIVERED,
                "where": [
                    {"param": "items.sku", "op": "in", "value": ["pt-10"]},
                    {"param": "total", "op": ">=", "value": 20},
                ],
            }
        ]
    )
    ann = await begun(scenario)
    await ordered(scenario, ann, order("o-1", total=30, items=[{"sku": "pt-9"}]))
    await ordered(scenario, ann, order("o-2", total=19.99, items=[{"sku": "pt-10"}]))
    await ordered(scenario, ann, order("o-3", items=[{"sku": "pt-10"}]))
    assert await states(scenario) == ["running"]
    await ordered(scenario, ann, order("o-4", total=20, items=[{"sku": "a"}, {"sku": "pt-10"}]))
    assert await states(scenario) == ["stopped"]


async def test_somebody_elses_order_and_a_backfilled_one_stop_nobody(scenario):
    await scenario.publish(stop=[DELIVERED])
    ann = await begun(scenario)
    bob = await scenario.contact("bob")
    await ordered(scenario, bob, order("o-1", user="bob"))
    await ordered(scenario, ann, order("o-2", backfill=True))
    assert await states(scenario) == ["running"]


async def test_news_of_an_order_that_changes_nothing_stops_nobody(scenario):
    await scenario.publish(stop=[DELIVERED])
    ann = await scenario.contact()
    at = datetime.now(UTC).isoformat()
    await ordered(scenario, ann, order(timestamp=at))
    await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    await ordered(scenario, ann, order(timestamp=at))
    assert await states(scenario) == ["running"]


async def test_an_order_of_before_the_start_counts_only_within_the_lookback(scenario):
    await scenario.publish(stop=[{**DELIVERED, "lookback": "P7D"}])
    ann, bob, eve = [await scenario.contact(user) for user in ("ann", "bob", "eve")]
    start = datetime.now(UTC)
    for user, contact, status, days in (
        ("ann", ann, "delivered", 6), ("bob", bob, "delivered", 8), ("eve", eve, "cancelled", 1),
    ):  # fmt: skip
        at = (start - timedelta(days=days)).isoformat()
        await ordered(scenario, contact, order(user, status, user, timestamp=at))
        await scenario.event(contact, "Begun", at=start)
        await decide(scenario, contact)
    assert {j.contact_id for j in await scenario.journeys()} == {bob, eve}
    [refused] = await scenario.rows(
        "SELECT * FROM entry_decisions WHERE workspace_id = :w AND outcome <> 'started'"
    )
    assert (refused.contact_id, refused.outcome) == (ann, "stop_lookback")
    assert refused.detail == "order ann is delivered"


async def test_the_lookback_compares_the_order_with_the_starting_event(scenario):
    await scenario.publish(stop=[{**DELIVERED, "same": ["orderId"], "lookback": "P7D"}])
    ann = await scenario.contact()
    await ordered(scenario, ann, order("o-1"))
    for order_id in ("o-1", "o-2"):
        await scenario.event(ann, "Begun", {"orderId": order_id})
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    assert journey.params == {"orderId": "o-2"}


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_order_after_the_start_in_one_batch_stops_and_is_no_lookback(scenario, at_once):
    await scenario.publish(stop=[{**DELIVERED, "lookback": "P1D"}])
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    if not at_once:
        await decide(scenario, ann)
    await upsert_orders(scenario.database, scenario.workspace_id, order())
    await decide(scenario, ann)
    assert await scenario.decisions() == ["started"]
    assert await states(scenario) == ["stopped"]


async def test_orders_are_queued_only_while_a_rule_mentions_them(scenario):
    await scenario.publish()
    ann = await scenario.contact()
    await upsert_orders(scenario.database, scenario.workspace_id, order())
    assert await scenario.rows("SELECT 1 FROM facts WHERE workspace_id = :w") == []
    await scenario.publish(stop=[DELIVERED])
    await upsert_orders(scenario.database, scenario.workspace_id, order("o-2"))
    [fact] = await scenario.rows("SELECT * FROM facts WHERE workspace_id = :w")
    assert (fact.kind, fact.contact_id) == ("order", ann)


async def test_an_order_that_became_another_contacts_stops_only_that_contact(scenario):
    await scenario.publish(stop=[DELIVERED])
    ann = await begun(scenario, "ann")
    bob = await begun(scenario, "bob")
    await upsert_orders(scenario.database, scenario.workspace_id, order(user="ann"))
    await upsert_orders(scenario.database, scenario.workspace_id, order(user="bob"))
    await decide(scenario, ann, now=NOW)
    await decide(scenario, bob, now=NOW)
    found = {j.contact_id: j.state for j in await scenario.journeys()}
    assert found == {ann: "running", bob: "stopped"}


async def test_a_delivered_order_ends_the_execution_at_once(scenario, engine):
    await scenario.publish(stop=[{**DELIVERED, "same": ["order_id"]}])
    ann = await scenario.contact()
    await scenario.event(ann, "Begun", {"order_id": "o-1"})
    await engine.dispatch()
    [journey] = await scenario.journeys()
    await upsert_orders(scenario.database, scenario.workspace_id, order("o-2"))
    await engine.dispatch()
    assert await states(scenario) == ["running"]
    await upsert_orders(scenario.database, scenario.workspace_id, order("o-1"))
    await engine.dispatch()
    async with asyncio.timeout(10):
        await engine.finish(journey.id)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_kind) == ("stopped", "order")
