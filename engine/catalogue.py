"""What names, types and values there are in a workspace's data, told from samples of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeys.comparison import walk
from journeys.evaluation import BUILT_IN_FIELDS

EXAMPLES = 5
MOST_NAMES = 500
DEEPEST = 3
LONGEST = 200
"""Characters of a value that is shown."""
_INSTANTS = frozenset({"created_at", "updated_at", "last_seen_at"})
STANDARD_FIELDS = {
    name: "date" if name in _INSTANTS else "text" for name in BUILT_IN_FIELDS if name != "user_id"
}
"""The contact's own fields, with their types."""


@dataclass
class Profile:
    """A name, which may be dotted, with what was found under it."""

    name: str
    types: Counter[str] = field(default_factory=Counter)
    values: Counter[str | int | float | bool] = field(default_factory=Counter)
    seen: int = 0
    """In how many of the sample."""

    @property
    def type(self) -> str:
        """`text`, `number`, `boolean`, `date` or `list`; `mixed` for several."""
        return next(iter(self.types)) if len(self.types) == 1 else "mixed"

    @property
    def examples(self) -> list[str | int | float | bool]:
        """The commonest values."""
        return [value for value, _ in self.values.most_common(EXAMPLES)]


def profiles(sample: Iterable[Mapping[str, Any]]) -> list[Profile]:
    """Every name in the sample, dotted where objects lie in objects, the commonest first."""
    found: dict[str, Profile] = {}
    for one in sample:
        here: defaultdict[str, list[Any]] = defaultdict(list)
        _collect("", one, 0, here)
        for name, values in here.items():
            if name not in found and len(found) >= MOST_NAMES:
                continue
            profile = found.setdefault(name, Profile(name))
            profile.seen += 1
            for value in values:
                profile.types[type_of(value)] += 1
                if isinstance(value, str | int | float):
                    profile.values[shown(value)] += 1
    return sorted(found.values(), key=lambda profile: (-profile.seen, profile.name))


def _collect(prefix: str, value: Any, depth: int, into: dict[str, list[Any]]) -> None:
    if isinstance(value, Mapping) and (depth < DEEPEST or not prefix):
        for name, inner in value.items():
            _collect(f"{prefix}.{name}" if prefix else name, inner, depth + 1, into)
    elif isinstance(value, list):
        for inner in value[:20]:
            _collect(prefix, inner, depth, into)
        if not any(isinstance(inner, Mapping) for inner in value):
            into[prefix].append(value)
    elif value is not None:
        into[prefix].append(value)


def type_of(value: Any) -> str:
    """What kind of value it is, as the predicate editor distinguishes them."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case datetime():
            return "date"
        case str():
            return "date" if _is_date(value) else "text"
        case list():
            return "list"
        case _:
            return "object"


def _is_date(value: str) -> bool:
    if not 10 <= len(value) <= 40 or not value[:4].isdigit() or value[4] != "-":
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def shown(value: str | float | bool) -> str | int | float | bool:
    """A value as it is shown: a long text is cut."""
    return value[:LONGEST] if isinstance(value, str) else value


def common_values(
    sample: Iterable[Mapping[str, Any]], name: str, prefix: str, most: int
) -> list[tuple[str | int | float | bool, int]]:
    """The commonest values of a name that begin so, whatever the case, and how often."""
    wanted = prefix.casefold()
    counts: Counter[str | int | float | bool] = Counter()
    for one in sample:
        for value in walk(one, name):
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, datetime):
                    each = each.isoformat()  # noqa: PLW2901
                if isinstance(each, str | int | float) and str(each).casefold().startswith(wanted):
                    counts[shown(each)] += 1
    return counts.most_common(most)
