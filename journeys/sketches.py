"""Drafts that are still being drawn: what of them can be kept, and what of them can be judged.

A sketch has the outline of a workflow, an object with a list of blocks, while its parts may be
unfinished. It can be stored; it cannot be published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from journeys.definition import Block, Definition, Start, Stop
from journeys.errors import Issue
from journeys.paths import shown
from journeys.plain_data import plain_data_issues

MAX_BLOCKS = 1000
LONGEST_NAME = 200
_BLOCK: TypeAdapter[Any] = TypeAdapter(Block)
_STOP: TypeAdapter[Any] = TypeAdapter(Stop)
_START: TypeAdapter[Any] = TypeAdapter(Start)
_SOME_START = {"kind": "event", "event": "?"}
"""Stands in for a start that is not drawn yet; nothing is ever wrong with it."""


def sketch_issues(data: Mapping[str, Any]) -> list[Issue]:
    """Find what keeps it from being stored: that it is not plain data, or no outline at all."""
    issues = plain_data_issues(data)
    if issues:
        return issues
    for field, kind, words in (("name", str, "text"), ("start", dict, "a mapping")):
        if data.get(field) is not None and not isinstance(data[field], kind):
            issues.append(Issue(f"$.{field}", f"should be {words}, not {shown(data[field])}"))
    if len(str(data.get("name") or "")) > LONGEST_NAME:
        issues.append(Issue("$.name", f"should be at most {LONGEST_NAME} characters"))
    for field in ("stop", "blocks"):
        parts = data.get(field, [])
        if not isinstance(parts, list):
            issues.append(Issue(f"$.{field}", f"should be a list, not {shown(parts)}"))
            continue
        issues += [
            Issue(f"$.{field}[{index}]", f"should be a mapping, not {shown(part)}")
            for index, part in enumerate(parts)
            if not isinstance(part, dict)
        ]
        if len(parts) > MAX_BLOCKS:
            issues.append(Issue(f"$.{field}", f"should have at most {MAX_BLOCKS} items"))
    return issues


def name_of(data: Mapping[str, Any], otherwise: str) -> str:
    """What the sketch is called, if it says so."""
    name = data.get("name")
    return name if isinstance(name, str) and name else otherwise


def whole(data: Mapping[str, Any]) -> Definition | None:
    """The definition; None for a sketch, which nothing runs on."""
    try:
        return Definition.model_validate(data)
    except ValidationError:
        return None


@dataclass(frozen=True)
class FinishedParts:
    """Those parts of a sketch that have the right shape, and where they stand in it."""

    definition: Definition
    places: Mapping[str, Sequence[int]]
    """For `blocks` and `stop`: the index in the sketch of each part."""
    senders: frozenset[str]
    """The ids of all blocks that send, the unfinished ones included."""

    def issue(self, issue: Issue) -> Issue:
        """An issue of the parts, at its place in the sketch."""
        for field, indexes in self.places.items():
            head = f"$.{field}["
            if issue.path.startswith(head):
                number, _, rest = issue.path[len(head) :].partition("]")
                return Issue(f"{head}{indexes[int(number)]}]{rest}", issue.message)
        return issue


def finished_parts(data: Mapping[str, Any]) -> FinishedParts | None:
    """What of a sketch can be judged by itself; None when no block is finished."""
    if sketch_issues(data):
        return None
    blocks, stop = data.get("blocks", []), data.get("stop", [])
    places = {"blocks": _fitting(_BLOCK, blocks), "stop": _fitting(_STOP, stop)}
    start = data.get("start")
    try:
        definition = Definition.model_validate(
            {
                "name": "?",
                "start": start if _fits(_START, start) else _SOME_START,
                "stop": [stop[index] for index in places["stop"]],
                "blocks": [blocks[index] for index in places["blocks"]],
            }
        )
    except ValidationError:
        return None
    kinds = ("message", "best_of", "first_reachable")
    senders = {str(block.get("id")) for block in blocks if block.get("kind") in kinds}
    return FinishedParts(definition, places, frozenset(senders))


def _fitting(adapter: TypeAdapter[Any], parts: Sequence[Any]) -> list[int]:
    return [index for index, part in enumerate(parts) if _fits(adapter, part)]


def _fits(adapter: TypeAdapter[Any], part: object) -> bool:
    try:
        adapter.validate_python(part, by_alias=True, by_name=False)
    except ValidationError:
        return False
    return True
