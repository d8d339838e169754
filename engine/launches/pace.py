"""How fast a launch takes its members: pure."""

from __future__ import annotations

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


def pace(*, rate: float, spread_seconds: float | None, total: int) -> Pace:
    """At most `rate` members a second; with a spread, all `total` evenly over that many seconds.

    A window too short for the rate is overrun: the rate protects what sends the messages.
    """
    each = max(1 / rate, (spread_seconds or 0) / max(total, 1))
    return Pace(max(1, min(PAGE, int(PAGE_SECONDS / each + 1e-9))), each)
