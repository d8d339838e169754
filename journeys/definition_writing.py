"""A definition as plain data or YAML text, always in the same order, for files kept in git.

What equals its default is left out, so that a file that was pushed and pulled again differs only
where the workflow does. The text reads the same by YAML 1.1 and 1.2: whatever one of them would
take for something else than text is quoted.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from journeys.definition import Definition

_FIRST = (
    "name", "start", "stop", "blocks", "id", "kind", "field", "param", "event", "events", "segment",
    "block", "channel", "template", "op", "value", "where",
)  # fmt: skip
_ORDER = {key: place for place, key in enumerate(_FIRST)}
_FREE = frozenset({"set", "properties", "params", "bind"})
"""Mappings whose keys are the marketer's own and keep the order they were written in."""

_LINE = 100
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./ -]*(?<! )")
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def plain_definition(definition: Definition) -> dict[str, Any]:
    """Return the definition as plain data in its stable order, by its outside names."""
    data = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    ordered: dict[str, Any] = _ordered(data)
    return ordered


def write_definition(definition: Definition) -> str:
    """Write the definition as YAML that `read_definition_file` reads back to an equal one."""
    return _written(plain_definition(definition))


def write_sketch(data: Mapping[str, Any]) -> str:
    """Write a draft that is still being drawn, as it is."""
    return _written(_ordered(dict(data)))


def _written(data: Any) -> str:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 10_000  # lines are broken by `_node`, never inside a text
    out = io.StringIO()
    yaml.dump(_node(data, indent=0), out)
    return out.getvalue()


def _ordered(value: Any, *, free: bool = False) -> Any:
    if isinstance(value, list):
        return [_ordered(item, free=free) for item in value]
    if not isinstance(value, dict):
        return value
    if not free and "value" in value and value.keys() & {"field", "param"}:
        value = {"op": "=", **value}  # a comparison reads badly without its sign
    keys = list(value) if free else sorted(value, key=lambda key: _ORDER.get(key, len(_ORDER)))
    return {key: _ordered(value[key], free=free or key in _FREE) for key in keys}


def _node(value: Any, *, indent: int) -> Any:
    """Turn plain data into what ruamel writes: one line where it fits, else one line an item."""
    fits = indent > 0 and indent + len(json.dumps(value, ensure_ascii=False)) <= _LINE
    node: CommentedMap | CommentedSeq
    if isinstance(value, dict):
        node = CommentedMap({_text(key): _node(value[key], indent=indent + 2) for key in value})
    elif isinstance(value, list):
        node = CommentedSeq([_node(item, indent=indent + 2) for item in value])
    else:
        return _text(value) if isinstance(value, str) else value
    if fits or not value:
        node.fa.set_flow_style()
    else:
        node.fa.set_block_style()
    return node


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _NOT_TEXT
    return text if plain else DoubleQuotedScalarString(text)
