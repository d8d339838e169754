"""When a moment that moves with the clock, such as `-P3D`, reaches a given instant.

Without months such a moment is a fixed *lag* behind now, and reaches an instant when the lag has
passed after it. With months it jumps at some midnights of UTC, because a day that the month lacks
becomes its last: by a day back as a 29th, 30th or 31st begins, and ahead as a 1st begins. Up to the
next jump the lag is fixed; beyond it, it differs by four days at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Double,
    Integer,
    Interval,
    and_,
    case,
    func,
    literal,
)
from sqlalchemy import literal_column as raw

from journeys.shifts import EARLIEST, LATEST, Shift
from storage.predicate_sql.values import INSTANT, Expression, instant

NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""What changes later than this is said not to change."""
LOCAL = DateTime()
"""The type of what a calendar and a clock show, `timestamp`."""
_MICROSECOND: Expression = raw("interval '1 microsecond'", Interval())
_VARIES: Expression = raw("interval '5 days'", Interval())
"""More than lags with months differ over the years."""
JUMPS_BACK: Expression = raw("interval '2 days'", Interval())
"""More than the moment ever jumps back."""


def utc(moment: Expression) -> Expression:
    """An instant as the `timestamp` it is in UTC, where a day is 24 hours in every session."""
    return func.timezone(raw("'UTC'"), moment, type_=LOCAL)


def later(moment: Expression, by: Expression) -> Expression:
    """The instant an interval after another."""
    return func.timezone(raw("'UTC'"), utc(moment).op("+", return_type=LOCAL)(by), type_=INSTANT)


def earlier(moment: Expression, by: Expression) -> Expression:
    """The instant an interval before another."""
    return func.timezone(raw("'UTC'"), utc(moment).op("-", return_type=LOCAL)(by), type_=INSTANT)


def earliest(moments: Sequence[Expression], now: Expression) -> Expression:
    """The first of the moments after `now`; null if there is none."""
    after_now = [
        func.nullif(func.greatest(moment, now, type_=INSTANT), now, type_=INSTANT)
        for moment in moments
    ]
    first = func.least(*after_now, instant(NEVER), type_=INSTANT)
    result: Expression = func.nullif(first, instant(NEVER), type_=INSTANT)
    return result


class Moving:
    """A moment that moves with the clock."""

    def __init__(self, now: Expression, lag: Expression, *, jumps: bool) -> None:
        self._now = now
        self._lag = lag
        self._jumps = jumps

    @classmethod
    def by(cls, shift: Shift, now: Expression) -> Moving | None:
        """The moment `shift` from now; None if it stands still at the end of time."""
        if shift.saturated:
            return None
        seconds = shift.sign * (shift.seconds + shift.microseconds / 1_000_000)
        parts = (0, shift.months, 0, shift.days, shift.hours, shift.minutes)
        distance = func.make_interval(
            *(literal(shift.sign * part, Integer()) for part in parts),
            literal(seconds, Double()),
            type_=Interval(),
        )
        moved = utc(now).op("+", return_type=LOCAL)(distance)
        lag = utc(now).op("-", return_type=Interval())(moved)
        return cls(now, lag, jumps=shift.months != 0)

    @classmethod
    def at(cls, value: Expression, now: Expression) -> Moving:
        """The moment that a `jsonb` value means if it is a duration; else what it gives is null."""
        moment = func.sojourn_moment(value, now, type_=INSTANT)
        moves = and_(
            func.sojourn_instant(value, type_=INSTANT).is_(None),
            moment > instant(EARLIEST),
            moment < instant(LATEST),
        )
        lag: Any = case((moves, utc(now).op("-", return_type=Interval())(utc(moment))))
        return cls(now, lag, jumps=True)

    def reaches(self, moment: Expression, *, passing: bool = False) -> Expression:
        """When it is at `moment` (or is `passing` it) after now, or sooner: a time to look again.

        Null, or an instant that is past, if it never is.
        """
        there = later(moment, self._lag)
        if passing:
            there = there.op("+", return_type=INSTANT)(_MICROSECOND)
        if not self._jumps:
            return there
        jump = next_jump(self._now)
        beyond = func.greatest(jump, earlier(there, _VARIES), type_=INSTANT)
        result: Expression = case(
            (and_(there > self._now, there < jump), there),
            (there > earlier(self._now, JUMPS_BACK), beyond),
        )
        return result


def next_jump(now: Expression) -> Expression:
    """The next midnight at which a moment with months may jump."""
    day = func.date_trunc(raw("'day'"), utc(now), type_=LOCAL)
    month = func.date_trunc(raw("'month'"), utc(now), type_=LOCAL)
    next_day = day.op("+", return_type=LOCAL)(raw("interval '1 day'"))
    last_days = month.op("+", return_type=LOCAL)(raw("interval '28 days'"))
    midnight = func.greatest(next_day, last_days, type_=LOCAL)
    return func.timezone(raw("'UTC'"), midnight, type_=INSTANT)
