"""When a leaf that counts events or orders can change its answer without a new one.

Rows leave a window as it moves on, the oldest first, so the answer changes as that row leaves on
which the count turns. A window of months may also take back what has just left it, and a `where`
may compare with a moving moment of its own; see `instants` and `boundaries`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, Select, case, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB

from journeys.durations import parse_duration
from journeys.predicates import Count, EventLeaf, OrderQuery, ParamCheck
from journeys.scope import Scope
from journeys.shifts import Shift
from storage.predicate_sql.boundaries import Boundaries
from storage.predicate_sql.context import SqlContext
from storage.predicate_sql.counting import deciding_rows, is_so_many
from storage.predicate_sql.instants import JUMPS_BACK, Moving, earlier, earliest, next_jump
from storage.predicate_sql.leaves import ORDER_INSTANTS, ORDER_TEXTS, Leaves
from storage.predicate_sql.values import INSTANT, Condition, Expression, shifted

Rows = Select[Any]


@dataclass(frozen=True)
class OneLook:
    """A lateral row for a contact, and what it says: the answer and a candidate for its change."""

    rows: FromClause
    holds: Condition
    changes_at: Expression


class Windows:
    """Candidates for the next change of leaves in one context and one scope."""

    def __init__(self, context: SqlContext, scope: Scope) -> None:
        self._context = context
        self._scope = scope
        self._leaves = Leaves(context, scope)

    def event(self, leaf: EventLeaf) -> list[Expression]:
        """Candidates of an event leaf."""
        event, rows = self._leaves.events_of(leaf)
        counted = rows.where(*self._leaves.event_narrowing(leaf, event))
        deciding = deciding_rows(leaf.times)
        found = (
            [] if deciding is None else self._leaving(leaf.within, event, rows, counted, *deciding)
        )
        return found + self._checked(
            leaf.where,
            rows.where(*self._leaves.since(event.c.timestamp, leaf.within)),
            lambda name, boundaries: boundaries.named(event.c.properties, name),
        )

    def in_one_look(self, leaf: EventLeaf) -> OneLook | None:
        """Count the deciding rows and see the oldest of them; None if it takes more than that."""
        deciding = deciding_rows(leaf.times)
        if deciding is None or leaf.within in (None, "journey"):
            return None
        window = Shift.back(parse_duration(str(leaf.within)))
        moving = Moving.by(window, self._context.now)
        if moving is None or window.months:
            return None
        event, rows = self._leaves.events_of(leaf)
        counted = rows.where(*self._leaves.event_narrowing(leaf, event))
        if len(self.event(leaf)) > 1:  # a check of the leaf moves by itself
            return None
        passed_over, looked_at = deciding
        moment = event.c.timestamp
        newest = (
            counted.with_only_columns(moment, maintain_column_froms=True)
            .order_by(moment.desc())
            .limit(passed_over + looked_at)
            .subquery()
        )
        found = (
            select(
                func.count().label("so_many"),
                func.min(newest.c.timestamp, type_=INSTANT).label("oldest"),
            )
            .select_from(newest)
            .correlate_except(newest)
            .lateral()
        )
        leaves = moving.reaches(found.c.oldest, passing=True)
        return OneLook(
            found,
            is_so_many(found.c.so_many, leaf.times),
            case((found.c.so_many > passed_over, leaves)),
        )

    def order(self, query: OrderQuery) -> list[Expression]:
        """Candidates of an order leaf."""
        order, rows = self._leaves.orders_of(query)
        counted = rows.where(*self._leaves.order_narrowing(query, order))
        found = []
        if query.times is not None or query.total is None:
            deciding = deciding_rows(query.times or Count(value=1))
            if deciding is not None:
                found += self._leaving(query.within, order, rows, counted, *deciding)
        if query.total is not None:
            found += self._leaving(query.within, order, rows, counted)
        return found + self._checked(
            query.where,
            rows.where(*self._leaves.since(order.c.timestamp, query.within)),
            lambda name, boundaries: _of_order(order, name, boundaries),
        )

    def _leaving(  # noqa: PLR0917
        self,
        within: str | None,
        table: FromClause,
        rows: Rows,
        counted: Rows,
        passed_over: int = 0,
        looked_at: int | None = None,
    ) -> list[Expression]:
        """When the first of the deciding rows leaves the window; of all, unless told which."""
        if within in (None, "journey"):
            return []
        window = Shift.back(parse_duration(str(within)))
        moving = Moving.by(window, self._context.now)
        if moving is None:
            return []
        moment = table.c.timestamp
        timed = counted.with_only_columns(moment, maintain_column_froms=True)
        if looked_at is None:
            timed = timed.order_by(moment).limit(1)
        else:
            timed = timed.order_by(moment.desc()).offset(passed_over).limit(looked_at)
        deciding = timed.subquery()
        leaves = func.min(moving.reaches(deciding.c.timestamp, passing=True), type_=INSTANT)
        goes = select(leaves).select_from(deciding).correlate_except(deciding)
        found: list[Expression] = [goes.scalar_subquery()]
        if window.months:
            begin = shifted(self._context.now, window)
            just_left = rows.where(moment < begin, moment > earlier(begin, JUMPS_BACK))
            found.append(case((exists(just_left), next_jump(self._context.now))))
        return found

    def _checked(
        self,
        checks: Sequence[ParamCheck],
        rows: Rows,
        find: Callable[[str, Boundaries], list[Expression]],
    ) -> list[Expression]:
        """When a row of the window begins or ceases to pass the checks."""
        context = self._context
        candidates: list[Expression] = []
        for check in checks:
            source = self._scope.value(check.value)
            boundaries = Boundaries(check.op, source, params=context.params, now=context.now)
            candidates += find(check.param, boundaries)
        if not candidates:
            return []
        first = func.min(earliest(candidates, context.now), type_=INSTANT)
        return [rows.with_only_columns(first, maintain_column_froms=True).scalar_subquery()]


def _of_order(order: FromClause, name: str, boundaries: Boundaries) -> list[Expression]:
    """By the names of `journeys.snapshot.order_properties`."""
    head, _, rest = name.partition(".")
    if name in ORDER_TEXTS:
        return boundaries.json(func.to_jsonb(order.c[ORDER_TEXTS[name]], type_=JSONB()))
    if name in ORDER_INSTANTS:
        return boundaries.instant(order.c[name])
    return boundaries.walked(order.c["items"], rest) if head == "items" and rest else []
