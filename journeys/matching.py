"""Filters on an arriving event, in memory: the `where` and `same` of starts, stops and waits.

The dispatcher runs these for every event that a published rule mentions, so a filter is compiled
once into a `PropertyFilter`. The comparison rules are those of `journeys.comparison`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeys.comparison import Operand, compare_any, walk
from journeys.predicates import LIST_OPS, ParamCheck, ParamRef
from journeys.scope import STARTING_EVENT, Constant, Scope, Source


def right_sides(op: str, source: Source | None, params: Mapping[str, Any]) -> Sequence[Operand]:
    """The values a right side stands for; none if it is missing.

    A list found by reference serves `in` and `not_in` as their list; with several found, they are
    one list.
    """
    if source is None:
        return ()
    if isinstance(source, Constant):
        return (Operand(source.value),)
    found = [operand for operand in map(Operand, walk(params, source.name)) if operand.present]
    if op not in LIST_OPS or len(found) < 2:
        return found
    flat: list[Any] = []
    for operand in found:
        flat += operand.value if isinstance(operand.value, list) else [operand.value]
    return (Operand(flat),)


@dataclass(frozen=True)
class FailedCheck:
    """A check that did not hold: what it wanted, and what was there (each possibly nothing)."""

    param: str
    op: str
    wanted: list[Any]
    seen: list[Any]


class PropertyFilter:
    """`where` made ready: holds if every check holds."""

    __slots__ = ("_checks",)

    def __init__(self, checks: Iterable[ParamCheck], scope: Scope = STARTING_EVENT) -> None:
        self._checks = tuple(
            (
                check.param,
                check.op,
                scope.value(check.value),
                None if isinstance(check.value, ParamRef) else (Operand(check.value),),
            )
            for check in checks
        )

    def __bool__(self) -> bool:
        """Whether it checks anything."""
        return bool(self._checks)

    def matches(
        self, properties: Mapping[str, Any], *, params: Mapping[str, Any], now: datetime
    ) -> bool:
        """Whether `properties` pass; `params` are the starting event's, for `value: {param: …}`."""
        for name, op, source, constant in self._checks:
            rights = right_sides(op, source, params) if constant is None else constant
            if not compare_any(walk(properties, name), op, rights, now):
                return False
        return True

    def failed(
        self, properties: Mapping[str, Any], *, params: Mapping[str, Any], now: datetime
    ) -> list[FailedCheck]:
        """Each check that `properties` do not pass; empty when they match."""
        found = []
        for name, op, source, constant in self._checks:
            rights = right_sides(op, source, params) if constant is None else constant
            seen = walk(properties, name)
            if not compare_any(seen, op, rights, now):
                found.append(FailedCheck(name, op, [right.value for right in rights], seen))
        return found


def matches_properties(
    checks: Sequence[ParamCheck],
    properties: Mapping[str, Any],
    *,
    params: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Whether every check holds; where the checks are used again, keep a `PropertyFilter`."""
    return PropertyFilter(checks).matches(properties, params=params, now=now)


def same_checks(names: Iterable[str]) -> list[ParamCheck]:
    """`same: [a, b]` as the checks it stands for: each equals the starting event's of that name."""
    return [ParamCheck(param=name, op="=", value=ParamRef(param=name)) for name in names]


def same_values(
    names: Iterable[str], properties: Mapping[str, Any], params: Mapping[str, Any], now: datetime
) -> bool:
    """Whether each named value is there on both sides and equal (as `=` means it)."""
    return matches_properties(same_checks(names), properties, params=params, now=now)
