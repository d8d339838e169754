"""One comparison as SQL: `left op right`, by the rules of `journeys.comparison`.

A condition made here is true, false or null, and null means false: whoever negates it makes it
definite first. What is known from the definition is compiled into plain operators; the rest is left
to the functions of migration 0002.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import (
    Boolean,
    Exists,
    False_,
    Numeric,
    Text,
    True_,
    and_,
    any_,
    case,
    column,
    exists,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy import literal_column as raw
from sqlalchemy.dialects.postgresql import JSONB, array

from journeys.comparison import BOOLEAN_TEXTS, Operand
from journeys.predicates import LIST_OPS
from journeys.scope import Constant, Source
from storage.predicate_sql.values import (
    INSTANT,
    Condition,
    Expression,
    instant,
    json_,
    member,
    number,
    object_,
    shifted,
    text_,
    walked,
)

_ORDER: dict[str, str] = {
    "=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<=", "before": "<", "after": ">",
}  # fmt: skip

MOST_CONTAINED = 30
"""Each value takes a look at the index; of more, one comparison with all of them is cheaper."""


def definite(condition: Condition) -> Condition:
    """The condition with null made false, so that it can be negated."""
    if isinstance(condition, Exists | True_ | False_):
        return condition
    return func.coalesce(condition, false(), type_=Boolean())


def any_value(
    document: Expression, name: str, holds: Callable[[Expression], Condition]
) -> Condition:
    """Whether `holds` of any value that a (dotted) name leads to in a JSON document.

    The document is an object unless the name is dotted.
    """
    if "." not in name:
        return holds(member(document, name))
    return any_walked(document, name, holds)


def any_walked(
    document: Expression, name: str, holds: Callable[[Expression], Condition]
) -> Condition:
    """Like `any_value`, for a document that may also be a list."""
    found, value = walked(document, name)
    return exists(select(raw("1")).select_from(found).where(holds(value)).correlate_except(found))


def present(value: Expression) -> Condition:
    """Whether a `jsonb` value is there and not null."""
    return func.jsonb_typeof(value) != raw("'null'")


class Comparison:
    """An op and its right side, to be applied to left sides of several types."""

    def __init__(
        self, op: str, source: Source | None, *, params: Expression, now: Expression
    ) -> None:
        self._op = op
        self._source = source
        self._params = params
        self._now = now
        self._constant = Operand(source.value) if isinstance(source, Constant) else None

    def settle(self, found: Condition) -> Condition:
        """Make the answer over all candidates definite, given whether any of them `found`.

        `missing` looks for presence like `exists`, and is turned round here.
        """
        return not_(definite(found)) if self._op == "missing" else definite(found)

    def json(self, left: Expression) -> Condition:
        """Compare a `jsonb` value."""
        if self._op in ("exists", "missing"):
            return present(left)
        if self._constant is None:
            return self._by_reference(
                lambda right: func.sojourn_compare(
                    left, raw(f"'{self._op}'"), right, self._now, type_=Boolean()
                )
            )
        if not self._constant.present:
            return false()
        return self._json_with(left, self._constant)

    def text(self, left: Expression) -> Condition:
        """Compare a `text` column: strings with strings plainly, so that an index serves."""
        operand = self._constant
        if self._op in ("exists", "missing"):
            return left.is_not(None)
        if operand is not None and (
            self._op == "in" or (self._op == "=" and isinstance(operand.value, str))
        ):
            values = [item.value for item in operand.elements if item.present]
            if values and all(isinstance(value, str) for value in values):
                return any_of(left, [text_(value) for value in values])
        return self.json(func.to_jsonb(left, type_=JSONB()))

    def contained(self, document: Expression, name: str) -> Condition | None:
        """Whether the value of a key equals a constant text or boolean, as containment.

        The same as `json` of that member, which a GIN index does not serve. None if this cannot be
        put so: for a number, which equals all the texts that spell it, or for very many values.
        """
        if self._constant is None or self._op not in ("=", "in") or "." in name:
            return None
        elements = [item for item in self._constant.elements if item.present]
        if self._op == "=" and isinstance(self._constant.value, list):
            return None
        if not all(isinstance(item.value, str | bool) for item in elements):
            return None
        values = list(chain.from_iterable(map(_spellings, elements)))
        if len(values) > MOST_CONTAINED:
            return None
        return or_(false(), *(document.contains(object_(name, value)) for value in values))

    def text_ignoring_case(self, left: Expression) -> list[Condition]:
        """What else is true of a text that equals a constant: for an index of `lower(...)`."""
        operand = self._constant
        if operand is None or self._op not in ("=", "in"):
            return []
        values = [item.value for item in operand.elements if item.present]
        if not values or not all(isinstance(value, str) for value in values):
            return []
        return [any_of(func.lower(left), [func.lower(text_(value)) for value in values])]

    def instant(self, left: Expression) -> Condition:
        """Compare a `timestamptz` column."""
        if self._op in ("exists", "missing"):
            return left.is_not(None)
        if self._constant is None:
            return self._by_reference(lambda right: self._instant_by_reference(left, right))
        if not self._constant.present or self._op in ("contains", "starts_with", "ends_with"):
            return false()
        moments = [self._moment(item) for item in self._constant.elements]
        known = [moment for moment in moments if moment is not None]
        if self._op in ("in", "not_in", "=", "!="):
            if self._op in ("=", "!=") and isinstance(self._constant.value, list):
                known = []
            equal = any_of(left, known)
            return equal if self._op in ("in", "=") else and_(left.is_not(None), not_(equal))
        return left.op(_ORDER[self._op], is_comparison=True)(known[0]) if known else false()

    def _moment(self, operand: Operand) -> Expression | None:
        if operand.shift is not None:
            return shifted(self._now, operand.shift)
        return None if operand.instant is None else instant(operand.instant)

    def _by_reference(self, holds: Callable[[Expression], Condition]) -> Condition:
        """Apply `holds` to the right side found in the starting event's properties."""
        if self._source is None or isinstance(self._source, Constant):
            return false()
        name = self._source.name
        if self._op in LIST_OPS and "." in name:
            return holds(func.sojourn_values(self._params, text_(name), type_=JSONB()))
        return any_value(self._params, name, holds)

    def _instant_by_reference(self, left: Expression, right: Expression) -> Condition:
        if self._op in ("contains", "starts_with", "ends_with"):
            return false()
        if self._op in LIST_OPS:
            items = func.jsonb_array_elements(as_list(right))
            item = items.table_valued(column("value", JSONB())).render_derived()
            equal = exists(
                select(raw("1"))
                .select_from(item)
                .where(left == func.sojourn_moment(item.c.value, self._now, type_=INSTANT))
                .correlate_except(item)
            )
            there = and_(left.is_not(None), present(right))
            return and_(there, equal if self._op == "in" else not_(equal))
        moment = func.sojourn_moment(right, self._now, type_=INSTANT)
        if self._op == "!=":
            return and_(left.is_not(None), present(right), left.is_distinct_from(moment))
        return left.op(_ORDER[self._op], is_comparison=True)(moment)

    def _json_with(self, left: Expression, right: Operand) -> Condition:
        """Compare with a constant, by plain operators where they mean the same."""
        match self._op:
            case "=" | "!=" | "in" | "not_in":
                if self._op in ("=", "!=") and isinstance(right.value, list):
                    equal: Condition = false()
                else:
                    equal = _equals_any(left, (item for item in right.elements if item.present))
                if self._op in ("=", "in"):
                    return equal
                return and_(present(left), not_(definite(equal)))
            case "before" | "after":
                moment = self._moment(right)
                return false() if moment is None else self._order(_instant_of(left), moment)
            case "contains" | "starts_with" | "ends_with":
                return func.sojourn_compare(
                    left, raw(f"'{self._op}'"), json_(right.value), self._now, type_=Boolean()
                )
            case _:
                return self._json_ordered(left, right)

    def _json_ordered(self, left: Expression, right: Operand) -> Condition:
        """Order by what the right side reads as."""
        if right.number is not None:
            return self._order(_number_of(left), number(right.number))
        moment = self._moment(right)
        if moment is not None:
            return self._order(_instant_of(left), moment)
        if not isinstance(right.value, str):
            return false()
        spelled = left.op("#>>", return_type=Text())(raw("'{}'")).collate("C")
        return and_(
            func.jsonb_typeof(left) == raw("'string'"), self._order(spelled, text_(right.value))
        )

    def _order(self, left: Expression, right: Expression) -> Condition:
        return left.op(_ORDER[self._op], is_comparison=True)(right)


def _number_of(value: Expression) -> Expression:
    return func.sojourn_number(value, type_=Numeric())


def _instant_of(value: Expression) -> Expression:
    return func.sojourn_instant(value, type_=INSTANT)


def as_list(value: Expression) -> Expression:
    """A `jsonb` value that is a list as it is, any other as a list of it."""
    return case(
        (func.jsonb_typeof(value) == raw("'array'"), value),
        else_=func.jsonb_build_array(value, type_=JSONB()),
    )


def any_of(left: Expression, rights: list[Expression]) -> Condition:
    """Whether `left` equals any of the expressions."""
    if not rights:
        return false()
    return left == rights[0] if len(rights) == 1 else left == any_(array(rights))


def _equals_any(left: Expression, rights: Iterable[Operand]) -> Condition:
    """Whether a `jsonb` value is the same as one of the constants.

    A string or boolean is a short list of JSON values to be equal to (`jsonb` compares numbers by
    value); a number also equals the strings that spell it, which takes a function.
    """
    equal_to: list[Any] = []
    numbers: list[int | Decimal] = []
    for right in rights:
        if isinstance(right.value, str | bool):
            equal_to += _spellings(right)
        elif right.number is not None:
            numbers.append(right.number)
    conditions = []
    if equal_to:
        conditions.append(any_of(left, [json_(value) for value in equal_to]))
    if numbers:
        conditions.append(any_of(_number_of(left), [number(value) for value in numbers]))
    return or_(false(), *conditions)


def _spellings(right: Operand) -> list[Any]:
    """All JSON values that equal a text or a boolean."""
    value = right.value
    if isinstance(value, bool):
        return [value, *(text for text, meaning in BOOLEAN_TEXTS.items() if meaning is value)]
    spellings = [value]
    if value in BOOLEAN_TEXTS:
        spellings.append(BOOLEAN_TEXTS[value])
    if right.number is not None:
        spellings.append(right.number)
    return spellings
