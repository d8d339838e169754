"""When a clock on the wall comes to show what a `now` leaf looks for.

While the zone keeps its offset, that is as far off as the hands of the clock say. When the offset
changes within a day, one looks again at each quarter of an hour: zones change theirs at those.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Interval, case, cast, func, select
from sqlalchemy import literal_column as raw

from journeys.predicates import NowQuery
from storage.predicate_sql.instants import LOCAL, earliest, later
from storage.predicate_sql.leaves import Leaves
from storage.predicate_sql.values import INSTANT, Expression, text_

_MIDNIGHT = "24:00"
_DAY: Expression = raw("interval '1 day'", Interval())
_QUARTER: Expression = raw("interval '15 minutes'", Interval())
_AHEAD: Expression = raw("interval '25 hours'", Interval())


def clock_changes(query: NowQuery, leaves: Leaves, now: Expression) -> list[Expression]:
    """Candidates for the next change of a `now` leaf."""
    turns = _turns(query)
    if not turns:
        return []
    clock = (
        select(
            leaves.local(query, now).label("here"),
            leaves.local(query, later(now, _AHEAD)).label("ahead"),
        )
        .correlate_except(None)
        .offset(raw("0"))  # so that the zone is looked up once
        .subquery("clock")
    )
    here, ahead = clock.c.here, clock.c.ahead
    shown = _between(_day_of(here), here)
    candidates = [
        later(now, _between(shown, cast(text_(turn), Interval()), more))
        for turn in turns
        for more in (None, _DAY)
    ]
    quarter = func.date_bin(_QUARTER, now, raw("timestamptz 'epoch'"), type_=INSTANT)
    candidates.append(case((_between(here, ahead) != _AHEAD, later(quarter, _QUARTER))))
    soonest = earliest(candidates, now)
    if query.date is not None:
        soonest = _near(query.date, here, now, soonest)
    return [select(soonest).select_from(clock).correlate_except(clock).scalar_subquery()]


def _turns(query: NowQuery) -> list[str]:
    """The times of day at which the leaf can change; none if it never holds, or always."""
    if query.date is not None and not _exists(query.date):
        return []
    turns = [turn for turn in (query.from_, query.to) if turn is not None]
    if query.weekdays or query.date is not None or len(turns) == 1:
        turns.append(_MIDNIGHT)
    return turns


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _near(day: str, here: Expression, now: Expression, soonest: Expression) -> Expression:
    """`soonest` around a date; before, when that comes near; after it, never."""
    wanted = cast(text_(day), LOCAL)
    eve = wanted.op("-", return_type=LOCAL)(_DAY)
    over = wanted.op("+", return_type=LOCAL)(_DAY).op("+", return_type=LOCAL)(_DAY)
    result: Expression = case(
        (here < eve, later(now, _between(here, eve))),
        (here < over, soonest),
    )
    return result


def _day_of(moment: Expression) -> Expression:
    return func.date_trunc(raw("'day'"), moment, type_=LOCAL)


def _between(start: Expression, end: Expression, more: Expression | None = None) -> Expression:
    """The interval from start to end, of two moments or of two intervals."""
    found = end.op("-", return_type=Interval())(start)
    return found if more is None else found.op("+", return_type=Interval())(more)
