"""ISO 8601 durations as the text a definition carries, checked when read.

Parsing and calendar arithmetic belong to `whenever`: years and months follow the calendar of the
zone they are added in, days keep the wall-clock time, hours and smaller are exact.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from whenever import ItemizedDelta

MAX_YEARS = 100
"""No duration may be longer, so that adding one to a date of this era always gives a date."""

_DAY = 24 * 60 * 60
_SECONDS_IN = {
    "years": 365 * _DAY, "months": 30 * _DAY, "weeks": 7 * _DAY, "days": _DAY,
    "hours": 3600, "minutes": 60, "seconds": 1, "nanoseconds": 0,
}  # fmt: skip


_MOST_SECONDS = MAX_YEARS * 365 * _DAY


def parse_duration(text: str) -> ItemizedDelta:
    """Parse an ISO 8601 duration such as `P1DT2H` or `-P3D`.

    Raises ValueError with the reason when the text is not one, or is longer than `MAX_YEARS`.
    """
    try:
        delta = ItemizedDelta.parse_iso(text)
    except ValueError as error:
        raise ValueError(
            f"{_shown(text)} is not an ISO 8601 duration such as PT2H, P3D or -P1M"
        ) from error
    if sum(abs(count) * _SECONDS_IN[unit] for unit, count in delta.items()) > _MOST_SECONDS:
        raise ValueError(f"{_shown(text)} is longer than {MAX_YEARS} years")
    return delta


def nominal_seconds(text: str) -> float:
    """How long it is where no calendar matters: a day has 24 hours, a month 30 days."""
    return sum(count * _SECONDS_IN[unit] for unit, count in parse_duration(text).items())


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}…"


def _checked(text: str) -> str:
    parse_duration(text)
    return text


DurationText = Annotated[
    str,
    AfterValidator(_checked),
    Field(
        json_schema_extra={
            "format": "duration",
            "pattern": r"^[-+]?[Pp](?=[0-9Tt])([0-9]+[Yy])?([0-9]+[Mm])?([0-9]+[Ww])?([0-9]+[Dd])?"
            r"([Tt](?=[0-9])([0-9]+[Hh])?([0-9]+[Mm])?([0-9]+([.,][0-9]+)?[Ss])?)?$",
        }
    ),
]
