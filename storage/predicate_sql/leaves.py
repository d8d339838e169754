"""Each leaf of a predicate as a boolean SQL expression over a row of `contacts`.

All that comes out is true or false, never null; only to one who searches, a field may give null for
false, so that an index can serve. Facts are reached through the indexes that begin with
`contact_id`; counting stops as soon as the answer is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    FromClause,
    Select,
    Text,
    Time,
    and_,
    cast,
    exists,
    extract,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy import literal_column as raw
from sqlalchemy.dialects.postgresql import JSONB

from journeys.durations import parse_duration
from journeys.evaluation import BUILT_IN_FIELDS, REACHED_STATES, WEEKDAYS
from journeys.predicates import (
    Count,
    EventLeaf,
    FieldLeaf,
    MessageQuery,
    NowQuery,
    OrderQuery,
    ParamCheck,
    ParamLeaf,
)
from journeys.scope import Constant, Scope, StartingParam
from journeys.shifts import Shift
from journeys.zones import CONTACT
from storage.predicate_sql.comparison import Comparison, any_of, any_value, any_walked
from storage.predicate_sql.context import SqlContext
from storage.predicate_sql.counting import Each, counts, total_is
from storage.predicate_sql.values import Condition, Expression, json_, shifted, text_
from storage.tables import Device, Event, Message, MessageClick, Order, SegmentMember

ORDER_TEXTS = {
    "orderId": "order_id", "order_id": "order_id", "status": "status", "currency": "currency",
}  # fmt: skip
ORDER_INSTANTS = ("timestamp", "created_at", "updated_at")


def _alias(table: type) -> FromClause:
    return table.__table__.alias()  # type: ignore[attr-defined,no-any-return]


class Leaves:
    """Compiles leaves in one context and one scope."""

    def __init__(
        self,
        context: SqlContext,
        scope: Scope,
        *,
        searching: bool = False,
        null_is_false: bool = False,
    ) -> None:
        """`searching`: contacts are to be found, not to be asked about one by one."""
        self._context = context
        self._scope = scope
        self._searching = searching
        self._null_is_false = null_is_false

    def _comparison(self, check: FieldLeaf | ParamCheck) -> Comparison:
        source = self._scope.value(check.value)
        return Comparison(check.op, source, params=self._context.params, now=self._context.now)

    def field(self, leaf: FieldLeaf) -> Condition:
        """A built-in or custom field of the contact."""
        comparison = self._comparison(leaf)
        row = self._context.contact.c
        name = BUILT_IN_FIELDS.get(leaf.field)
        if name is None:
            contained = (
                comparison.contained(row.fields, leaf.field) if self._null_is_false else None
            )
            if contained is not None:
                return contained
            holds = any_value(row.fields, leaf.field, comparison.json)
        elif isinstance(row[name].type, DateTime):
            holds = comparison.instant(row[name])
        else:
            holds = comparison.text(row[name])
            if self._null_is_false and name == "email":
                holds = and_(holds, *comparison.text_ignoring_case(row.email))
        if self._null_is_false and leaf.op != "missing":
            return holds
        return comparison.settle(holds)

    def param(self, leaf: ParamLeaf) -> Condition:
        """A property of the starting event, or what the segment leaf bound to the name."""
        comparison = self._comparison(leaf)
        match self._scope.source(leaf.param):
            case StartingParam(name=name):
                found = any_value(self._context.params, name, comparison.json)
            case Constant(value=value):
                found = comparison.json(json_(value))
            case None:
                found = false()
        return comparison.settle(found)

    def since(self, moment: Expression, within: str | None) -> list[Condition]:
        """That a moment lies in the window."""
        if within is None:
            return []
        if within == "journey":
            return [moment >= self._context.journey_started_at]
        window = Shift.back(parse_duration(within))
        return [moment >= shifted(self._context.now, window)]

    def events_of(self, leaf: EventLeaf) -> tuple[FromClause, Select[Any]]:
        """The contact's events of the leaf's name: the table, and a statement to be narrowed."""
        event = _alias(Event)
        rows: Select[Any] = select(raw("1")).select_from(event).correlate_except(event)
        whose = event.c.contact_id == self._context.contact.c.id
        if self._searching:
            whose = and_(whose, *_searched(event, self._context.contact))
        return event, rows.where(whose, event.c.name == text_(leaf.event))

    def event(self, leaf: EventLeaf) -> Condition:
        """How often an event happened."""
        event, rows = self.events_of(leaf)
        narrowing = self.event_narrowing(leaf, event)
        named = [event.c.name == text_(leaf.event), event.c.depth >= raw("0")]
        each = self._each(event, [*named, *narrowing])
        return counts(rows.where(*narrowing), leaf.times, each)

    def _each(self, table: FromClause, conditions: Sequence[Condition]) -> Each | None:
        """To one who searches: count the rows of all contacts together, and look up who has them.

        For one contact the planner takes the contact into the subquery, so it costs no more.
        """
        if not self._searching:
            return None
        whose = (table.c.workspace_id, table.c.contact_id)
        row = self._context.contact.c

        def have(op: str, number_of_rows: int) -> Condition:
            so_many = func.count().op(op, is_comparison=True)(number_of_rows)
            rows = select(*whose).where(*conditions).correlate_except(table)
            groups = rows.group_by(*whose).having(so_many).subquery()
            return exists(
                select(raw("1"))
                .select_from(groups)
                .where(groups.c.workspace_id == row.workspace_id, groups.c.contact_id == row.id)
                .correlate_except(groups)
            )

        return have

    def event_narrowing(self, leaf: EventLeaf, event: FromClause) -> list[Condition]:
        """The window and the `where` of an event leaf."""
        return [
            *self.since(event.c.timestamp, leaf.within),
            *self._checks(
                leaf.where,
                lambda name, comparison: any_value(event.c.properties, name, comparison.json),
            ),
        ]

    def _checks(
        self, checks: Iterable[ParamCheck], find: Callable[[str, Comparison], Condition]
    ) -> list[Condition]:
        conditions = []
        for check in checks:
            comparison = self._comparison(check)
            conditions.append(comparison.settle(find(check.param, comparison)))
        return conditions

    def orders_of(self, query: OrderQuery) -> tuple[FromClause, Select[Any]]:
        """The contact's orders of these states: the table, and a statement to be narrowed."""
        order = _alias(Order)
        rows: Select[Any] = select(raw("1")).select_from(order).correlate_except(order)
        whose = order.c.contact_id == self._context.contact.c.id
        return order, rows.where(whose, *_in_states(order, query))

    def order(self, query: OrderQuery) -> Condition:
        """How many orders there are, and what they sum up to."""
        order, rows = self.orders_of(query)
        narrowing = self.order_narrowing(query, order)
        rows = rows.where(*narrowing)
        conditions = []
        if query.times is not None or query.total is None:
            each = self._each(order, [*_in_states(order, query), *narrowing])
            conditions.append(counts(rows, query.times or Count(value=1), each))
        if query.total is not None:
            conditions.append(total_is(rows, order.c.total, query.total))
        return and_(*conditions)

    def order_narrowing(self, query: OrderQuery, order: FromClause) -> list[Condition]:
        """The window and the `where` of an order leaf."""
        return [
            *self.since(order.c.timestamp, query.within),
            *self._checks(
                query.where, lambda name, comparison: _order_value(order, name, comparison)
            ),
        ]

    def static_segment(self, segment_id: UUID) -> Condition:
        """Whether the contact is on a static list."""
        member = _alias(SegmentMember)
        return exists(
            select(raw("1"))
            .select_from(member)
            .where(
                member.c.segment_id == segment_id,
                member.c.contact_id == self._context.contact.c.id,
            )
            .correlate_except(member)
        )

    def message(self, query: MessageQuery) -> Condition:
        """What became of the messages of this journey."""
        message = _alias(Message)
        of_journey: Select[Any] = (
            select(raw("1"))
            .select_from(message)
            .where(message.c.journey_id == self._context.journey_id)
            .correlate_except(message)
        )
        if query.block == "all":
            return and_(
                exists(of_journey), not_(exists(of_journey.where(not_(_reached(message, query)))))
            )
        if query.block == "last":
            last = (
                of_journey.with_only_columns(*message.c)
                .order_by(message.c.visit.desc())
                .limit(1)
                .subquery()
            )
            return exists(select(raw("1")).select_from(last).where(_reached(last, query)))
        return exists(
            of_journey.where(message.c.block == text_(query.block), _reached(message, query))
        )

    def reachable(self, channel: str) -> Condition:
        """Whether the contact has an address on the channel."""
        row = self._context.contact.c
        device = _alias(Device)
        devices: Select[Any] = (
            select(raw("1"))
            .select_from(device)
            .where(device.c.contact_id == row.id)
            .correlate_except(device)
        )
        web: Expression = raw("'web'")
        match channel:
            case "email":
                return func.coalesce(row.email, "") != ""
            case "sms":
                return func.coalesce(row.phone, "") != ""
            case "in_app" | "inbox":
                return func.coalesce(row.user_id, "") != ""
            case "push":
                return exists(devices.where(device.c.platform.is_distinct_from(web)))
            case "web_push":
                return exists(devices.where(device.c.platform == web))
            case _:
                return true()

    def local(self, query: NowQuery, moment: Expression) -> Expression:
        """What the calendar and the clock on the wall show at a moment, as a `timestamp`."""
        context = self._context
        zone = context.contact.c.timezone
        wanted = zone if query.timezone == CONTACT else text_(query.timezone)
        return func.timezone(
            func.sojourn_zone(wanted, context.workspace_zone), moment, type_=DateTime()
        )

    def now(self, query: NowQuery) -> Condition:
        """What the clock and the calendar show in a zone."""
        local = self.local(query, self._context.now)
        conditions: list[Condition] = []
        if query.weekdays:
            days = [WEEKDAYS.index(day) + 1 for day in query.weekdays]
            conditions.append(extract("isodow", local).in_([raw(str(day)) for day in days]))
        if query.date is not None:
            # As text: a date that the calendar lacks is no error, it is just never reached.
            conditions.append(cast(cast(local, Date()), Text()) == text_(query.date))
        clock = cast(local, Time())
        hours = []
        if query.from_ is not None:
            hours.append(clock >= cast(text_(query.from_), Time()))
        if query.to is not None:
            hours.append(clock < cast(text_(query.to), Time()))
        spans_midnight = query.from_ and query.to and query.from_ > query.to
        conditions += [or_(*hours)] if spans_midnight else hours
        return and_(true(), *conditions)


def _searched(event: FromClause, contact: FromClause) -> list[Condition]:
    """What is true of every event of the contact, and lets `ix_events_name` find who did it."""
    return [event.c.workspace_id == contact.c.workspace_id, event.c.depth >= raw("0")]


def _in_states(order: FromClause, query: OrderQuery) -> list[Condition]:
    statuses = [text_(status) for status in dict.fromkeys(query.status)]
    return [any_of(order.c.status, statuses)] if statuses else []


def _order_value(order: FromClause, name: str, comparison: Comparison) -> Condition:
    """Compare an attribute of an order, by the names of `journeys.snapshot.order_properties`."""
    head, _, rest = name.partition(".")
    if name in ORDER_TEXTS:
        return comparison.text(order.c[ORDER_TEXTS[name]])
    if name in ORDER_INSTANTS:
        return comparison.instant(order.c[name])
    if name == "total":
        return comparison.json(func.to_jsonb(order.c.total, type_=JSONB()))
    if name == "items":
        return comparison.json(order.c["items"])
    if head == "items":
        return any_walked(order.c["items"], rest, comparison.json)
    return false()


def _reached(message: FromClause, query: MessageQuery) -> Condition:
    reached: Condition = or_(
        *(message.c[moment].is_not(None) for moment in REACHED_STATES[query.state])
    )
    if query.link is None:
        return reached
    click = _alias(MessageClick)
    clicked: Select[Any] = (
        select(raw("1"))
        .select_from(click)
        .where(click.c.message_id == message.c.id, click.c.link == text_(query.link))
        .correlate_except(click)
    )
    return and_(reached, exists(clicked))
