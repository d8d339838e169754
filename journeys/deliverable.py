"""Whether the messages of a definition can leave: each channel needs something that delivers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from journeys.definition import (
    BestOfBlock,
    Block,
    Definition,
    FirstReachableBlock,
    MessageBlock,
)
from journeys.errors import Issue
from journeys.paths import json_path
from journeys.predicate_checks import Steps


def undeliverable_issues(definition: Definition, undeliverable: Mapping[str, str]) -> list[Issue]:
    """Find the channels that nothing delivers.

    `undeliverable` says of each such channel why, and what to set. It is looked at when a workflow
    is published: a draft may be drawn before its provider is there.
    """
    return [
        Issue(json_path(at), f"nothing delivers the channel '{channel}': {undeliverable[channel]}")
        for index, block in enumerate(definition.blocks)
        for at, channel in _channels(block, ("blocks", index))
        if channel in undeliverable
    ]


def _channels(block: Block, at: Steps) -> Iterator[tuple[Steps, str]]:
    match block:
        case MessageBlock() | BestOfBlock():
            yield (*at, "channel"), block.channel
        case FirstReachableBlock():
            for index, one in enumerate(block.channels):
                yield (*at, "channels", index, "channel"), one.channel
        case _:
            pass
