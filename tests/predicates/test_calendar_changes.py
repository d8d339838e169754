"""Months, zones and changes of their offset: when calendar and clock change an answer."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.snapshot import EventData
from storage.database import Database
from tests.predicates.people import NOW, Person, contact
from tests.predicates.watching import at, flips, walked, workouts


@pytest.mark.parametrize(
    ("moment", "start", "expected"),
    [
        # A month before 28 February 10:00 is 28 January 10:00; before 1 March, 1 February.
        ("2026-01-28T10:00", "2026-02-20", ["2026-02-28T10:00:00.000001"]),
        ("2026-01-29T10:00", "2026-02-20", ["2026-03-01"]),
        ("2026-01-31T23:59", "2026-02-20", ["2026-03-01"]),
        ("2026-02-01T10:00", "2026-02-20", ["2026-03-01T10:00:00.000001"]),
        # 28 February 10:00 leaves on 28 March, and is back for the morning of 29, 30 and 31.
        (
            "2026-02-28T10:00",
            "2026-03-20",
            [
                "2026-03-28T10:00:00.000001", "2026-03-29", "2026-03-29T10:00:00.000001",
                "2026-03-30", "2026-03-30T10:00:00.000001", "2026-03-31",
                "2026-03-31T10:00:00.000001",
            ],
        ),
        ("2028-02-29T10:00", "2028-03-01", [
            "2028-03-29T10:00:00.000001", "2028-03-30", "2028-03-30T10:00:00.000001",
            "2028-03-31", "2028-03-31T10:00:00.000001",
        ]),
    ],
)  # fmt: skip
async def test_a_month_follows_the_calendar(
    database: Database, moment: str, start: str, expected: list[str]
):
    person = Person(events=[EventData("Workout", at(moment))])
    start_at = at(start)
    way = await walked(database, person, {"event": "Workout", "within": "P1M"}, start_at, steps=20)
    assert [then for then, _ in flips(way)] == [*map(at, expected)]
    assert len(way) <= 12

    dated = Person(contact=contact(last_seen_at=at(moment)))
    leaf = {"field": "last_seen_at", "op": ">=", "value": "-P1M"}
    assert flips(await walked(database, dated, leaf, start_at, steps=20)) == flips(way)


async def test_who_left_a_month_long_ago_is_not_looked_at_again(database: Database):
    leaf = {"event": "Workout", "within": "P1M"}
    assert await walked(database, workouts(40), leaf, NOW) == [(NOW, False)]


@pytest.mark.parametrize(
    ("query", "zone", "start", "expected"),
    [
        (
            {"from": "09:00", "to": "18:00"},
            "Europe/Kyiv",
            "2026-03-20T00:00",
            ["2026-03-20T07:00", "2026-03-20T16:00", "2026-03-21T07:00"],
        ),
        ({"from": "22:00"}, "UTC", "2026-03-20T00:00", ["2026-03-20T22:00", "2026-03-21T00:00"]),
        ({"to": "06:00"}, "UTC", "2026-03-20T00:00", ["2026-03-20T06:00", "2026-03-21T00:00"]),
        (
            {"from": "22:00", "to": "06:00"},
            "UTC",
            "2026-03-20T12:00",
            ["2026-03-20T22:00", "2026-03-21T06:00"],
        ),
        (
            {"weekdays": ["sat"], "from": "23:00", "to": "24:00"},
            "Asia/Kathmandu",
            "2026-03-20T00:00",
            ["2026-03-21T17:15", "2026-03-21T18:15"],
        ),
        ({"weekdays": ["sat"]}, "America/New_York", "2026-03-05T00:00",
         ["2026-03-07T05:00", "2026-03-08T05:00", "2026-03-14T04:00"]),
        ({"date": "2026-12-24"}, "Europe/Kyiv", "2026-03-20T00:00",
         ["2026-12-23T22:00", "2026-12-24T22:00"]),
        # 8 March, New York: 02:00 becomes 03:00, so there is no 02:30; 07:00 UTC.
        ({"from": "02:30", "to": "04:00"}, "America/New_York", "2026-03-07T12:00",
         ["2026-03-08T07:00", "2026-03-08T08:00"]),
        ({"from": "01:30", "to": "02:30"}, "America/New_York", "2026-03-07T12:00",
         ["2026-03-08T06:30", "2026-03-08T07:00"]),
        # 1 November, New York: 02:00 becomes 01:00 at 06:00 UTC, and 01:37 comes twice.
        ({"from": "01:37", "to": "03:00"}, "America/New_York", "2026-10-31T12:00",
         ["2026-11-01T05:37", "2026-11-01T06:00", "2026-11-01T06:37", "2026-11-01T08:00"]),
        # Lord Howe Island moves its clocks by half an hour.
        ({"from": "01:45", "to": "03:00"}, "Australia/Lord_Howe", "2026-04-04T03:00",
         ["2026-04-04T14:45", "2026-04-04T15:00", "2026-04-04T15:15", "2026-04-04T16:30"]),
    ],
    ids=str,
)  # fmt: skip
async def test_a_clock_on_the_wall_is_met_to_the_minute(
    database: Database, query: dict[str, Any], zone: str, start: str, expected: list[str]
):
    for named_zone, of_contact in ((zone, None), ("contact", zone)):
        person = Person(contact=contact(timezone=of_contact))
        leaf = {"now": {**query, "timezone": named_zone}}
        way = await walked(database, person, leaf, at(start), steps=120)
        assert [then for then, _ in flips(way)][: len(expected)] == [*map(at, expected)]


@pytest.mark.parametrize(
    "query",
    [{"date": "2026-02-31"}, {"date": "2026-03-01"}, {"from": "10:00", "to": "10:00"}],
    ids=str,
)
async def test_a_clock_that_never_shows_it_is_hardly_looked_at(
    database: Database, query: dict[str, Any]
):
    way = await walked(database, Person(), {"now": query}, NOW)
    assert flips(way) == []
    assert len(way) == 1 or "from" in query
