"""How sure a rate is that was told from so many tries, and which of several is the best.

Rates are shares of people: of `tried` so many `succeeded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import NormalDist

CONFIDENCE = 0.95
DRAWS = 4_000
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, and between which shares the true one lies with 95 % confidence (Wilson, 1927)."""

    value: float
    low: float
    high: float


def rate(succeeded: int, tried: int) -> Rate | None:
    """The share of successes; None when nothing was tried."""
    if tried <= 0:
        return None
    share = min(succeeded, tried) / tried
    weight = 1 + _Z**2 / tried
    middle = (share + _Z**2 / (2 * tried)) / weight
    spread = _Z / weight * sqrt(share * (1 - share) / tried + _Z**2 / (4 * tried**2))
    return Rate(share, max(0.0, middle - spread), min(1.0, middle + spread))


def chances_to_be_best(results: Sequence[tuple[int, int]]) -> list[float]:
    """For each (succeeded, tried): how likely its true rate is the highest; they sum up to 1.

    By drawing from what the rates may be, beginning with even beliefs. The draws are the same for
    the same results, so that a figure does not flicker.
    """
    if not results:
        return []
    chance = Random(repr(results))  # noqa: S311  (no secret)
    won = [0] * len(results)
    beliefs = [
        (1 + min(succeeded, tried), 1 + tried - min(succeeded, tried))
        for succeeded, tried in results
    ]
    for _ in range(DRAWS):
        drawn = [chance.betavariate(*belief) for belief in beliefs]
        won[drawn.index(max(drawn))] += 1
    return [count / DRAWS for count in won]
