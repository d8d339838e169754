"""Reading the moments that contacts' fields and events' properties hold.

Apps send dates in many ways; what cannot be read is missing data, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from whenever import Date, Instant, PlainDateTime, Time, ZonedDateTime

DISAMBIGUATION: Final = "compatible"
"""RFC 5545's rule: a local time that does not exist goes forward by the gap, one that happens
twice means its first occurrence."""

_LONGEST_TEXT = 100


def local_moment(local: PlainDateTime, zone: str) -> ZonedDateTime:
    """Place a wall-clock time in a zone, by the rule of `DISAMBIGUATION`."""
    return local.assume_tz(zone, disambiguation=DISAMBIGUATION)


def read_moment(value: object, zone: str) -> Instant | None:
    """Read the moment that a field or property holds; None when it holds none that can be read.

    Understood: an ISO 8601 date (its midnight in `zone`), a date-time with an offset, one without
    (in `zone`), and Unix seconds as a number. `zone` must be a known one.
    """
    match value:
        case bool():
            return None
        case int() | float():
            return _from_unix(value)
        case str():
            return _from_text(value.strip(), zone)
        case datetime():
            return _from_datetime(value, zone)
        case date():
            return _in_zone(PlainDateTime(value.year, value.month, value.day), zone)
    return None


def first_moment(values: Iterable[object], zone: str) -> Instant | None:
    """Return the first of these values that can be read as a moment, read."""
    return next((moment for value in values if (moment := read_moment(value, zone))), None)


def _from_unix(seconds: float) -> Instant | None:
    try:
        return Instant.from_timestamp(seconds)  # NaN and infinity raise ValueError
    except (ValueError, OverflowError):
        return None


def _from_datetime(value: datetime, zone: str) -> Instant | None:
    try:
        if value.tzinfo is not None:
            return Instant(value)
        return _in_zone(PlainDateTime(value), zone)
    except ValueError:
        return None


def _from_text(text: str, zone: str) -> Instant | None:
    if not text or len(text) > _LONGEST_TEXT:
        return None
    try:
        return Instant.parse_iso(text)
    except ValueError:
        pass
    try:
        return _in_zone(PlainDateTime.parse_iso(text), zone)
    except ValueError:
        pass
    try:
        return _in_zone(Date.parse_iso(text).at(Time()), zone)
    except ValueError:
        return None


def _in_zone(local: PlainDateTime, zone: str) -> Instant:
    try:
        return local_moment(local, zone).to_instant()
    except ValueError:
        # The last hours of the year 9999, which apps use for "never", may lie beyond what a date
        # can hold once the offset is taken off.
        return local.assume_utc()
