"""The answer of a predicate and when it can change, from one look where one is enough.

Compiled apart, an event leaf asks the same index twice: once whether it holds, once until when. To
who judges everybody that is nearly half of the work, and a segment is often just such a leaf.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import FromClause, not_
from sqlalchemy.sql.elements import ColumnElement

from journeys.predicates import EventLeaf, Not, Predicate, SegmentLeaf
from journeys.scope import STARTING_EVENT, Scope
from storage.predicate_sql.changes import changes_at
from storage.predicate_sql.compiler import compile_predicate
from storage.predicate_sql.context import SqlContext
from storage.predicate_sql.instants import earliest
from storage.predicate_sql.values import Condition
from storage.predicate_sql.windows import OneLook, Windows


@dataclass(frozen=True)
class Judgement:
    """Expressions over a row of `context.contact`, joined to the rows of `look` if there is one."""

    holds: Condition
    changes_at: ColumnElement[datetime] | None
    look: FromClause | None = None


def judge(predicate: Predicate, context: SqlContext) -> Judgement:
    """What `compile_predicate` and `changes_at` say, for a statement that wants both.

    `look` is to be joined laterally to the contacts and gives one row for each. Raises
    InvalidInput as `compile_predicate` does.
    """
    holds, changes = compile_predicate(predicate, context), changes_at(predicate, context)
    look = _one_look(predicate, context, STARTING_EVENT)
    if look is None:
        return Judgement(holds, changes)
    return Judgement(look.holds, earliest([look.changes_at], context.now), look.rows)


def _one_look(predicate: Predicate, context: SqlContext, scope: Scope) -> OneLook | None:
    match predicate:
        case EventLeaf():
            return Windows(context, scope).in_one_look(predicate)
        case Not(not_=part):
            look = _one_look(part, context, scope)
            return look and OneLook(look.rows, not_(look.holds), look.changes_at)
        case SegmentLeaf(segment=key, params=params):
            segment = context.segments.get(key)
            if isinstance(segment, UUID):
                return None
            return _one_look(segment, context, scope.inside(params))
        case _:
            return None
