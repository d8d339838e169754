"""Definitions to test with: the files beside this one, and small ones made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from journeys.definition import Definition
from journeys.definition_files import read_definition_file
from journeys.errors import InvalidInput, Issue
from journeys.validation import check_definition, parse_definition

FILES = Path(__file__).parent / "definitions"
TEMPLATES = {"hello": "email", "bye": "email", "nudge": "push"}
SEGMENTS = {"readers-of", "static"}

EXIT = {"id": "out", "kind": "exit"}
EVENT_START = {"kind": "event", "event": "Signed Up"}


def from_file(name: str) -> Any:
    """The plain data of a definition among the files."""
    return read_definition_file((FILES / name).read_bytes(), name=name).data


def workflow(*blocks: Any, **more: Any) -> dict[str, Any]:
    """A definition of these blocks, started by an event."""
    return {"name": "Test", "start": EVENT_START, "blocks": list(blocks) or [EXIT]} | more


def timer(id_: str, next_: str | None = None, **wait: Any) -> dict[str, Any]:
    block = {"id": id_, "kind": "timer", "wait": wait or {"for": "P1D"}}
    return block if next_ is None else block | {"next": next_}


def message(id_: str, next_: str | None = None, **more: Any) -> dict[str, Any]:
    block = {"id": id_, "kind": "message", "channel": "email", "template": "hello", **more}
    return block if next_ is None else block | {"next": next_}


def condition(id_: str, then: str | None, else_: str | None, if_: Any = None) -> dict[str, Any]:
    edges = {"then": then, "else": else_}
    predicate = if_ or {"field": "plan", "op": "exists"}
    return {"id": id_, "kind": "condition", "if": predicate} | {k: v for k, v in edges.items() if v}


def shape_issues(data: Any) -> list[Issue]:
    """What `parse_definition` finds."""
    try:
        parse_definition(data)
    except InvalidInput as error:
        return list(error.issues)
    return []


def issues(data: Any) -> list[Issue]:
    """What the check of the whole finds."""
    definition: Definition = parse_definition(data)
    return check_definition(definition, templates=TEMPLATES, segments=SEGMENTS)


def paths(found: list[Issue]) -> list[str]:
    return [issue.path for issue in found]
