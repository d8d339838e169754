"""The instants at which leaves change by themselves, to the microsecond."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from journeys.errors import InvalidInput
from journeys.snapshot import EventData
from storage.database import Database
from storage.predicate_sql import SqlContext, changes_at
from tests.predicates.people import NOW, Person, contact, order, predicate
from tests.predicates.watching import DAY, HOUR, TICK, flips, walked, workouts


@pytest.mark.parametrize(
    ("op", "number", "expected"),
    [
        # Workouts 1, 2 and 6 days ago leave a window of seven days 6, 5 and 1 days from now.
        (">=", 1, [(6, False)]),
        (">", 0, [(6, False)]),
        ("=", 0, [(6, True)]),
        ("!=", 0, [(6, False)]),
        ("<", 1, [(6, True)]),
        ("<=", 0, [(6, True)]),
        (">=", 3, [(1, False)]),
        ("<", 3, [(1, True)]),
        ("=", 3, [(1, False)]),
        ("!=", 3, [(1, True)]),
        ("=", 2, [(1, True), (5, False)]),
        ("=", 1, [(5, True), (6, False)]),
        (">", 1, [(5, False)]),
        ("<=", 1, [(5, True)]),
        (">=", 1.5, [(5, False)]),
        (">=", 4, []),
        (">", 3, []),
        ("=", 4, []),
        (">=", 0, []),
        ("=", 1.5, []),
    ],
)
async def test_a_count_turns_as_the_deciding_event_leaves_the_window(
    database: Database, op: str, number: float, expected: list[tuple[int, bool]]
):
    leaf = {"event": "Workout", "within": "P7D", "times": {"op": op, "value": number}}
    way = await walked(database, workouts(1, 2, 6), leaf, NOW)
    assert flips(way) == [(NOW + days * DAY + TICK, answer) for days, answer in expected]
    assert len(way) <= 1 + len(expected) + 1, "hardly a look in vain"


async def test_nothing_for_nine_days_is_true_to_the_microsecond(database: Database):
    never = {"event": "Workout", "within": "P9D", "times": {"op": "=", "value": 0}}
    way = await walked(database, workouts(3), never, NOW)
    assert way == [(NOW, False), (NOW + 6 * DAY + TICK, True)]


async def test_events_at_one_instant_leave_together(database: Database):
    one = {"event": "Workout", "within": "P2D", "times": {"op": "=", "value": 1}}
    way = await walked(database, workouts(1, 1, 1), one, NOW)
    assert flips(way) == []


async def test_an_event_of_the_future_is_in_the_window_until_it_is_old(database: Database):
    way = await walked(database, workouts(-1), {"event": "Workout", "within": "PT1H"}, NOW)
    assert way == [(NOW, True), (NOW + DAY + HOUR + TICK, False)]


async def test_a_total_changes_as_any_order_leaves(database: Database):
    person = Person(
        orders=[
            order(order_id=str(days), timestamp=NOW - days * DAY, total=Decimal(total))
            for days, total in ((1, 5), (2, -5), (3, 10))
        ]
    )
    leaf = {"order": {"within": "P7D", "total": {"op": "=", "value": 0}}}
    way = await walked(database, person, leaf, NOW)
    assert way == [
        (NOW, False), (NOW + 4 * DAY + TICK, True), (NOW + 5 * DAY + TICK, False),
        (NOW + 6 * DAY + TICK, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("after", [(timedelta(), False)]),
        (">", [(timedelta(), False)]),
        (">=", [(TICK, False)]),
        ("<", [(TICK, True)]),
        ("before", [(TICK, True)]),
        ("<=", [(timedelta(), True)]),
        ("=", [(timedelta(), True), (TICK, False)]),
        ("!=", [(timedelta(), False), (TICK, True)]),
        ("in", [(timedelta(), True), (TICK, False)]),
        ("not_in", [(timedelta(), False), (TICK, True)]),
    ],
)
@pytest.mark.parametrize(("value", "off"), [("-P3D", 3 * DAY), ("P3D", -3 * DAY)])
async def test_a_field_is_compared_with_a_moving_moment_to_the_microsecond(
    database: Database,
    op: str,
    expected: list[tuple[timedelta, bool]],
    value: str,
    off: timedelta,
):
    field = NOW + 10 * DAY - off
    person = Person(contact=contact(last_seen_at=field, fields={"day": field.isoformat()}))
    right = [value] if op in ("in", "not_in") else value
    way = await walked(database, person, {"field": "last_seen_at", "op": op, "value": right}, NOW)
    assert way[1:] == [(NOW + 10 * DAY + more, answer) for more, answer in expected]
    if op not in ("=", "!=", "in", "not_in"):
        custom = await walked(database, person, {"field": "day", "op": op, "value": right}, NOW)
        assert custom == way


async def test_of_several_values_the_next_boundary_counts(database: Database):
    days = [{"at": (NOW + days * DAY).isoformat()} for days in (5, -9, 2)]
    person = Person(contact=contact(fields={"days": days}))
    leaf = {"field": "days.at", "op": "after", "value": "P1D"}
    way = await walked(database, person, leaf, NOW)
    assert way == [(NOW, True), (NOW + DAY, True), (NOW + 4 * DAY, False)]


async def test_a_duration_equal_to_a_text_is_a_text(database: Database):
    person = Person(contact=contact(fields={"day": "-P3D"}))
    assert await walked(database, person, {"field": "day", "op": "=", "value": "-P3D"}, NOW) == [
        (NOW, True)
    ]


async def test_events_are_checked_against_a_moving_moment(database: Database):
    person = Person(
        events=[
            EventData("Booked", NOW, {"for": (NOW + days * DAY).isoformat()}) for days in (3, 8)
        ]
    )
    soon = {"event": "Booked", "where": [{"param": "for", "op": "<=", "value": "P2D"}]}
    twice = {**soon, "times": {"op": ">=", "value": 2}}
    assert flips(await walked(database, person, soon, NOW)) == [(NOW + DAY, True)]
    assert flips(await walked(database, person, twice, NOW)) == [(NOW + 6 * DAY, True)]
    past = {"event": "Booked", "where": [{"param": "for", "op": "before", "value": "PT0S"}]}
    assert flips(await walked(database, person, past, NOW)) == [(NOW + 3 * DAY + TICK, True)]


async def test_orders_are_checked_against_a_moving_moment(database: Database):
    person = Person(orders=[order(created_at=NOW - DAY, items=[{"by": NOW.isoformat()}])])
    for name, expected in (("created_at", NOW + DAY), ("items.by", NOW + 2 * DAY)):
        leaf = {"order": {"where": [{"param": name, "op": "after", "value": "-P2D"}]}}
        assert await walked(database, person, leaf, NOW) == [(NOW, True), (expected, False)]


async def test_what_time_does_not_touch_is_not_looked_at(database: Database):
    for data in (
        {"field": "plan", "op": "=", "value": "pro"},
        {"field": "created_at", "op": "after", "value": "2026-01-01"},
        {"event": "Workout"},
        {"event": "Workout", "within": "journey"},
        {"reachable": "email"},
        {"message": {"block": "last", "state": "opened"}},
        {"now": {"timezone": "UTC", "date": "2026-02-31"}},
        {"field": "created_at", "op": "after", "value": "-P4000Y1D"},
    ):
        assert changes_at(predicate(data), SqlContext()) is None, data


async def test_parts_that_settle_the_answer_spare_the_look(database: Database):
    active = {"event": "Workout", "within": "P7D"}
    pro = {"field": "plan", "op": "=", "value": "pro"}
    leaves_at = [(NOW, True), (NOW + 6 * DAY + TICK, False)]
    assert await walked(database, workouts(1), {"all": [active, pro]}, NOW) == [(NOW, False)]
    assert await walked(database, workouts(1), {"any": [active, pro]}, NOW) == leaves_at
    not_pro = {"not": pro}
    assert await walked(database, workouts(1), {"all": [active, not_pro]}, NOW) == leaves_at
    assert await walked(database, workouts(1), {"any": [active, not_pro]}, NOW) == [(NOW, True)]


async def test_a_segment_changes_as_its_predicate_does(database: Database):
    segments = {
        "active": {"event": "Workout", "within": "P7D"},
        "since": {"field": "last_seen_at", "op": "after", "value": {"param": "ago"}},
        "due": {"param": "day", "op": "before", "value": "-P3D"},
    }
    person = Person(
        contact=contact(last_seen_at=NOW),
        events=[EventData("Workout", NOW - DAY)],
        params={"ago": "-PT1H"},
    )
    for leaf, expected in (
        ({"not": {"segment": "active"}}, NOW + 6 * DAY + TICK),
        ({"segment": "since", "params": {"ago": "-P2D"}}, NOW + 2 * DAY),
        ({"segment": "since", "params": {"ago": {"param": "ago"}}}, NOW + HOUR),
        ({"segment": "due", "params": {"day": "2026-03-31T10:00"}}, NOW + 3 * DAY + TICK),
    ):
        way = await walked(database, person, leaf, NOW, segments=segments)
        assert [then for then, _ in flips(way)] == [expected]


async def test_an_unknown_segment_is_refused():
    with pytest.raises(InvalidInput):
        changes_at(predicate({"segment": "nowhere"}), SqlContext())
