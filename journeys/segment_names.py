"""Which segments a predicate or a workflow names, and which parameters a predicate takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from journeys.definition import (
    ConditionBlock,
    Definition,
    EventForSegmentStart,
    SegmentStart,
    SegmentStop,
    UpdateBlock,
    WaitForBlock,
)
from journeys.predicates import (
    AllOf,
    AnyOf,
    EventLeaf,
    FieldLeaf,
    Not,
    OrderLeaf,
    ParamCheck,
    ParamLeaf,
    ParamRef,
    Predicate,
    SegmentLeaf,
    Value,
)


def leaves(predicate: Predicate) -> Iterator[Predicate]:
    """The leaves of the tree, in the order in which they are written."""
    match predicate:
        case AllOf(all=parts) | AnyOf(any=parts):
            for part in parts:
                yield from leaves(part)
        case Not(not_=part):
            yield from leaves(part)
        case _:
            yield predicate


def segments_in(predicate: Predicate) -> set[str]:
    """The keys that its segment leaves name."""
    return {leaf.segment for leaf in leaves(predicate) if isinstance(leaf, SegmentLeaf)}


def segments_of_workflow(definition: Definition) -> set[str]:
    """The keys of all segments that a workflow names anywhere."""
    named: set[str] = set()
    if isinstance(definition.start, SegmentStart | EventForSegmentStart):
        named.add(definition.start.segment)
    named.update(stop.segment for stop in definition.stop if isinstance(stop, SegmentStop))
    for block in definition.blocks:
        match block:
            case ConditionBlock():
                named |= segments_in(block.if_)
            case WaitForBlock(segment=str(key)):
                named.add(key)
            case UpdateBlock():
                named.update(block.add_to, block.remove_from)
            case _:
                pass
    return named


def parameters(predicate: Predicate) -> list[str]:
    """The names that must be bound for the predicate to be asked, sorted."""
    found: set[str] = set()
    for leaf in leaves(predicate):
        if isinstance(leaf, ParamLeaf):
            found.add(leaf.param)
        found.update(value.param for value in _values(leaf) if isinstance(value, ParamRef))
    return sorted(found)


def values_in(predicate: Predicate, segment: Callable[[str], Predicate | None]) -> Iterator[int]:
    """For each leaf, those of the segments it names included, how many values it compares with.

    `segment` gives the predicate of a segment, None for a static list. Whoever sums this up may
    stop at a bound: segments that name each other many times over are walked no further.
    """
    for leaf in leaves(predicate):
        values = _values(leaf)
        yield 1 + sum(len(value) if isinstance(value, list) else 1 for value in values)
        if isinstance(leaf, SegmentLeaf):
            inner = segment(leaf.segment)
            if inner is not None:
                yield from values_in(inner, segment)


def _values(leaf: Predicate) -> Iterable[Value]:
    match leaf:
        case FieldLeaf() | ParamLeaf():
            return [leaf.value]
        case EventLeaf(where=where):
            return _right_sides(where)
        case OrderLeaf(order=order):
            return _right_sides(order.where)
        case SegmentLeaf(params=params):
            return list(params.values())
        case _:
            return []


def _right_sides(where: Sequence[ParamCheck]) -> list[Value]:
    return [check.value for check in where]


def cycle_through(key: str, named_by: Mapping[str, set[str]]) -> list[str] | None:
    """The way from a segment back to itself, as `[a, b, a]`, or None.

    `named_by` gives for each segment the keys that its predicate names.
    """
    behind: dict[str, str] = {}
    pending = [key]
    while pending:
        at = pending.pop()
        for name in sorted(named_by.get(at, ())):
            if name == key:
                way = [key, at]
                while at != key:
                    at = behind[at]
                    way.append(at)
                return way[::-1] if len(way) > 2 else [key, key]
            if name not in behind:
                behind[name] = at
                pending.append(name)
    return None


def dependants(key: str, named_by: Mapping[str, set[str]]) -> list[str]:
    """The segments that name this one, directly or through others, sorted."""
    found: set[str] = set()
    pending = [key]
    while pending:
        at = pending.pop()
        for other, names in named_by.items():
            if at in names and other not in found:
                found.add(other)
                pending.append(other)
    return sorted(found - {key})
