"""Workflow files: YAML 1.2 or JSON text to plain data and back.

YAML is read by its core schema, so dates and `on`/`no` stay text; keys are always text. What JSON
does not have (tags, merge keys, several documents) is refused, as are duplicate keys and aliases
that unfold to more than a definition can hold. Every error names its line and column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from journeys.errors import InvalidInput, Issue
from journeys.paths import shown, written
from journeys.plain_data import MAX_DEPTH, MAX_NODES

MAX_BYTES = 512 * 1024
"""Files larger than this are refused unread."""

_CORE_TAG = "tag:yaml.org,2002:"
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,4000}")
_BASED_INT = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.nan|\.NaN|\.NAN")


@dataclass(frozen=True)
class Position:
    """A place in a text, counted from 1 as editors do."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True)
class DefinitionFile:
    """What a file says, and where it says it."""

    data: object
    positions: Mapping[str, Position] = field(default_factory=dict, repr=False)
    """The position of each value by its JSON path; empty for JSON."""

    def position(self, path: str) -> Position | None:
        """Find where the value at a JSON path stands, or failing that what holds it."""
        while path not in self.positions and path not in ("", "$"):
            path = path[: max(path.rfind("."), path.rfind("["))]
        return self.positions.get(path)


def read_definition_file(text: str | bytes, *, name: str = "workflow.yaml") -> DefinitionFile:
    """Read a file as JSON if its name ends so, else as YAML.

    Raises InvalidInput; its one issue names the line and column.
    """
    if len(text) > MAX_BYTES:
        raise _invalid(name, f"it is larger than {MAX_BYTES // 1024} KiB")
    decoded = text if isinstance(text, str) else _decoded(text, name)
    if name.lower().endswith(".json"):
        return DefinitionFile(_read_json(decoded.removeprefix("\ufeff"), name))
    return _YamlReader(name).read(decoded)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        raise _invalid(name, "it is not UTF-8", _at(before, len(before))) from error


def _invalid(name: str, problem: str, position: Position | None = None) -> InvalidInput:
    where = f"{position}: " if position is not None else ""
    return InvalidInput(f"{name} cannot be read: {where}{problem}", [Issue("$", where + problem)])


def _at(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _read_json(text: str, name: str) -> object:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        data = dict(items)
        if len(data) < len(items):
            keys = [key for key, _ in items]
            twice = next(key for key in keys if keys.count(key) > 1)
            # The decoder does not say where it is. JSON is YAML too, but for tabs, which can only
            # stand between values: the other reader refuses the same key and knows its place.
            _YamlReader(name).read(text.replace("\t", " "))
            raise _invalid(name, f"the key {shown(twice)} stands twice in one object")
        return data

    def constant(word: str) -> NoReturn:
        raise _invalid(name, f"{word} is not JSON", _at(text, text.find(word)))

    try:
        data: object = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise _invalid(name, error.msg, Position(error.lineno, error.colno)) from error
    except RecursionError as error:
        raise _invalid(name, f"it is nested deeper than {MAX_DEPTH} levels") from error
    except ValueError as error:  # an integer of thousands of digits
        raise _invalid(name, str(error)) from error
    return data


class _YamlReader:
    """Builds plain data from the nodes of one YAML document."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes = 0
        self._positions: dict[str, Position] = {}

    def read(self, text: str) -> DefinitionFile:
        yaml = YAML(typ="safe", pure=True)
        try:
            node = yaml.compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            position = None if mark is None else Position(mark.line + 1, mark.column + 1)
            problem = " ".join(filter(None, (error.context, error.problem))) or "it is not YAML"
            raise _invalid(self._name, problem, position) from error
        except ReaderError as error:
            problem = f"the character U+{error.character:04X} is not allowed"
            raise _invalid(self._name, problem, _at(text, error.position)) from error
        except RecursionError as error:
            raise _invalid(self._name, f"it is nested deeper than {MAX_DEPTH} levels") from error
        except YAMLError as error:
            raise _invalid(self._name, str(error)) from error
        return DefinitionFile(self._value(node, "$", 0) if node else None, self._positions)

    def _refuse(self, node: Node, problem: str) -> NoReturn:
        raise _invalid(self._name, problem, _start(node))

    def _value(self, node: Node, path: str, depth: int) -> object:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(node, f"it unfolds to more than {MAX_NODES} values")
        if depth > MAX_DEPTH:
            self._refuse(node, f"it is nested deeper than {MAX_DEPTH} levels")
        self._positions[path] = _start(node)
        kind = str(node.tag).removeprefix(_CORE_TAG)
        if isinstance(node, MappingNode) and kind == "map":
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode) and kind == "seq":
            return [
                self._value(item, f"{path}[{index}]", depth + 1)
                for index, item in enumerate(node.value)
            ]
        if isinstance(node, ScalarNode) and kind in _SCALAR_TAGS:
            return self._scalar(node, kind)
        return self._refuse(node, f"the tag {shown(str(node.tag))} is not allowed")

    def _mapping(self, node: MappingNode, path: str, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, "a key must be text")
            key = str(key_node.value)
            if key == "<<" and key_node.style is None:
                self._refuse(key_node, "merge keys ('<<') are not part of YAML 1.2")
            if key in data:
                self._refuse(key_node, f"the key {shown(key)} stands twice in one mapping")
            data[key] = self._value(value_node, path + written(key), depth + 1)
        return data

    def _scalar(self, node: ScalarNode, kind: str) -> object:
        text = str(node.value)
        if node.style is not None or kind == "str":
            return text
        value = core_scalar(text)
        if isinstance(value, float) and not isfinite(value):
            self._refuse(node, f"{shown(text)} is no number that a definition can hold")
        return value


_SCALAR_TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "value", "merge"})
"""What ruamel resolves plain scalars to; the last three are of YAML 1.1 and stay text."""


def _start(node: Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)


def core_scalar(text: str) -> str | int | float | bool | None:
    """Resolve a plain scalar by the core schema of YAML 1.2."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _BASED_INT.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return nan if _NOT_FINITE.fullmatch(text) else text
