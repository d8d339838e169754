"""Whether a workflow names parameterised segments only where something binds their parameters.

Who is in such a segment depends on the parameters, so nobody ever enters it by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from journeys.definition import (
    Definition,
    EventForSegmentStart,
    SegmentStart,
    SegmentStop,
    WaitForBlock,
)
from journeys.errors import Issue
from journeys.paths import json_path, proposal

Takes = Mapping[str, Collection[str]]
"""By the key of each segment: the names of its parameters."""


def parameter_issues(definition: Definition, takes: Takes) -> Iterable[Issue]:
    """Find starts, stops and waits that name a parameterised segment, and starts that bind wrongly.

    Segments that are not in `takes` are passed over.
    """
    start = definition.start
    if isinstance(start, EventForSegmentStart):
        yield from _bound(start, takes)
    places = [(("start", "segment"), start.segment)] if isinstance(start, SegmentStart) else []
    named: list[tuple[tuple[str | int, ...], str]] = [
        *places,
        *(
            (("stop", index, "segment"), stop.segment)
            for index, stop in enumerate(definition.stop)
            if isinstance(stop, SegmentStop)
        ),
        *(
            (("blocks", index, "segment"), block.segment)
            for index, block in enumerate(definition.blocks)
            if isinstance(block, WaitForBlock) and block.segment is not None
        ),
    ]
    for at, key in named:
        if takes.get(key):
            yield Issue(
                json_path(at),
                f"the segment '{key}' takes parameters, so nobody comes into it; name one without",
            )


def _bound(start: EventForSegmentStart, takes: Takes) -> Iterable[Issue]:
    if start.segment not in takes:
        return
    names = takes[start.segment]
    missing = sorted(set(names) - set(start.bind))
    if missing:
        yield Issue(
            json_path(("start", "bind")),
            f"the segment '{start.segment}' takes {', '.join(missing)}: say from which property"
            " of the event",
        )
    for name in start.bind:
        if name not in names:
            yield Issue(
                json_path(("start", "bind", name)),
                f"the segment '{start.segment}' has no parameter '{name}'; {proposal(name, names)}",
            )
