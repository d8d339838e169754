"""Each state of an order counts, also one that was over before a dispatcher looked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

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


async def test_late_news_of_what_an_order_was_before_the_start_stop_nobody(scenario):
    ann = await begun(scenario, status=["in_progress"])
    assert await ordered(scenario, ann, order("delivered", 5)) == ("running", None)
    assert await ordered(scenario, ann, order("in_progress", 1)) == ("running", None)


START = datetime(2024, 5, 10, 10, tzinfo=UTC)


async def begun_in_may(scenario, **stop):
    """A journey whose starting event is of the tenth."""
    await scenario.publish(stop=[{"kind": "order", **stop}])
    contact = await scenario.contact("ann")
    await scenario.event(contact, "Begun", at=START)
    await decide(scenario, contact)
    return contact


@pytest.mark.parametrize(
    ("day", "lookback", "state"),
    [
        (9, None, "running"), (10, None, "running"), (11, None, "stopped"),
        (2, "P7D", "running"), (3, "P7D", "stopped"), (11, "P7D", "stopped"),
    ],
)  # fmt: skip
async def test_late_news_stop_if_they_are_of_after_the_start_or_within_the_lookback(
    scenario, day, lookback, state
):
    more = {} if lookback is None else {"lookback": lookback}
    ann = await begun_in_may(scenario, status=["in_progress"], **more)
    assert await ordered(scenario, ann, order("delivered", 20)) == ("running", None)
    assert (await ordered(scenario, ann, order("in_progress", day)))[0] == state


async def test_a_late_update_stops_by_what_the_order_held_then(scenario):
    """It leaves the items out; they are what was said before it, not what was said since."""
    ann = await begun_in_may(
        scenario, status=["delivered"],
        where=[{"param": "items.sku", "op": "=", "value": "a"}],
    )  # fmt: skip
    await ordered(
        scenario, ann, order("in_progress", 11, items=[{"sku": "a"}]),
        order("cancelled", 20, items=[]),
    )  # fmt: skip
    ended = await ordered(scenario, ann, order("delivered", 15))
    assert ended == ("stopped", "order o-1 is delivered")


async def started(scenario, *orders, **stop):
    """How a start of the tenth was decided on, after these orders."""
    await scenario.publish(stop=[{"kind": "order", **stop}])
    contact = await scenario.contact("ann")
    for one in orders:
        await upsert_orders(scenario.database, scenario.workspace_id, one)
        await decide(scenario, contact)
    await scenario.event(contact, "Begun", at=START)
    await decide(scenario, contact)
    [decision] = await scenario.decisions()
    return decision


@pytest.mark.parametrize(("day", "outcome"), [(5, "stop_lookback"), (2, "started")])
async def test_a_lookback_finds_what_the_order_was_in_its_window(scenario, day, outcome):
    found = await started(
        scenario, order("delivered", day), order("cancelled", 9),
        status=["delivered"], lookback="P7D",
    )  # fmt: skip
    assert found == outcome


async def test_a_lookback_sees_the_items_of_then(scenario):
    found = await started(
        scenario, order("initialized", 1, items=[{"sku": "a"}]), order("delivered", 8),
        order("cancelled", 9, items=[{"sku": "b"}]),
        status=["delivered"], lookback="P7D",
        where=[{"param": "items.sku", "op": "=", "value": "a"}],
    )  # fmt: skip
    assert found == "stop_lookback"


async def test_a_lookback_finds_late_news_too(scenario):
    found = await started(
        scenario, order("cancelled", 9), order("delivered", 8),
        status=["delivered"], lookback="P7D",
    )  # fmt: skip
    assert found == "stop_lookback"


async def test_what_an_order_was_after_the_start_refuses_a_late_start(scenario):
    """Without a lookback: the starting event came late, the order is done and sent back."""
    found = await started(
        scenario, order("delivered", 11), order("cancelled", 12), status=["delivered"]
    )
    assert found == "stop_lookback"


async def test_news_that_are_still_to_be_decided_on_are_no_lookback_but_a_stop(scenario):
    await scenario.publish(stop=[{"kind": "order", "status": ["delivered"], "lookback": "P7D"}])
    ann = await scenario.contact("ann")
    await upsert_orders(scenario.database, scenario.workspace_id, order("in_progress", 7))
    await scenario.event(ann, "Begun", at=START)
    await upsert_orders(
        scenario.database, scenario.workspace_id, order("delivered", 8), order("cancelled", 9)
    )
    await decide(scenario, ann)
    assert await scenario.decisions() == ["started"]
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_detail) == ("stopped", "order o-1 is delivered")
