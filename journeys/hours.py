"""Which hours hold for a message: those of its block, else those of its workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.definition import AllowedHours, BestOfBlock, FirstReachableBlock, MessageBlock

CHANNELS_BY_HOURS = ("email", "push", "sms", "web_push")
"""Those that reach people wherever they are: the workspace's hours are theirs. Messages in the app
wait to be looked at anyway."""


def hours_of(
    block: MessageBlock | BestOfBlock | FirstReachableBlock,
    workspace: Mapping[str, Any] | None,
) -> AllowedHours | None:
    """The hours in which a block's message may leave; None: always.

    `workspace` has the workspace's `hours`, and its `transactional` topics, which they are not for.
    """
    if block.allowed_hours is not None:
        return block.allowed_hours
    if workspace is None or block.transactional or block.topic in workspace["transactional"]:
        return None
    if isinstance(block, FirstReachableBlock):
        channels = {one.channel for one in block.channels}
    else:
        channels = {block.channel}
    if channels.isdisjoint(CHANNELS_BY_HOURS):
        return None
    return AllowedHours.model_validate(workspace["hours"])
