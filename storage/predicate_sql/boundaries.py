"""When a comparison with a moment that moves with the clock changes its answer.

`field after -P3D` compares with three days ago: it ends three days after what the field says. The
shapes of left sides are those of `storage.predicate_sql.comparison`.
"""

from __future__ import annotations

from sqlalchemy import column, func, select
from sqlalchemy.dialects.postgresql import JSONB

from journeys.comparison import Operand
from journeys.predicates import LIST_OPS
from journeys.scope import Constant, Source
from storage.predicate_sql.comparison import as_list
from storage.predicate_sql.instants import Moving, earliest
from storage.predicate_sql.values import INSTANT, Expression, member, walked

_EQUALITIES = LIST_OPS | {"=", "!="}
_ENDS_AT = frozenset({">", "<=", "after"})
"""Change as the moving moment comes to the left side; `_ENDS_PAST` as it goes past it."""
_ENDS_PAST = frozenset({"<", ">=", "before"})


class Boundaries:
    """An op and its right side; for a left side, the candidates for the next change."""

    def __init__(
        self, op: str, source: Source | None, *, params: Expression, now: Expression
    ) -> None:
        self._op = op
        self._source = source
        self._params = params
        self._now = now

    def instant(self, left: Expression) -> list[Expression]:
        """Of a `timestamptz`, which equality compares as an instant too."""
        if self._op not in _EQUALITIES | _ENDS_AT | _ENDS_PAST:
            return []
        return self._reached(left)

    def json(self, left: Expression) -> list[Expression]:
        """Of a `jsonb` value, which equals a duration only by its characters."""
        if self._op not in _ENDS_AT | _ENDS_PAST:
            return []
        return self._reached(func.sojourn_instant(left, type_=INSTANT))

    def named(self, document: Expression, name: str) -> list[Expression]:
        """Of the values that a (dotted) name leads to in a JSON object."""
        if "." not in name:
            return self.json(member(document, name))
        return self.walked(document, name)

    def walked(self, document: Expression, name: str) -> list[Expression]:
        """Like `named`, for a document that may also be a list."""
        found, value = walked(document, name)
        candidates = self.json(value)
        if not candidates:
            return []
        first = func.min(earliest(candidates, self._now), type_=INSTANT)
        return [select(first).select_from(found).correlate_except(found).scalar_subquery()]

    def _reached(self, left: Expression) -> list[Expression]:
        """When the right side comes to an instant, or goes past it."""
        match self._source:
            case None:
                return []
            case Constant(value=value):
                shifts = [item.shift for item in Operand(value).elements if item.shift is not None]
                moving = [Moving.by(shift, self._now) for shift in shifts]
                return [
                    one for each in moving if each is not None for one in self._around(each, left)
                ]
            case _:
                return [self._by_reference(left, self._source.name)]

    def _around(self, moving: Moving, left: Expression) -> list[Expression]:
        at = [] if self._op in _ENDS_PAST else [moving.reaches(left)]
        past = [] if self._op in _ENDS_AT else [moving.reaches(left, passing=True)]
        return at + past

    def _by_reference(self, left: Expression, name: str) -> Expression:
        """With what the starting event's property says, if that is a duration."""
        found, value = walked(self._params, name)
        items = func.jsonb_array_elements(as_list(value))
        item = items.table_valued(column("value", JSONB()), joins_implicitly=True).render_derived()
        candidates = self._around(Moving.at(item.c.value, self._now), left)
        first = func.min(earliest(candidates, self._now), type_=INSTANT)
        return (
            select(first).select_from(found, item).correlate_except(found, item).scalar_subquery()
        )
