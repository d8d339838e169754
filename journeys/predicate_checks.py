"""What is wrong with a predicate that has the right shape.

Names that do not exist, values that no comparison can use, windows where there is no journey.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from whenever import available_timezones

from journeys.comparison import Operand
from journeys.durations import parse_duration
from journeys.errors import Issue
from journeys.paths import Step, closest, json_path, proposal, shown
from journeys.predicates import (
    TIME_OPS,
    AllOf,
    AnyOf,
    EventLeaf,
    FieldLeaf,
    MessageLeaf,
    Not,
    NowLeaf,
    NowQuery,
    OrderLeaf,
    ParamCheck,
    ParamLeaf,
    ParamRef,
    Predicate,
    SegmentLeaf,
)
from journeys.zones import CONTACT, is_known_zone

Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Names:
    """What a predicate may name."""

    segments: Collection[str]
    senders: Collection[str] | None = None
    """The ids of the blocks that send messages; None where there is no journey (a segment)."""


def check_predicate(predicate: Predicate, names: Names, *, at: Sequence[Step] = ()) -> list[Issue]:
    """Find the issues of a predicate; `at` are the steps that lead to it."""
    return list(_issues(predicate, names, tuple(at)))


def _issues(  # noqa: C901 (one branch a kind of predicate)
    predicate: Predicate, names: Names, at: Steps
) -> Iterable[Issue]:
    match predicate:
        case AllOf(all=inner):
            for index, one in enumerate(inner):
                yield from _issues(one, names, (*at, "all", index))
        case AnyOf(any=inner):
            for index, one in enumerate(inner):
                yield from _issues(one, names, (*at, "any", index))
        case Not(not_=inner_one):
            yield from _issues(inner_one, names, (*at, "not"))
        case EventLeaf(where=where, within=within):
            yield from check_filter(where, (*at, "where"))
            yield from _window(within, names, (*at, "within"))
        case OrderLeaf(order=order):
            yield from check_filter(order.where, (*at, "order", "where"))
            yield from _window(order.within, names, (*at, "order", "within"))
        case SegmentLeaf(segment=segment):
            yield from check_segment(segment, names.segments, (*at, "segment"))
        case MessageLeaf():
            yield from _message(predicate, names, at)
        case NowLeaf(now=now):
            yield from _now(now, (*at, "now"))
        case FieldLeaf() | ParamLeaf():
            yield from _comparison(predicate, at)


def check_filter(checks: Sequence[ParamCheck], at: Steps) -> Iterable[Issue]:
    """Find the issues of a `where`, the list that lies at `at`."""
    for index, check in enumerate(checks):
        yield from _comparison(check, (*at, index))


def check_segment(key: str, segments: Collection[str], at: Steps) -> Iterable[Issue]:
    """Find out whether there is a segment of this key."""
    if key not in segments:
        yield Issue(json_path(at), f"there is no segment '{key}'; {proposal(key, segments)}")


def check_zone(name: str, at: Steps) -> Iterable[Issue]:
    """Find out whether this is `contact` or the name of a zone."""
    if name != CONTACT and not is_known_zone(name):
        guess = closest(name, _zone_names())
        right = f"did you mean '{guess}'?" if guess else "use one such as Europe/Kyiv, or 'contact'"
        yield Issue(json_path(at), f"there is no time zone {shown(name)}; {right}")


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())  # reads a directory


def check_positive(duration: str | None, at: Steps) -> Iterable[Issue]:
    """Find out whether a duration that must lead forward does."""
    if duration is not None and parse_duration(duration).sign() <= 0:
        yield Issue(json_path(at), f"'{duration}' must be longer than zero, such as P1D")


def _comparison(check: FieldLeaf | ParamCheck, at: Steps) -> Iterable[Issue]:
    if check.op not in TIME_OPS or isinstance(check.value, ParamRef):
        return
    operand = Operand(check.value)
    if operand.instant is None and operand.shift is None:
        yield Issue(
            json_path((*at, "value")),
            f"'{check.op}' compares moments: write a date such as 2026-12-24, a date-time such as"
            " 2026-12-24T10:00:00Z, or a duration from now such as -P3D",
        )


def _window(within: str | None, names: Names, at: Steps) -> Iterable[Issue]:
    if within == "journey":
        if names.senders is None:
            yield Issue(json_path(at), "'journey' has no meaning in a segment: use one such as P7D")
    else:
        yield from check_positive(within, at)


def _message(leaf: MessageLeaf, names: Names, at: Steps) -> Iterable[Issue]:
    block, path = leaf.message.block, json_path((*at, "message", "block"))
    if names.senders is None:
        if block != "all":
            yield Issue(path, "outside a workflow there are no blocks: use 'all'")
    elif block not in names.senders and block not in ("last", "all"):
        known = [*names.senders, "last", "all"]
        yield Issue(path, f"no block '{block}' sends a message; {proposal(block, known)}")


def _now(now: NowQuery, at: Steps) -> Iterable[Issue]:
    yield from check_zone(now.timezone, (*at, "timezone"))
    if now.from_ is not None and now.from_ == now.to:
        yield Issue(
            json_path((*at, "to")), "'from' and 'to' are equal: no moment lies between them"
        )
    if now.date is not None:
        try:
            date.fromisoformat(now.date)
        except ValueError:
            yield Issue(json_path((*at, "date")), f"there is no date '{now.date}'")
    if now.model_fields_set <= {"timezone"}:
        yield Issue(json_path(at), "'now' needs one of 'weekdays', 'from', 'to' and 'date'")
