"""Each leaf of the predicate language, in SQL and in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from journeys.snapshot import EventData, MessageData
from tests.predicates.conftest import Check
from tests.predicates.people import NOW, Person, contact, order

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)


def event(name: str = "Workout", *, ago: timedelta = timedelta(), **properties: Any) -> EventData:
    return EventData(name, NOW - ago, properties)


async def test_all_any_and_not(check: Check):
    yes, no = {"field": "a", "op": "exists"}, {"field": "a", "op": "missing"}
    await check(
        Person(contact=contact(fields={"a": 1})),
        [
            ({"all": []}, True),
            ({"any": []}, False),
            ({"all": [yes, no]}, False),
            ({"any": [no, yes]}, True),
            ({"not": no}, True),
            ({"not": {"all": [yes, {"not": no}]}}, False),
            ({"not": {"field": "absent", "op": ">", "value": 1}}, True),
            ({"not": {"field": "absent", "op": "!=", "value": 1}}, True),
        ],
    )


async def test_an_event_happened_so_many_times(check: Check):
    def times(op: str, value: float) -> dict[str, Any]:
        return {"event": "Workout", "times": {"op": op, "value": value}}

    await check(
        Person(events=[event(), event(), event(), event("Other")]),
        [
            ({"event": "Workout"}, True),
            ({"event": "Rest"}, False),
            (times("=", 0), False),
            ({"event": "Rest", "times": {"op": "=", "value": 0}}, True),
            (times("=", 3), True),
            (times("=", 2), False),
            (times("!=", 2), True),
            (times(">=", 3), True),
            (times(">=", 4), False),
            (times(">", 2), True),
            (times(">", 3), False),
            (times("<", 4), True),
            (times("<", 3), False),
            (times("<=", 3), True),
            (times("<=", 2.5), False),
            (times(">=", 0), True),
            (times("=", 2.5), False),
            (times("<", 1e300), True),
            (times(">", -1), True),
        ],
    )


async def test_an_event_has_such_properties(check: Check):
    def where(*checks: dict[str, Any]) -> dict[str, Any]:
        return {"event": "Workout", "where": list(checks)}

    long = {"param": "minutes", "op": ">=", "value": 20}
    await check(
        Person(
            events=[event(minutes="25", kind="run"), event(minutes=5, kind="swim")],
            params={"kind": "swim"},
        ),
        [
            (where(long), True),
            (where(long, {"param": "kind", "op": "=", "value": "run"}), True),
            (where(long, {"param": "kind", "op": "=", "value": "swim"}), False),
            (where({"param": "kind", "op": "=", "value": {"param": "kind"}}), True),
            (where({"param": "missing", "op": "missing"}), True),
            (where({"param": "minutes", "op": "missing"}), False),
        ],
    )


async def test_a_window_reaches_back_from_now_and_includes_its_edge(check: Check):
    await check(
        Person(
            events=[event(ago=7 * DAY), event("Future", ago=-DAY)],
            journey_started_at=NOW - 2 * DAY,
        ),
        [
            ({"event": "Workout", "within": "P7D"}, True),
            ({"event": "Workout", "within": "P6DT23H59M59.999999S"}, False),
            ({"event": "Workout", "within": "P1M"}, True),
            ({"event": "Workout", "within": "-P7D"}, True),
            ({"event": "Workout", "within": "journey"}, False),
            ({"event": "Future", "within": "journey"}, True),
            ({"event": "Future", "within": "PT1H"}, True),  # a client's clock may be ahead
        ],
    )


async def test_orders_are_counted_and_summed(check: Check):
    orders = [
        order(total=Decimal("60.10"), items=[{"sku": "pt-10"}], order_id="1"),
        order(total=Decimal("39.90"), items=[{"sku": "pt-11"}], order_id="2"),
        order("cancelled", total=Decimal(500), order_id="3"),
        order("delivered", timestamp=NOW - 60 * DAY, order_id="4"),
    ]

    def of(**query: Any) -> dict[str, Any]:
        return {"order": query}

    delivered = {"status": ["delivered"]}
    await check(
        Person(orders=orders),
        [
            (of(), True),
            (of(status=["abandoned"]), False),
            (of(status=["abandoned", "cancelled"]), True),
            (of(**delivered, times={"op": "=", "value": 3}), True),
            (of(**delivered, within="P30D", times={"op": "=", "value": 2}), True),
            (of(**delivered, total={"op": "=", "value": 100}), True),
            (of(**delivered, total={"op": ">", "value": 100}), False),
            (of(total={"op": ">=", "value": 600}), True),
            (of(status=["abandoned"], total={"op": "=", "value": 0}), True),
            (of(**delivered, times={"value": 4}, total={"value": 100}), False),
            (of(where=[{"param": "items.sku", "op": "in", "value": ["pt-10"]}]), True),
            (of(where=[{"param": "items.sku", "op": "in", "value": ["pt-12"]}]), False),
            (of(where=[{"param": "total", "op": ">", "value": 60}], **delivered), True),
            (of(where=[{"param": "total", "op": "missing"}]), True),
            (of(where=[{"param": "orderId", "op": "=", "value": "3"}]), True),
            (of(where=[{"param": "timestamp", "op": "before", "value": "-P30D"}]), True),
            (of(where=[{"param": "currency", "op": "exists"}]), False),
            (of(where=[{"param": "unheard_of", "op": "missing"}], times={"value": 4}), True),
        ],
    )


async def test_segments_are_inlined_and_static_ones_looked_up(check: Check):
    await check(
        Person(contact=contact(fields={"plan": "premium"}), lists=frozenset(["vip"])),
        [
            ({"segment": "premium"}, True),
            ({"segment": "outer"}, False),
            ({"not": {"segment": "outer"}}, True),
            ({"segment": "vip"}, True),
            ({"segment": "pool"}, False),
        ],
        segments={
            "premium": {"field": "plan", "op": "=", "value": "premium"},
            "outer": {"all": [{"segment": "premium"}, {"segment": "pool"}]},
        },
        lists=["vip", "pool"],
    )


async def test_a_parameterised_segment_sees_what_was_bound_and_nothing_else(check: Check):
    segments = {
        "watches": {"field": "books", "op": "contains", "value": {"param": "book"}},
        "through": {"segment": "watches", "params": {"book": {"param": "title"}}},
        "asks": {"param": "book", "op": "=", "value": "b-1"},
        "deeper": {"field": "books", "op": "contains", "value": {"param": "of.book"}},
    }
    params = {"book_id": "b-1", "book": "b-2", "it": {"book": "b-1"}}
    await check(
        Person(contact=contact(fields={"books": ["b-1"]}), params=params),
        [
            ({"segment": "watches", "params": {"book": "b-1"}}, True),
            ({"segment": "watches", "params": {"book": {"param": "book_id"}}}, True),
            ({"segment": "watches", "params": {"book": {"param": "book"}}}, False),
            ({"segment": "watches"}, False),
            ({"segment": "through", "params": {"title": {"param": "book_id"}}}, True),
            ({"segment": "through", "params": {"title": "b-3"}}, False),
            ({"segment": "through", "params": {"book": "b-1"}}, False),
            ({"segment": "asks", "params": {"book": {"param": "book_id"}}}, True),
            ({"segment": "asks", "params": {"book": "b-1"}}, True),
            ({"segment": "asks"}, False),
            ({"segment": "deeper", "params": {"of": {"param": "it"}}}, True),
            ({"segment": "deeper", "params": {"of": "it"}}, False),
        ],
        segments=segments,
    )


async def test_what_became_of_messages(check: Check):
    messages = [
        MessageData("hello", 1, sent_at=NOW, clicked_at=NOW, links=frozenset(["https://a"])),
        MessageData("offer", 2, sent_at=NOW, opened_at=NOW),
        MessageData("hello", 4, failed_at=NOW),
    ]

    def message(block: str, state: str, **more: str) -> dict[str, Any]:
        return {"message": {"block": block, "state": state, **more}}

    await check(
        Person(messages=messages),
        [
            (message("hello", "sent"), True),
            (message("hello", "delivered"), True),  # a click says that it was delivered
            (message("hello", "opened"), True),
            (message("hello", "clicked"), True),
            (message("hello", "clicked", link="https://a"), True),
            (message("hello", "clicked", link="https://b"), False),
            (message("hello", "failed"), True),
            (message("offer", "clicked"), False),
            (message("offer", "opened", link="https://a"), False),
            (message("absent", "sent"), False),
            (message("last", "failed"), True),
            (message("last", "sent"), False),
            (message("all", "sent"), False),
        ],
    )
    await check(
        Person(messages=messages[:2]),
        [(message("all", "sent"), True), (message("all", "clicked"), False)],
    )
    await check(Person(), [(message("all", "sent"), False), (message("last", "sent"), False)])


async def test_reachable_means_there_is_an_address(check: Check):
    channels = ["email", "sms", "in_app", "inbox", "push", "web_push", "webhook"]

    def reached(*which: str) -> list[tuple[dict[str, Any], bool]]:
        return [({"reachable": channel}, channel in which) for channel in channels]

    await check(Person(), reached("webhook"))
    await check(Person(contact=contact(email="", phone="")), reached("webhook"))
    await check(
        Person(contact=contact(email="a@b.example", phone="+1")),
        reached("email", "sms", "webhook"),
    )
    await check(
        Person(contact=contact(user_id="u"), device_platforms=["ios"]),
        reached("in_app", "inbox", "push", "webhook"),
    )
    await check(Person(device_platforms=["web"]), reached("web_push", "webhook"))
    await check(Person(device_platforms=[None]), reached("push", "webhook"))


TUESDAY_10_UTC = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contact_zone", "workspace_zone", "hour"),
    [
        ("Europe/Kyiv", "UTC", 13),
        (None, "America/New_York", 6),
        ("Nowhere/Atall", "America/New_York", 6),
        ("Nowhere/Atall", "also wrong", 10),
        ("CET", "UTC", 12),
        ("EST", "UTC", 5),
        ("America/New_York', now(), '", "UTC", 10),
    ],
)
async def test_the_clock_is_the_contacts_then_the_workspaces_then_utc(
    check: Check, contact_zone: str | None, workspace_zone: str, hour: int
):
    await check(
        Person(contact=contact(timezone=contact_zone)),
        [
            ({"now": {"from": f"{hour:02}:00", "to": f"{hour + 1:02}:00"}}, True),
            ({"now": {"from": f"{hour:02}:01"}}, False),
            ({"now": {"to": f"{hour:02}:00"}}, False),
            ({"now": {"timezone": "UTC", "from": "10:00", "to": "10:01"}}, True),
        ],
        zone=workspace_zone,
        now=TUESDAY_10_UTC,
    )


async def test_days_dates_and_hours_across_midnight(check: Check):
    await check(
        Person(contact=contact(timezone="Pacific/Kiritimati")),  # already Wednesday, 00:00
        [
            ({"now": {}}, True),
            ({"now": {"weekdays": ["wed"]}}, True),
            ({"now": {"weekdays": ["tue"]}}, False),
            ({"now": {"weekdays": ["tue"], "timezone": "UTC"}}, True),
            ({"now": {"date": "2026-04-01"}}, True),
            ({"now": {"date": "2026-03-31"}}, False),
            ({"now": {"date": "2026-02-31"}}, False),
            ({"now": {"from": "22:00", "to": "06:00"}}, True),
            ({"now": {"from": "22:00", "to": "00:00"}}, False),
            ({"now": {"from": "06:00", "to": "22:00"}}, False),
            ({"now": {"from": "00:00", "to": "24:00"}}, True),
            ({"now": {"from": "00:00", "to": "00:00"}}, False),
        ],
        now=TUESDAY_10_UTC,
    )


async def test_properties_of_the_starting_event(check: Check):
    await check(
        Person(params={"minutes": "20", "plan": {"id": 7}}),
        [
            ({"param": "minutes", "op": ">=", "value": 20}, True),
            ({"param": "plan.id", "op": "=", "value": 7}, True),
            ({"param": "absent", "op": "!=", "value": 7}, False),
            ({"param": "absent", "op": "missing"}, True),
        ],
    )
