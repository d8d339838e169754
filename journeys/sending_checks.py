"""What is wrong with how blocks send: their topics, and hours that never come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from journeys.definition import (
    AllowedHours,
    BestOfBlock,
    Definition,
    FirstReachableBlock,
    MessageBlock,
)
from journeys.errors import Issue
from journeys.paths import json_path, proposal
from journeys.predicate_checks import Steps, check_positive

Topics = Mapping[str, Sequence[str]]
"""The channels of each topic by its key; none: any."""


def sending_issues(definition: Definition, topics: Topics | None) -> Iterable[Issue]:
    """Check every block that sends; `topics` None: these are not looked at."""
    for index, block in enumerate(definition.blocks):
        at: Steps = ("blocks", index)
        match block:
            case MessageBlock() | BestOfBlock():
                channels = [block.channel]
            case FirstReachableBlock():
                channels = [one.channel for one in block.channels]
            case _:
                continue
        if topics is not None and block.topic is not None:
            yield from _topic(block.topic, channels, topics, (*at, "topic"))
        if block.allowed_hours is not None:
            yield from _hours(block.allowed_hours, (*at, "allowed_hours"))


def _topic(key: str, channels: Sequence[str], topics: Topics, at: Steps) -> Iterable[Issue]:
    its_channels = topics.get(key)
    if its_channels is None:
        yield Issue(json_path(at), f"there is no topic '{key}'; {proposal(key, topics)}")
        return
    other = sorted(set(channels).difference(its_channels)) if its_channels else []
    if other:
        yield Issue(
            json_path(at),
            f"the topic '{key}' is for {', '.join(its_channels)}, not for {', '.join(other)}",
        )


def _hours(hours: AllowedHours, at: Steps) -> Iterable[Issue]:
    if hours.from_ == hours.to:
        yield Issue(
            json_path((*at, "to")),
            "'from' and 'to' are equal: no moment lies between them; whole days are 00:00 to 24:00",
        )
    yield from check_positive(hours.spread, (*at, "spread"))
    if hours.spread is not None and hours.otherwise != "wait":
        yield Issue(
            json_path((*at, "spread")),
            f"nothing waits to be spread: outside of the hours, 'otherwise' is '{hours.otherwise}'",
        )
