"""What each column of a file becomes: as was said, else as its heading and values suggest."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.imports import cells
from engine.imports.cells import CELL_TYPES, CellType, is_date_format
from engine.imports.kinds import SUBSCRIPTIONS, Kind
from journeys.errors import InvalidInput, Issue
from journeys.paths import json_path, proposal

SAMPLED = 1000
"""Rows from which types are told."""
MAX_COLUMNS = 1000
MAX_FORMAT = 100
_SPEC = frozenset({"to", "type", "format"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `to`: what it becomes (None: nothing); `detected`: nobody said so."""

    name: str
    to: str | None
    type: CellType | None = None
    """None only where it becomes nothing."""
    format: str | None = None
    """How dates are written, as for `strptime`; None: ISO 8601."""
    detected: bool = True
    guessed: bool = False
    """Its type was told from the first rows."""


def plan_columns(
    kind: Kind,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    mapping: Mapping[str, Any],
    *,
    given: frozenset[str] = frozenset(),
    topics: Collection[str] | None = None,
) -> list[Column]:
    """What each column becomes; raises InvalidInput with everything that is wrong.

    `rows` are the first ones, for types; `given` are the targets that need no column,
    `topics` what contacts can subscribe to (None: that is not looked at).
    """
    names = [name.strip() for name in header]
    issues = _header_issues(names)
    if issues:
        raise InvalidInput("The header of the file is not usable.", issues)
    said = _said(kind, names, mapping, issues)
    targets = _by_heading(kind, names, said)
    columns = [
        said.get(name) or Column(name, targets.get(name) if name else None) for name in names
    ]
    columns = [_typed(kind, column, at, rows) for at, column in enumerate(columns)]
    issues += _target_issues(kind, columns, given)
    if topics is not None:
        issues += _topic_issues(kind, columns, topics)
    if issues:
        raise InvalidInput("The columns of the file do not fit.", issues)
    return columns


def _header_issues(names: list[str]) -> list[Issue]:
    if len(names) > MAX_COLUMNS:
        return [Issue("$.file", f"has {len(names)} columns; at most {MAX_COLUMNS} are taken")]
    if not any(names):
        return [Issue("$.file", "the first line must name the columns")]
    issues = []
    for at, name in enumerate(names):
        if name and (first := names.index(name)) < at:
            what = f"columns {first + 1} and {at + 1} are both named {name!r}"
            issues.append(Issue("$.file", what))
        if len(name) > 200 or "\0" in name:
            what = "is longer than 200 characters" if len(name) > 200 else "holds U+0000"
            issues.append(Issue("$.file", f"the name of column {at + 1} {what}"))
    return issues


def _said(
    kind: Kind, names: list[str], mapping: Mapping[str, Any], issues: list[Issue]
) -> dict[str, Column]:
    said = {}
    for name, spec in mapping.items():
        path = json_path(["mapping", name])
        if name not in names:
            issues.append(Issue(path, "the file has no such column; it has " + ", ".join(names)))
            continue
        try:
            said[name] = _column(kind, name, spec)
        except ValueError as error:
            issues.append(Issue(path, str(error)))
    return said


def _column(kind: Kind, name: str, spec: Any) -> Column:
    if spec is None or spec == "":
        return Column(name, None, detected=False)
    if isinstance(spec, str):
        spec = {"to": spec}
    if not isinstance(spec, Mapping) or not spec.keys() <= _SPEC:
        raise ValueError('must be a target, null, or {"to": …, "type": …, "format": …}')
    to = spec.get("to", name)
    if to is None:
        return Column(name, None, detected=False)
    if not isinstance(to, str) or not 0 < len(to) <= 200 or "\0" in to:
        raise ValueError("`to` must be a name of at most 200 characters")
    to = to if to in kind.types else kind.custom(to)
    type_, format_ = spec.get("type"), spec.get("format")
    if type_ is not None and type_ not in CELL_TYPES:
        raise ValueError("`type` must be one of " + ", ".join(CELL_TYPES))
    only = kind.type_of(to)
    if type_ is not None and only is not None and only != type_:
        raise ValueError(f"{to} is always read as {only}")
    if format_ is not None and not _is_format(format_):
        raise ValueError(
            "`format` must say how dates are written, each part once, with year, month and day: "
            "for instance %d.%m.%Y or %Y-%m-%d %H:%M"
        )
    if format_ is not None and (only or type_ or "date") != "date":
        raise ValueError("only a date has a `format`")
    return Column(name, to, "date" if format_ else type_, format_, detected=False)


def _is_format(format_: Any) -> bool:
    return isinstance(format_, str) and len(format_) <= MAX_FORMAT and is_date_format(format_)


def _by_heading(kind: Kind, names: list[str], said: Mapping[str, Column]) -> dict[str, str]:
    """The columns of which nothing was said: built-in ones by their names, else custom ones."""
    free = [name for name in names if name and name not in said]
    taken = {column.to for column in said.values()}
    targets = {name: kind.custom(name) for name in free}
    for target, aliases in kind.aliases.items():
        if target in taken:
            continue
        ranked = [name for alias in aliases for name in free if squeezed(name) == alias]
        exact = [name for name in free if name == target]
        for name in (exact + ranked)[:1]:
            targets[name] = target
    return targets


def squeezed(name: str) -> str:
    """A heading without case and punctuation: `E-Mail` is `email`, `user_id` is `userid`."""
    return re.sub(r"[\W_]+", "", name.lower())


def _typed(kind: Kind, column: Column, at: int, rows: Sequence[Sequence[str]]) -> Column:
    if column.to is None or column.type is not None:
        return column
    if (only := kind.type_of(column.to)) is not None:
        return replace(column, type=only)
    values = [row[at] for row in rows[:SAMPLED] if at < len(row) and row[at]]
    return replace(column, type=cells.detect(values), guessed=True)


def _topic_issues(kind: Kind, columns: list[Column], topics: Collection[str]) -> list[Issue]:
    return [
        Issue(
            json_path(["mapping", column.name]),
            f"there is no topic {topic!r}: make it first, or leave the column out (null); "
            + proposal(topic, topics),
        )
        for column in columns
        if kind.name == "contacts" and (column.to or "").startswith(SUBSCRIPTIONS)
        if (topic := (column.to or "").removeprefix(SUBSCRIPTIONS)) not in topics
    ]


def _target_issues(kind: Kind, columns: list[Column], given: frozenset[str]) -> list[Issue]:
    issues = []
    by_target: dict[str, str] = {}
    for column in columns:
        if column.to is None:
            continue
        if column.to in by_target:
            both = f"{by_target[column.to]!r} and {column.name!r}"
            issues.append(
                Issue(json_path(["mapping", column.name]), f"{both} both become {column.to}")
            )
        by_target[column.to] = column.name
    for target in kind.required:
        if target not in by_target and target not in given:
            names = ", ".join(column.name for column in columns)
            issues.append(
                Issue(
                    "$.mapping",
                    f"no column is named {target}: name one so, or map one of {names}",
                )
            )
    return issues
