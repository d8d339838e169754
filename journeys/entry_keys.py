"""The values of a re-entry key: what is kept of them, and the text by which they are searched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from journeys.comparison import walk

LONGEST = 200
"""Characters by which keys are told apart in a search."""


def key_values(names: Iterable[str], params: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values of the key's properties by their names, null where missing; None without a key.

    Names are as in `where` and `same`; one that finds several values has them as a list.
    """
    found = {name: walk(params, name) for name in names}
    return {name: _one(values) for name, values in found.items()} or None


def key_text(values: Iterable[str]) -> str:
    """The values as `sojourn_entry_key` writes them in SQL: in one order, whatever their names."""
    in_order = sorted(values, key=lambda value: value.encode())
    return "\x1f".join(in_order)[:LONGEST]


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values or None
