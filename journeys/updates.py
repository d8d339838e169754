"""Whether what an `update` block does to fields can be done, as far as the definition tells."""

from __future__ import annotations

from collections.abc import Iterable

from journeys.definition import UpdateBlock
from journeys.errors import Issue
from journeys.paths import json_path
from journeys.predicate_checks import Steps, check_zone
from journeys.predicates import ParamRef
from journeys.zones import CONTACT

TEXT_FIELDS = frozenset({"email", "phone", "timezone", "locale"})
"""Built-in fields that a block may change: all text."""
FIXED_FIELDS = frozenset(
    {"id", "userId", "user_id", "anonymousId", "anonymous_id", "createdAt", "created_at",
     "updatedAt", "updated_at", "lastSeenAt", "last_seen_at"}
)  # fmt: skip
"""Fields that say who the contact is, or are kept by the system."""


def update_issues(block: UpdateBlock, at: Steps) -> Iterable[Issue]:
    """Find fields that no block may change, and values that a built-in field cannot hold."""
    for name, value in block.set.items():
        place = (*at, "set", name)
        yield from _name_issues(name, place)
        if name in TEXT_FIELDS and not isinstance(value, str | ParamRef | None):
            yield Issue(json_path(place), f"'{name}' holds text")
        elif name == "timezone" and isinstance(value, str) and value:
            if value == CONTACT:
                yield Issue(json_path(place), "name a time zone such as Europe/Kyiv")
            yield from check_zone(value, place)
    for index, name in enumerate(block.unset):
        yield from _name_issues(name, (*at, "unset", index))
        if name in block.set:
            yield Issue(json_path((*at, "unset", index)), f"'{name}' is also set")
    for index, key in enumerate(block.remove_from):
        if key in block.add_to:
            yield Issue(json_path((*at, "remove_from", index)), f"'{key}' is also in 'add_to'")


def _name_issues(name: str, place: Steps) -> Iterable[Issue]:
    if not name.strip():
        yield Issue(json_path(place), "the name of a field cannot be empty")
    elif name in FIXED_FIELDS:
        yield Issue(json_path(place), f"'{name}' cannot be changed by a workflow")
