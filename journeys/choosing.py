"""Which of several messages to send: the better one mostly, the others often enough to learn.

Thompson sampling: of each message's possible click rates, told from its sends and clicks, one is
drawn; the message that drew the highest is sent. A message that nobody knows is tried soon, a worse
one ever less often, and none is given up for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may be sent: how often it was of late, and how often somebody clicked."""

    template: str
    sent: int = 0
    clicked: int = 0


def choose(candidates: Sequence[Candidate], chance: Random) -> Candidate:
    """Draw one. The beliefs begin even: any click rate is as likely as another."""
    return max(candidates, key=lambda one: _possible_rate(one, chance))


def _possible_rate(candidate: Candidate, chance: Random) -> float:
    clicked = min(candidate.clicked, candidate.sent)
    return chance.betavariate(1 + clicked, 1 + candidate.sent - clicked)
