"""The periods that frequency caps count in: rolling ones, and days and weeks of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from whenever import Instant, Time

from journeys.durations import nominal_seconds
from journeys.moments import local_moment
from journeys.timing import before
from journeys.zones import known_zone

CALENDAR = ("day", "week")
LONGEST = timedelta(days=31)
SHORTEST = timedelta(minutes=1)


def check_period(text: str) -> str:
    """The period, if it is one; raises ValueError."""
    if text in CALENDAR:
        return text
    try:
        seconds = nominal_seconds(text)
    except ValueError:
        raise ValueError("must be `day`, `week`, or a duration such as PT24H") from None
    if not SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
        raise ValueError("must be a minute at least, and 31 days at most")
    return text


def counted_since(period: str, now: datetime, zone: str) -> datetime:
    """The moment from which on messages count that are sent `now`, in the contact's zone.

    A week of the calendar begins on Monday. A day that lasts 23 or 25 hours is one day.
    """
    if period not in CALENDAR:
        return before(now, period, zone)
    today = Instant(now).to_tz(known_zone(zone)).date()
    if period == "week":
        today = today.subtract(days=today.day_of_week().value - 1)
    begin = local_moment(today.at(Time()), known_zone(zone))
    return begin.to_instant().to_stdlib().astimezone(UTC)
