"""Which way a journey left a block, told from the step that it wrote down."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.definition import Block, ExitBlock, SplitBlock, targets

_OTHERWISE = frozenset(
    {"else", "timeout", "empty", "failed", "skipped", "unreachable", "nothing_new"}
)
"""Outcomes that lead out of a block by its `else`, where that is drawn."""
_NOWHERE = frozenset({"exit", "stopped"})


@dataclass(frozen=True, slots=True)
class Edge:
    """A way out of a block: the field that draws it, and the block it leads to, if any."""

    name: str
    to: str | None


def edge_taken(block: Block, outcome: str | None) -> Edge | None:
    """The way out that this outcome means; None when the journey ended in the block, or is there.

    `failed` leaves a message by its `else`, or by `next` where there is none. That a journey failed
    altogether in its last block is not seen from here.
    """
    if outcome is None or outcome in _NOWHERE or isinstance(block, ExitBlock):
        return None
    ways = dict(targets(block))
    if isinstance(block, SplitBlock):
        name = f"branches[{outcome.removeprefix('branch ')}].next"
        return Edge(name, ways.get(name))
    decides = block.kind in ("condition", "wait_for", "promo")
    if outcome in _OTHERWISE and (decides or "else" in ways):
        return Edge("else", ways.get("else"))
    name = "then" if block.kind in ("condition", "wait_for") else "next"
    return Edge(name, ways.get(name))
