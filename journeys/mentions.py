"""Which arriving facts can change the answer of a predicate about a contact.

A mention is an interest: `(kind, name)` as facts and `storage.tables.Interest` have them. What time
alone changes is not among them; `storage.predicate_sql.changes` tells when that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from journeys.evaluation import BUILT_IN_FIELDS
from journeys.predicates import (
    EventLeaf,
    FieldLeaf,
    NowLeaf,
    OrderLeaf,
    Predicate,
    ReachableLeaf,
    SegmentLeaf,
)
from journeys.segment_names import leaves
from journeys.zones import CONTACT

Mention = tuple[str, str]

_BUILT_IN: dict[str, Mention] = {
    "user_id": ("field", "userId"),
    "last_seen_at": ("seen", "*"),
    "updated_at": ("changed", "*"),
}
"""By column; the other built-in fields change under their own names."""
_REACHED_BY: dict[str, Mention] = {
    "email": ("field", "email"),
    "sms": ("field", "phone"),
    "in_app": ("field", "userId"),
    "inbox": ("field", "userId"),
    "push": ("device", "*"),
    "web_push": ("device", "*"),
}


def mentions(
    predicate: Predicate, segment: Callable[[str], Predicate | UUID]
) -> frozenset[Mention]:
    """The facts that can change the answer, those of the dynamic segments it names included.

    `segment` gives the predicate of a segment, or the id of a static list. A contact that is new is
    not among them: whatever is asked must be asked about it.
    """
    found: set[Mention] = set()
    pending, seen = [predicate], set[str]()
    while pending:
        for leaf in leaves(pending.pop()):
            if not isinstance(leaf, SegmentLeaf):
                found.update(_of_leaf(leaf))
            elif leaf.segment not in seen:
                seen.add(leaf.segment)
                inner = segment(leaf.segment)
                if isinstance(inner, UUID):
                    found.add(("list", leaf.segment))
                else:
                    pending.append(inner)
    return frozenset(found)


def _of_leaf(leaf: Predicate) -> Iterable[Mention]:
    match leaf:
        case FieldLeaf(field=name):
            return _of_field(name)
        case EventLeaf(event=name):
            return [("event", name)]
        case OrderLeaf():
            return [("order", "*")]
        case ReachableLeaf(reachable=channel):
            return [_REACHED_BY[channel]] if channel in _REACHED_BY else []
        case NowLeaf(now=query):
            return [("field", "timezone")] if query.timezone == CONTACT else []
        case _:
            return []


def _of_field(name: str) -> Iterator[Mention]:
    """A dotted name is a field of that very name, or leads into the field of its first part."""
    column = BUILT_IN_FIELDS.get(name)
    if column is not None:
        yield _BUILT_IN.get(column, ("field", column))
        return
    yield ("field", name)
    root, dot, _ = name.partition(".")
    if dot:
        yield ("field", root)
