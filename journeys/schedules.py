"""Whether the moments and rhythms that a definition spells out can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from whenever import Instant

from journeys.definition import LaunchSchedule
from journeys.errors import Issue
from journeys.moments import read_moment
from journeys.paths import Step, json_path
from journeys.predicate_checks import Steps, check_zone
from journeys.zones import CONTACT, known_zone

_MONTHS = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
]  # fmt: skip
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_CRON_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_CRON_PART = re.compile(r"(?:\*|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>\d+))?")


def check_moment(text: str, at: Steps) -> Iterable[Issue]:
    """Find out whether a text is a date or date-time, in local time or with an offset."""
    if read_moment(text, "UTC") is None:
        yield Issue(json_path(at), _not_a_moment(text))


def check_schedule(schedule: LaunchSchedule, at: Steps) -> Iterable[Issue]:
    """Find the issues of a segment start's schedule."""
    if schedule.timezone is not None:
        if schedule.timezone == CONTACT:
            yield Issue(json_path((*at, "timezone")), "a launch is one moment for all: name a zone")
        yield from check_zone(schedule.timezone, (*at, "timezone"))
    if schedule.cron is not None:
        problem = cron_problem(schedule.cron)
        if problem is not None:
            yield Issue(json_path((*at, "cron")), problem)
    if schedule.at is not None:
        yield from check_moment(schedule.at, (*at, "at"))
    yield from _bounds(schedule, at)


def _bounds(schedule: LaunchSchedule, at: Steps) -> Iterable[Issue]:
    bounds: dict[Step, Instant] = {}
    for name, text in (("from", schedule.from_), ("until", schedule.until)):
        if text is None:
            continue
        if schedule.cron is None:
            yield Issue(json_path((*at, name)), f"'{name}' bounds a 'cron', and there is none")
        moment = read_moment(text, known_zone(schedule.timezone))
        if moment is None:
            yield Issue(json_path((*at, name)), _not_a_moment(text))
        else:
            bounds[name] = moment
    if len(bounds) == 2 and bounds["from"] >= bounds["until"]:
        yield Issue(json_path((*at, "until")), "'until' must be later than 'from'")


def _not_a_moment(text: str) -> str:
    return f"'{text:.60}' is not a date such as 2026-12-24 or a date-time such as 2026-12-24T10:00"


def cron_problem(text: str) -> str | None:
    """Say what is wrong with a cron line, or None: five fields, each within its bounds."""
    fields = text.split()
    if len(fields) != len(_CRON_FIELDS):
        return (
            f"a cron line has five fields (minute, hour, day of the month, month, day of the week),"
            f" such as '0 9 * * mon'; this one has {len(fields)}"
        )
    for field, (name, lowest, highest, names) in zip(fields, _CRON_FIELDS, strict=True):
        for part in field.split(","):
            if not _is_cron_part(part, lowest, highest, names):
                return (
                    f"'{part:.60}' is no {name} of a cron line:"
                    f" {lowest} to {highest}, '*', 'a-b' or '*/n'"
                )
    return None


def _is_cron_part(part: str, lowest: int, highest: int, names: list[str]) -> bool:
    found = _CRON_PART.fullmatch(part)
    if found is None or found["step"] in ("0", "00"):
        return False
    if found["low"] is None:
        return True
    low = _cron_number(found["low"], lowest, names)
    high = low if found["high"] is None else _cron_number(found["high"], lowest, names)
    return low is not None and high is not None and lowest <= low <= high <= highest


def _cron_number(text: str, lowest: int, names: list[str]) -> int | None:
    if text.lower() in names:
        return names.index(text.lower()) + lowest
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None
