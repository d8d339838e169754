"""How two values compare, stated once: this module in memory, migration 0002's functions in SQL.

`docs/predicates.md` tells the same to users. In short:

- Missing and null are one thing. Every comparison with it, on either side, is false (`!=` and
  `not_in` too); only `missing` is true of it. A number that is not finite counts as missing.
- `=` compares a string with a string by its characters, and a number or boolean with anything that
  reads as one (`"20"` equals `20`, `"true"` equals `true`). `!=` is: both present, and not equal.
- `> >= < <=`: the *right* side says what is compared. If it reads as a number, numbers; if it reads
  as a moment, instants; otherwise strings, by code point. A left side that does not read so: false.
- `before` and `after` compare instants only. `contains` looks for a part of a string or an equal
  element of a list; `starts_with` and `ends_with` are for strings.
- A value that has several candidates (a dotted name over a list) matches if any of them does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from math import isfinite
from typing import Any

from journeys.shifts import Shift

MAX_NUMBER_TEXT = 100
"""Longer strings are not read as numbers."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_INSTANT = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"(?:[Tt ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?"
    r"([Zz]|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?)?"
)
BOOLEAN_TEXTS = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "before": operator.lt, "after": operator.gt,
}  # fmt: skip


def is_present(value: Any) -> bool:
    """Whether there is a value: neither null nor a number that is not finite."""
    return value is not None and not (isinstance(value, float) and not isfinite(value))


def number_of(value: Any) -> int | Decimal | None:
    """The number that a value is, or spells as a string; None if it does neither.

    A string spells one as JSON does, leading zeros allowed, in at most 100 characters and with at
    most three digits of exponent. A float counts as the decimal it is written as (0.1, not
    0.1000000000000000055), as it does in `jsonb`.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return Decimal(repr(value)) if isfinite(value) else None
    if isinstance(value, str):
        readable = len(value) <= MAX_NUMBER_TEXT and _NUMBER.fullmatch(value)
        return Decimal(value) if readable else None
    return value if isinstance(value, Decimal) and value.is_finite() else None


def instant_of(value: Any) -> datetime | None:
    """The UTC instant that a value is or spells (ISO 8601 date or date-time), else None.

    A date is its midnight, and a time without an offset is UTC. Digits beyond microseconds are cut.
    """
    if isinstance(value, datetime):
        return value
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        return datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            int((fraction or "0")[:6].ljust(6, "0")), _offset(offset),
        ).astimezone(UTC)  # fmt: skip
    except (ValueError, OverflowError):
        return None


def _offset(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    delta = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]) if len(text) > 3 else 0)
    return timezone(-delta if text[0] == "-" else delta)


class Operand:
    """The right side of a comparison, read once: as itself, a number, an instant or a duration."""

    __slots__ = ("elements", "instant", "number", "present", "shift", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.present = is_present(value)
        self.number = number_of(value)
        self.instant = instant_of(value) if self.number is None else None
        self.shift = Shift.parse(value) if isinstance(value, str) else None
        items = value if isinstance(value, list | tuple) else (value,)
        self.elements: tuple[Operand, ...] = (
            tuple(Operand(item) for item in items) if items is value else (self,)
        )

    def moment(self, now: datetime) -> datetime | None:
        """The instant it means at `now`: its own, or `now` moved by the duration."""
        return self.instant if self.shift is None else self.shift.from_(now)


def same(left: Any, right: Operand, now: datetime) -> bool:
    """Whether two present values are equal."""
    value = right.value
    if isinstance(left, datetime):
        return left == right.moment(now)
    if isinstance(value, bool):
        return (BOOLEAN_TEXTS.get(left) if isinstance(left, str) else left) is value
    if isinstance(value, str):
        if isinstance(left, str):
            return left == value
        if isinstance(left, bool):
            return BOOLEAN_TEXTS.get(value) is left
    if isinstance(value, datetime):
        return instant_of(left) == value
    return right.number is not None and number_of(left) == right.number


def _ordered(left: Any, op: str, right: Operand, now: datetime) -> bool:
    by = _ORDERINGS[op]
    if op not in ("before", "after") and not isinstance(left, datetime):
        if right.number is not None:
            number = number_of(left)
            return number is not None and by(number, right.number)
        if right.instant is None and right.shift is None:
            return isinstance(left, str) and isinstance(right.value, str) and by(left, right.value)
    moment, instant = right.moment(now), instant_of(left)
    return moment is not None and instant is not None and by(instant, moment)


def _contains(left: Any, right: Operand, now: datetime) -> bool:
    if isinstance(left, list | tuple):
        return any(is_present(item) and same(item, right, now) for item in left)
    return isinstance(left, str) and isinstance(right.value, str) and right.value in left


def compare(left: Any, op: str, right: Operand, now: datetime) -> bool:  # noqa: PLR0911 (one an op)
    """Whether `left op right` holds, for any op but `exists` and `missing`."""
    if not (right.present and is_present(left)):
        return False
    match op:
        case "=":
            return same(left, right, now)
        case "!=":
            return not same(left, right, now)
        case "in":
            return any(item.present and same(left, item, now) for item in right.elements)
        case "not_in":
            return not any(item.present and same(left, item, now) for item in right.elements)
        case "contains":
            return _contains(left, right, now)
        case "starts_with" | "ends_with":
            if not (isinstance(left, str) and isinstance(right.value, str)):
                return False
            return (
                left.startswith(right.value) if op == "starts_with" else left.endswith(right.value)
            )
        case _:
            return _ordered(left, op, right, now)


def compare_any(
    candidates: Iterable[Any], op: str, rights: Sequence[Operand], now: datetime
) -> bool:
    """Whether any candidate holds against any right side; `missing` is true if none is present."""
    if op == "exists":
        return any(map(is_present, candidates))
    if op == "missing":
        return not any(map(is_present, candidates))
    return any(compare(left, op, right, now) for left in candidates for right in rights)


def walk(document: Any, name: str) -> list[Any]:
    """All values that a dotted name leads to.

    At each object a key that is literally the whole remaining name wins; otherwise its part up to
    the first dot is walked into. A list stands for each of its items.
    """
    if "." not in name and isinstance(document, Mapping):
        return [document[name]] if name in document else []
    nodes, rest, found = [document], name, []
    while True:
        nodes = [node for node in _opened(nodes) if isinstance(node, Mapping)]
        found += [node[rest] for node in nodes if rest in node]
        head, dot, tail = rest.partition(".")
        if not dot:
            return found
        nodes = [node[head] for node in nodes if rest not in node and head in node]
        if not nodes:
            return found
        rest = tail


def _opened(nodes: list[Any]) -> list[Any]:
    while any(isinstance(node, list | tuple) for node in nodes):
        nodes = [
            item for node in nodes for item in (node if isinstance(node, list | tuple) else (node,))
        ]
    return nodes
