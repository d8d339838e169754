"""How often somebody may call: buckets that fill steadily, in this process's memory.

A limit against loops and floods, not a count that anybody is charged by: each API process has its
own buckets.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from api.errors import Problem
from storage.repositories.app_messages import Who

MOST_KEYS = 20_000
"""Buckets that are remembered; a forgotten one is full again."""


class Rate:
    """`burst` calls at once, and `per_second` more as time passes, for each key."""

    def __init__(
        self, per_second: float, burst: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> float:
        """Use one call; the seconds to wait when there is none left, else 0."""
        now = self._clock()
        left, at = self._buckets.get(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        missing = 1 - left
        if missing > 0:
            return missing / self._per_second
        self._buckets[key] = (left - 1, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return 0.0

    def check(self, key: Hashable, what: str) -> None:
        """Use one call, or raise a 429 problem that says when there will be another."""
        wait = self.take(key)
        if wait:
            raise too_often(what, wait)


def too_often(what: str, seconds: float) -> Problem:
    """429, with when to try again."""
    return Problem(429, what, headers={"Retry-After": str(max(1, math.ceil(seconds)))})


class AppRates:
    """How often apps may call this process."""

    def __init__(self) -> None:
        self._of_one = Rate(2.0, 40)
        self._of_workspace = Rate(1000.0, 4000)

    def check(self, who: Who) -> None:
        """Count a call; a 429 problem when there were too many."""
        self._of_one.check(who, "This user's app calls too often.")
        self._of_workspace.check(who.workspace_id, "The apps of this workspace call too often.")
