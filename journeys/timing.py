"""When a wait is over, and when a message may leave. Pure: the clock and the zones are arguments.

All moments that go in and out are aware; those that come out are UTC. Calendar units (years to
days) follow the wall clock of the zone, hours and smaller are exact. A local time that does not
exist (spring) goes forward by the gap; one that happens twice (autumn) means its first occurrence;
the 31st of a shorter month is its last day.

Nothing here fails on a contact's data: a missing or unreadable date, like one already past, means
that the journey goes on at once, and an unknown zone falls back (see `journeys.zones`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

from whenever import Date, Instant, Time, TimeDelta, ZonedDateTime

from journeys.comparison import walk
from journeys.definition import (
    AllowedHours,
    UntilClock,
    UntilField,
    UntilOrder,
    UntilParam,
    Wait,
)
from journeys.durations import MAX_YEARS, nominal_seconds, parse_duration
from journeys.moments import DISAMBIGUATION, first_moment, local_moment, read_moment
from journeys.predicates import Weekday
from journeys.zones import CONTACT, known_zone, resolve_zone

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LONGEST_WAIT = TimeDelta(hours=MAX_YEARS * 365 * 24)
"""A date in a field may say "never" (the year 9999); no wait lasts longer than this."""

OPENING = TimeDelta(minutes=5)
"""Over how long the messages that wait for their hours to begin are spread, so that a night's
backlog does not leave in one burst."""

CONTACT_ZONE = ("field", "timezone")
"""The fact that moves what is reckoned in the contact's zone."""

_EXACT_UNITS = {"hours", "minutes", "seconds", "nanoseconds"}
_MIDDLE_OF_TIME = Instant.from_utc(5000, 1, 1)
_DAYS_AHEAD = 15  # a week finds every weekday; the second is for days that a zone has skipped


def due_at(
    wait: Wait,
    *,
    entered_at: datetime,
    contact_zone: str | None,
    workspace_zone: str,
    fields: Mapping[str, Any],
    params: Mapping[str, Any],
    order: Mapping[str, Any] | None = None,
) -> datetime:
    """Reckon when this wait, begun at `entered_at`, is over; never before `entered_at`.

    `fields` are the contact's, `params` the starting event's properties, `order` the attributes of
    the order that a wait may be bound to. `until: {time}` on its own
    means the next time after `entered_at` that the clock turns to it, so that a loop through it
    takes a day. After a `for`, the minute in which the clock shows `time` already counts.
    `{for: P1D, until: {time: "09:00"}}` that begins at 09:00:20 is over a day later, not two.
    """
    zone = resolve_zone(wait.timezone, contact_zone=contact_zone, workspace_zone=workspace_zone)
    entered = Instant(entered_at)
    latest = entered + LONGEST_WAIT
    due = entered
    if wait.at is not None:
        due = read_moment(wait.at, zone) or entered
    if wait.for_ is not None:
        due = _shift(entered, wait.for_, zone)
    match wait.until:
        case None:
            pass
        case UntilClock() as clock:
            named = wait.timezone if clock.timezone == CONTACT else clock.timezone
            clock_zone = resolve_zone(
                named, contact_zone=contact_zone, workspace_zone=workspace_zone
            )
            due = _next_clock(clock, due, clock_zone, this_minute=wait.for_ is not None)
        case UntilField() | UntilParam() | UntilOrder() as until:
            moment = _held_moment(until, fields=fields, params=params, order=order or {}, zone=zone)
            due = max(due, moment) if moment is not None else due
        case _ as unknown:
            assert_never(unknown)
    return _utc(min(max(due, entered), latest))


def allowed_from(
    hours: AllowedHours,
    *,
    now: datetime,
    contact_zone: str | None,
    workspace_zone: str,
    share: float = 0.0,
) -> datetime:
    """Return `now` if the message may leave now, otherwise when the hours begin next.

    Hours that span midnight belong to the day on which they begin. `share`, from 0 to 1, spreads
    those who wait: over the hours' `spread`, as far as they last, else over `OPENING` or a tenth of
    them if that is less. What to do instead of waiting is the caller's to look at.
    """
    zone = resolve_zone(CONTACT, contact_zone=contact_zone, workspace_zone=workspace_zone)
    moment = Instant(now)
    today = moment.to_tz(zone).date()
    for ahead in range(-1, _DAYS_AHEAD):
        day = today.add(days=ahead)
        if not _is_on(day, hours.weekdays):
            continue
        begin, end = _window(hours, day, zone)
        if moment < end and begin < end:
            if moment >= begin:
                return _utc(moment)
            opening = _opening(hours, (end - begin).total("seconds"))
            return _utc(begin + TimeDelta(seconds=round(opening * share)))
    return _utc(moment)  # hours that never come, which validation refuses, hold nothing back


def _opening(hours: AllowedHours, length: float) -> float:
    """Over how many seconds those who waited are spread, in hours that last so many."""
    if hours.spread is None:
        return min(OPENING.total("seconds"), length / 10)
    return min(max(nominal_seconds(hours.spread), 0), length - 1)


def after(now: datetime, duration: str, zone: str) -> datetime:
    """Add an ISO 8601 duration, its calendar units reckoned in the zone (UTC if unknown)."""
    return _utc(_shift(Instant(now), duration, known_zone(zone)))


def before(now: datetime, duration: str, zone: str) -> datetime:
    """Subtract an ISO 8601 duration, its calendar units reckoned in the zone (UTC if unknown)."""
    return _utc(_shift(Instant(now), duration, known_zone(zone), back=True))


def _shift(moment: Instant, duration: str, zone: str, *, back: bool = False) -> Instant:
    delta = parse_duration(duration)
    try:
        local = moment.to_tz(zone)
        moved = (
            local.subtract(delta, disambiguation=DISAMBIGUATION)
            if back
            else local.add(delta, disambiguation=DISAMBIGUATION)
        )
    except ValueError:  # beyond what a date can hold: after the year 9999, or before the year 1
        return Instant.MIN if moment < _MIDDLE_OF_TIME else Instant.MAX
    return moved.to_instant()


def _next_clock(clock: UntilClock, since: Instant, zone: str, *, this_minute: bool) -> Instant:
    local = since.to_tz(zone)
    if this_minute and _shows(clock, local):
        return since
    time = Time.parse_iso(clock.time)
    for ahead in range(_DAYS_AHEAD):
        day = local.date().add(days=ahead)
        if not _is_on(day, clock.weekdays):
            continue
        moment = local_moment(day.at(time), zone).to_instant()
        if moment > since:
            return moment
    return since


def _shows(clock: UntilClock, local: ZonedDateTime) -> bool:
    return f"{local.hour:02}:{local.minute:02}" == clock.time and _is_on(
        local.date(), clock.weekdays
    )


def _held_moment(
    until: UntilField | UntilParam | UntilOrder,
    *,
    fields: Mapping[str, Any],
    params: Mapping[str, Any],
    order: Mapping[str, Any],
    zone: str,
) -> Instant | None:
    match until:
        case UntilField(field=name):
            held = walk(fields, name)
        case UntilParam(param=name):
            held = walk(params, name)
        case UntilOrder(order=name):
            held = walk(order, name)
    moment = first_moment(held, zone)
    if moment is None or until.offset is None:
        return moment
    return _shift(moment, until.offset, zone)


def _window(hours: AllowedHours, day: Date, zone: str) -> tuple[Instant, Instant]:
    begin = local_moment(day.at(Time.parse_iso(hours.from_)), zone).to_instant()
    if hours.to == "24:00":
        last, to = day.add(days=1), Time()
    else:
        last = day if hours.to > hours.from_ else day.add(days=1)
        to = Time.parse_iso(hours.to)
    return begin, local_moment(last.at(to), zone).to_instant()


def _is_on(day: Date, weekdays: list[Weekday]) -> bool:
    return not weekdays or WEEKDAYS[day.day_of_week().value - 1] in weekdays


def _utc(moment: Instant) -> datetime:
    return moment.to_stdlib().astimezone(UTC)


def movers(wait: Wait) -> frozenset[tuple[str, str]]:
    """What may move the end of this wait while it lasts: facts, by their kind and name.

    The contact's zone does, unless the wait is for a number of hours or names a zone.
    """
    moves: set[tuple[str, str]] = set()
    local = wait.until is not None or wait.at is not None or _counts_days(wait.for_)
    match wait.until:
        case UntilField(field=name):
            moves |= {("field", name), ("field", name.partition(".")[0])}
        case UntilOrder():
            moves.add(("order", "*"))
        case UntilClock(timezone=zone) if zone != CONTACT:
            local = _counts_days(wait.for_)
        case _:
            pass
    if local and wait.timezone == CONTACT:
        moves.add(CONTACT_ZONE)
    return frozenset(moves)


def _counts_days(duration: str | None) -> bool:
    return duration is not None and not parse_duration(duration).keys() <= _EXACT_UNITS
