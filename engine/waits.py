"""The blocks of what is published that a fact may set in motion, by what each looks out for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from journeys.definition import (
    Block,
    Definition,
    MessageBlock,
    TimerBlock,
    WaitedMessage,
    WaitForBlock,
)
from journeys.matching import PropertyFilter, same_checks
from journeys.timing import CONTACT_ZONE, movers

Interest = tuple[str, str]
"""The kind of a fact, and the event's, field's or segment's name (`*`: any order)."""


@dataclass(frozen=True)
class WaitRule:
    """A block that looks out for something, and what that must be like to be worth a look."""

    version_id: UUID
    block_id: str
    where: PropertyFilter | None = None
    """For an event: `where` and `same` as one filter."""
    entering: bool = False
    """For a segment: only coming in counts."""

    def matches(
        self, properties: Mapping[str, Any], *, params: Mapping[str, Any], now: datetime
    ) -> bool:
        """Whether a fact of these properties may be what the block looks out for."""
        if self.entering:
            return properties.get("entered") is True
        return self.where is None or self.where.matches(properties, params=params, now=now)


_SHOWN_BY = {
    "delivered": ("delivered", "opened", "clicked"),
    "opened": ("opened", "clicked"),
    "clicked": ("clicked",),
}
"""A later state of a message implies the earlier ones."""


def message_interest(version_id: UUID, block_id: str, state: str) -> Interest:
    """That a message of a block came into a state; `engine.tracking.states` names it so too."""
    return "message", f"{version_id}/{block_id}/{state}"


def answer_filter(block: WaitForBlock) -> PropertyFilter:
    """What an event must be like to be what the block waits for."""
    return PropertyFilter([*block.where, *same_checks(block.same)])


def waits_of(versions: Iterable[tuple[UUID, Definition]]) -> dict[Interest, tuple[WaitRule, ...]]:
    """The waits of these versions by the facts that may end or move them."""
    waits: dict[Interest, list[WaitRule]] = defaultdict(list)
    for version_id, definition in versions:
        for block in definition.blocks:
            for interest, rule in _rules(version_id, block):
                waits[interest].append(rule)
    return {interest: tuple(rules) for interest, rules in waits.items()}


def _rules(version_id: UUID, block: Block) -> Iterable[tuple[Interest, WaitRule]]:
    match block:
        case WaitForBlock(event=str(name)):
            yield ("event", name), WaitRule(version_id, block.id, answer_filter(block))
        case WaitForBlock(segment=str(key)):
            yield ("segment", key), WaitRule(version_id, block.id, entering=True)
        case WaitForBlock(message=WaitedMessage() as message):
            for state in _SHOWN_BY[message.state]:
                interest = message_interest(version_id, message.block, state)
                yield interest, WaitRule(version_id, block.id)
        case TimerBlock():
            for interest in movers(block.wait):
                yield interest, WaitRule(version_id, block.id)
        case MessageBlock() if block.allowed_hours is not None:
            yield CONTACT_ZONE, WaitRule(version_id, block.id)
        case _:
            pass
