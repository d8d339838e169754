"""What is right by the rules and will still surprise whoever drew it.

Nothing here keeps a workflow from being published.
"""

from __future__ import annotations

from collections.abc import Iterable

from journeys.definition import (
    BestOfBlock,
    ConditionBlock,
    Definition,
    FirstReachableBlock,
    MessageBlock,
    TimerBlock,
    WaitForBlock,
    targets,
)
from journeys.errors import Issue
from journeys.predicates import MessageLeaf
from journeys.segment_names import leaves

_SENDERS = (MessageBlock, BestOfBlock, FirstReachableBlock)
_TAKE_TIME = frozenset({"delivered", "opened", "clicked"})
"""States that a message is not in yet when the journey goes on: these take the contact's doing."""


def definition_warnings(definition: Definition) -> list[Issue]:
    """The surprises, in the order of the blocks."""
    just_sent = _just_sent(definition)
    warnings: list[Issue] = []
    for index, block in enumerate(definition.blocks):
        if isinstance(block, ConditionBlock):
            path = f"$.blocks[{index}]"
            warnings += _too_soon(block, just_sent.get(block.id, set()), path)
            warnings += _no_choice(block, path)
    return warnings


def _too_soon(block: ConditionBlock, sent: set[str], path: str) -> Iterable[Issue]:
    """Say so where a condition asks about a message that left a moment before."""
    for leaf in leaves(block.if_):
        if not isinstance(leaf, MessageLeaf) or leaf.message.state not in _TAKE_TIME:
            continue
        asked, state = leaf.message.block, leaf.message.state
        soon = sent if asked in ("last", "all") else sent & {asked}
        if soon:
            yield Issue(
                f"{path}.if",
                f"asks whether {' or '.join(sorted(soon))} was {state} right after it is sent, when"
                " nobody can have done so yet: put a timer or a wait_for in between",
            )
            return


def _no_choice(block: ConditionBlock, path: str) -> Iterable[Issue]:
    if block.then == block.else_:
        where = f"lead to {block.then}" if block.then else "end the journey"
        yield Issue(path, f"both ways {where}: it makes no difference")


def _just_sent(definition: Definition) -> dict[str, set[str]]:
    """By block: the messages that may have left without any wait before the block is entered."""
    blocks = definition.by_id()
    found: dict[str, set[str]] = {}
    for sender in definition.blocks:
        if not isinstance(sender, _SENDERS):
            continue
        pending = [target for _, target in targets(sender)]
        seen: set[str] = set()
        while pending:
            id_ = pending.pop()
            if id_ in seen or id_ not in blocks:
                continue
            seen.add(id_)
            found.setdefault(id_, set()).add(sender.id)
            if not isinstance(blocks[id_], TimerBlock | WaitForBlock):
                pending += [target for _, target in targets(blocks[id_])]
    return found
