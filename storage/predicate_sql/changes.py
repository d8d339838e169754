"""When the answer of a predicate can change by the passing of time alone.

`changes_at` gives an instant no later than the first change: to look again too early costs a look,
to look too late would be an error. Whoever looks again asks for the next instant then.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, and_, case, func, not_, or_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from journeys.evaluation import BUILT_IN_FIELDS
from journeys.predicates import (
    AllOf,
    AnyOf,
    EventLeaf,
    FieldLeaf,
    Not,
    NowLeaf,
    OrderLeaf,
    ParamCheck,
    ParamLeaf,
    Predicate,
    SegmentLeaf,
)
from journeys.scope import STARTING_EVENT, Constant, Scope, StartingParam
from storage.predicate_sql.boundaries import Boundaries
from storage.predicate_sql.compiler import Compiler, compile_predicate
from storage.predicate_sql.context import SqlContext
from storage.predicate_sql.instants import earliest
from storage.predicate_sql.leaves import Leaves
from storage.predicate_sql.values import Condition, Expression, json_
from storage.predicate_sql.wall_clock import clock_changes
from storage.predicate_sql.windows import Windows


def changes_at(predicate: Predicate, context: SqlContext) -> ColumnElement[datetime] | None:
    """The instant after `context.now` until which the answer stays as it is, unless data changes.

    An expression over a row of `context.contact`, null where time changes nothing any more; None if
    no part of the predicate depends on time. Raises InvalidInput as `compile_predicate` does.
    """
    compile_predicate(predicate, context)  # for its checks
    found = _Changes(context).of(predicate, STARTING_EVENT)
    return earliest(found, context.now) if found else None


class _Changes:
    """Candidates for the next change of each part; those that are not after now do not count."""

    def __init__(self, context: SqlContext) -> None:
        self._context = context

    def of(self, predicate: Predicate, scope: Scope) -> list[Expression]:  # noqa: PLR0911
        context = self._context
        match predicate:
            case AllOf(all=parts):
                return self._together(parts, scope, all_of=True)
            case AnyOf(any=parts):
                return self._together(parts, scope, all_of=False)
            case Not(not_=part):
                return self.of(part, scope)
            case SegmentLeaf(segment=key, params=params):
                segment = context.segments.get(key)
                return [] if isinstance(segment, UUID) else self.of(segment, scope.inside(params))
            case FieldLeaf():
                return self._field(predicate, scope)
            case ParamLeaf():
                return self._param(predicate, scope)
            case EventLeaf():
                return Windows(context, scope).event(predicate)
            case OrderLeaf(order=query):
                return Windows(context, scope).order(query)
            case NowLeaf(now=query):
                return clock_changes(query, Leaves(context, scope), context.now)
            case _:
                return []

    def _together(self, parts: list[Predicate], scope: Scope, *, all_of: bool) -> list[Expression]:
        """The parts' instants, if those parts that time does not touch leave the answer open."""
        timed: list[Expression] = []
        fixed: list[Condition] = []
        for part in parts:
            found = self.of(part, scope)
            timed += found
            if not found:
                fixed.append(Compiler(self._context).compile(part, scope, (), 0))
        if not (timed and fixed):
            return timed
        is_open = and_(*fixed) if all_of else not_(or_(*fixed))
        guarded: Expression = case((is_open, earliest(timed, self._context.now)))
        return [guarded]

    def _boundaries(self, check: ParamCheck | FieldLeaf, scope: Scope) -> Boundaries:
        return Boundaries(
            check.op, scope.value(check.value), params=self._context.params, now=self._context.now
        )

    def _field(self, leaf: FieldLeaf, scope: Scope) -> list[Expression]:
        boundaries = self._boundaries(leaf, scope)
        row = self._context.contact.c
        name = BUILT_IN_FIELDS.get(leaf.field)
        if name is None:
            return boundaries.named(row.fields, leaf.field)
        if isinstance(row[name].type, DateTime):
            return boundaries.instant(row[name])
        return boundaries.json(func.to_jsonb(row[name], type_=JSONB()))

    def _param(self, leaf: ParamLeaf, scope: Scope) -> list[Expression]:
        boundaries = self._boundaries(leaf, scope)
        match scope.source(leaf.param):
            case StartingParam(name=name):
                return boundaries.named(self._context.params, name)
            case Constant(value=value):
                return boundaries.json(json_(value))
            case None:
                return []
