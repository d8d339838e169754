"""Each state of an order counts, also one that was over before a dispatcher looked."""

from __future__ import annotations

from tests.engine.test_lane_decisions import decide
from tests.support.ingesting import upsert_orders


def order(status, day, **parts):
    at = f"2024-05-{day:02}T10:00:00Z"
    return {"orderId": "o-1", "userId": "ann", "status": status, "timestamp": at, **parts}


async def begun(scenario, **stop):
    await scenario.publish(stop=[{"kind": "order", **stop}])
    contact = await scenario.contact("ann")
    await scenario.event(contact, "Begun")
    await decide(scenario, contact)
    return contact


async def ordered(scenario, contact, *orders):
    await upsert_orders(scenario.database, scenario.workspace_id, *orders)
    await decide(scenario, contact)
    [journey] = await scenario.journeys()
    return journey.state, journey.reason_detail


async def test_a_status_that_another_followed_at_once_still_stops(scenario):
    ann = await begun(scenario, status=["in_progress"])
    ended = await ordered(scenario, ann, order("in_progress", 1), order("delivered", 2))
    assert ended == ("stopped", "order o-1 is in_progress")


async def test_a_filter_sees_the_order_as_it_was_then(scenario):
    ann = await begun(scenario, where=[{"param": "total", "op": "=", "value": 30}])
    ended = await ordered(
        scenario, ann, order("in_progress", 1, total=30), order("in_progress", 2, total=5)
    )
    assert ended[0] == "stopped"


async def test_late_news_of_an_order_stop_nobody(scenario):
    ann = await begun(scenario, status=["in_progress"])
    assert await ordered(scenario, ann, order("delivered", 5)) == ("running", None)
    assert await ordered(scenario, ann, order("in_progress", 1)) == ("running", None)
