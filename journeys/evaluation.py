"""A predicate evaluated in memory over a `Snapshot`: the reference that the SQL is tested against.

Written for plainness, not speed: every leaf looks at all of its rows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from whenever import Instant

from journeys.comparison import compare_any, number_of, walk
from journeys.durations import parse_duration
from journeys.errors import InvalidInput
from journeys.matching import PropertyFilter, right_sides
from journeys.predicates import (
    AllOf,
    AnyOf,
    Count,
    EventLeaf,
    FieldLeaf,
    MessageLeaf,
    Not,
    NowLeaf,
    NowQuery,
    OrderLeaf,
    ParamLeaf,
    Predicate,
    ReachableLeaf,
    SegmentLeaf,
)
from journeys.scope import STARTING_EVENT, Constant, Scope, StartingParam
from journeys.shifts import Shift
from journeys.snapshot import ContactData, MessageData, Snapshot
from journeys.zones import resolve_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BUILT_IN_FIELDS = {
    "userId": "user_id", "user_id": "user_id", "email": "email", "phone": "phone",
    "timezone": "timezone", "locale": "locale", "created_at": "created_at",
    "updated_at": "updated_at", "last_seen_at": "last_seen_at",
}  # fmt: skip
"""Names of fields that are the contact's own, and not one of its custom `fields`."""
REACHED_STATES = {
    "sent": ("sent_at", "delivered_at", "opened_at", "clicked_at"),
    "delivered": ("delivered_at", "opened_at", "clicked_at"),
    "opened": ("opened_at", "clicked_at"),
    "clicked": ("clicked_at",),
    "failed": ("failed_at",),
}
"""The instants any of which shows that a message reached a state: a later one implies it."""
_COUNT_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge,
    "<": operator.lt, "<=": operator.le,
}  # fmt: skip


def evaluate(predicate: Predicate, snapshot: Snapshot) -> bool:
    """Whether the predicate holds.

    Raises InvalidInput if it names a segment that the snapshot lacks, or one that contains itself.
    """
    return _Evaluation(snapshot, STARTING_EVENT, ()).holds(predicate)


class _Evaluation:
    def __init__(self, snapshot: Snapshot, scope: Scope, inside: tuple[str, ...]) -> None:
        self._at = snapshot
        self._scope = scope
        self._inside = inside

    def holds(self, predicate: Predicate) -> bool:  # noqa: C901, PLR0911 (one a leaf)
        at = self._at
        match predicate:
            case AllOf():
                return all(self.holds(part) for part in predicate.all)
            case AnyOf():
                return any(self.holds(part) for part in predicate.any)
            case Not():
                return not self.holds(predicate.not_)
            case FieldLeaf():
                return self._compare(field_values(at.contact, predicate.field), predicate)
            case ParamLeaf():
                return self._compare(self._param_values(predicate.param), predicate)
            case EventLeaf():
                return self._event(predicate)
            case OrderLeaf():
                return self._order(predicate)
            case SegmentLeaf():
                return self._segment(predicate)
            case MessageLeaf():
                return _message(predicate, at.messages)
            case ReachableLeaf():
                return _reachable(predicate.reachable, at.contact, at.device_platforms)
            case NowLeaf():
                return _now(predicate.now, at)

    def _compare(self, candidates: Sequence[Any], leaf: FieldLeaf | ParamLeaf) -> bool:
        rights = right_sides(leaf.op, self._scope.value(leaf.value), self._at.params)
        return compare_any(candidates, leaf.op, rights, self._at.now)

    def _param_values(self, name: str) -> Sequence[Any]:
        match self._scope.source(name):
            case Constant(value=value):
                return [value]
            case StartingParam(name=outer):
                return walk(self._at.params, outer)
            case None:
                return []

    def _since(self, within: str | None) -> Callable[[datetime], bool]:
        if within is None:
            return lambda _: True
        if within == "journey":
            start = self._at.journey_started_at
            return lambda moment: start is not None and moment >= start
        start = Shift.back(parse_duration(within)).from_(self._at.now)
        return lambda moment: moment >= start

    def _event(self, leaf: EventLeaf) -> bool:
        where, since = PropertyFilter(leaf.where, self._scope), self._since(leaf.within)
        count = sum(
            event.name == leaf.event
            and since(event.timestamp)
            and where.matches(event.properties, params=self._at.params, now=self._at.now)
            for event in self._at.events
        )
        return _counts(count, leaf.times)

    def _order(self, leaf: OrderLeaf) -> bool:
        query = leaf.order
        where, since = PropertyFilter(query.where, self._scope), self._since(query.within)
        orders = [
            order
            for order in self._at.orders
            if (not query.status or order.status in query.status)
            and since(order.timestamp)
            and where.matches(order.properties(), params=self._at.params, now=self._at.now)
        ]
        total = sum((order.total or Decimal(0) for order in orders), Decimal(0))
        times = query.times or (None if query.total else Count(value=1))
        return (times is None or _counts(len(orders), times)) and (
            query.total is None or _counts(total, query.total)
        )

    def _segment(self, leaf: SegmentLeaf) -> bool:
        if leaf.segment in self._inside:
            raise InvalidInput(f"segment {leaf.segment!r} contains itself")
        segment = self._at.segments.get(leaf.segment)
        if segment is None:
            raise InvalidInput(f"there is no segment {leaf.segment!r}")
        if isinstance(segment, bool):
            return segment
        scope = self._scope.inside(leaf.params)
        return _Evaluation(self._at, scope, (*self._inside, leaf.segment)).holds(segment)


def field_values(contact: ContactData, name: str) -> list[Any]:
    """The values of a field of the contact; none if it has no such field."""
    built_in = BUILT_IN_FIELDS.get(name)
    return [getattr(contact, built_in)] if built_in else walk(contact.fields, name)


def _counts(number: int | Decimal, count: Count) -> bool:
    bound = number_of(count.value)
    return bound is not None and _COUNT_OPS[count.op](number, bound)


def _message(leaf: MessageLeaf, messages: Sequence[MessageData]) -> bool:
    query = leaf.message

    def reached(message: MessageData) -> bool:
        return any(getattr(message, moment) for moment in REACHED_STATES[query.state]) and (
            query.link is None or query.link in message.links
        )

    if query.block == "all":
        return bool(messages) and all(map(reached, messages))
    if query.block == "last":
        return bool(messages) and reached(max(messages, key=lambda message: message.visit))
    return any(reached(message) for message in messages if message.block == query.block)


def _reachable(channel: str, contact: ContactData, platforms: Sequence[str | None]) -> bool:
    reached: Mapping[str, bool] = {
        "email": bool(contact.email),
        "sms": bool(contact.phone),
        "in_app": bool(contact.user_id),
        "inbox": bool(contact.user_id),
        "push": any(platform != "web" for platform in platforms),
        "web_push": "web" in platforms,
        "webhook": True,
    }
    return reached[channel]


def _now(query: NowQuery, at: Snapshot) -> bool:
    zone = resolve_zone(
        query.timezone, contact_zone=at.contact.timezone, workspace_zone=at.workspace_zone
    )
    local = Instant(at.now).to_tz(zone).to_plain().to_stdlib()
    if query.weekdays and WEEKDAYS[local.weekday()] not in query.weekdays:
        return False
    if query.date is not None and local.date().isoformat() != query.date:
        return False
    clock = local.time()
    after_from = query.from_ is None or clock >= time.fromisoformat(query.from_)
    before_to = query.to in (None, "24:00") or clock < time.fromisoformat(query.to)
    if query.from_ is not None and query.to is not None and query.from_ > query.to:
        return after_from or before_to
    return after_from and before_to
