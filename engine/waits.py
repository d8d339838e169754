"""The `wait_for` blocks of what is published, by the event that each waits for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from journeys.definition import Definition, WaitForBlock
from journeys.matching import PropertyFilter, same_checks


@dataclass(frozen=True)
class WaitRule:
    """A block that waits for an event, its `where` and `same` compiled into one filter."""

    version_id: UUID
    block_id: str
    where: PropertyFilter


def answer_filter(block: WaitForBlock) -> PropertyFilter:
    """What an event must be like to be what the block waits for."""
    return PropertyFilter([*block.where, *same_checks(block.same)])


def waits_of(versions: Iterable[tuple[UUID, Definition]]) -> dict[str, tuple[WaitRule, ...]]:
    """The waits of these versions by event name."""
    waits: dict[str, list[WaitRule]] = defaultdict(list)
    for version_id, definition in versions:
        for block in definition.blocks:
            if isinstance(block, WaitForBlock) and block.event is not None:
                rule = WaitRule(version_id, block.id, answer_filter(block))
                waits[block.event].append(rule)
    return {name: tuple(rules) for name, rules in waits.items()}
