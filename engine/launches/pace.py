"""How fast a launch takes its members: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

PAGE = 1000
"""Members in a page at most: one short transaction."""
PAGE_SECONDS = 1.0
"""How many seconds' worth of members a page holds, so that starts are not bunched."""


@dataclass(frozen=True)
class Pace:
    """How many members are taken at once, and how long each takes its place."""

    size: int
    seconds_each: float

    def after(self, taken: int) -> timedelta:
        """How long to wait when `taken` members were taken."""
        return timedelta(seconds=taken * self.seconds_each)


def share(rate: float, others: Sequence[float], unbounded: int) -> float:
    """What each of `unbounded` launches, that would take any rate, gets of one common rate.

    `others` are those that want a rate of their own (a spread). They get no more than that, and no
    more than an even share; what they leave is divided among the unbounded.
    """
    left, sharing = rate, unbounded + len(others)
    for wanted in sorted(others):
        got = min(wanted, left / sharing)
        left, sharing = left - got, sharing - 1
    return left / max(sharing, 1)


def pace(*, rate: float, spread_seconds: float | None, total: int | None) -> Pace:
    """At most `rate` members a second; with a spread, all `total` evenly over that many seconds.

    A window too short for the rate is overrun: the rate protects what sends the messages. Members
    that nobody could count are not spread.
    """
    spread = 0.0 if total is None else (spread_seconds or 0) / max(total, 1)
    each = max(1 / rate, spread)
    return Pace(max(1, min(PAGE, int(PAGE_SECONDS / each + 1e-9))), each)
