"""How many rows, and their sum, compared with a number, without counting further than needed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import ceil, floor
from typing import Any

from sqlalchemy import Numeric, Select, exists, false, func, not_, select, true
from sqlalchemy.sql.elements import ColumnElement

from journeys.comparison import number_of
from journeys.predicates import Count
from storage.predicate_sql.values import Condition, number

MOST = 2**31
"""No contact has as many facts: "at least" more than this is never true."""

_OPS = {"=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


Each = Callable[[str, int], Condition]
"""`each(">=", 3)`: whether the contact is among those who have so many, all counted together."""


def counts(  # noqa: PLR0911 (one an op)
    rows: Select[Any], count: Count, each: Each | None = None
) -> Condition:
    """Whether the number of `rows` is as `count` says; `each` takes over where it must count."""
    bound = number_of(count.value)
    if bound is None:
        return false()
    match count.op:
        case ">=":
            return _at_least(rows, ceil(bound), each)
        case ">":
            return _at_least(rows, floor(bound) + 1, each)
        case "<":
            return not_(_at_least(rows, ceil(bound), each))
        case "<=":
            return not_(_at_least(rows, floor(bound) + 1, each))
        case "=":
            return _exactly(rows, bound, each)
        case "!=":
            return not_(_exactly(rows, bound, each))


def deciding_rows(count: Count) -> tuple[int, int] | None:
    """Which rows, the newest first, decide when rows only ever go, the oldest first.

    As (how many to pass over, how many to look at): the answer can change only as one of them
    goes. None if it cannot.
    """
    bound = number_of(count.value)
    if bound is None:
        return None
    if count.op in ("=", "!="):
        wanted = floor(bound)
        if wanted != bound or not 0 <= wanted <= MOST:
            return None
        return (wanted - 1, 2) if wanted else (0, 1)
    least = ceil(bound) if count.op in (">=", "<") else floor(bound) + 1
    return (least - 1, 1) if 0 < least <= MOST else None


def is_so_many(so_many: ColumnElement[int], count: Count) -> Condition:
    """Whether a number of rows, counted no further than past the deciding ones, is as wanted."""
    bound = number_of(count.value)
    return (
        false() if bound is None else so_many.op(_OPS[count.op], is_comparison=True)(number(bound))
    )


def _at_least(rows: Select[Any], number_of_rows: int, each: Each | None) -> Condition:
    if number_of_rows <= 0:
        return true()
    if number_of_rows == 1:
        return exists(rows)
    if number_of_rows > MOST:
        return false()
    if each is not None:
        return each(">=", number_of_rows)
    return _counted(rows, number_of_rows) == number_of_rows


def _exactly(rows: Select[Any], bound: int | Decimal, each: Each | None) -> Condition:
    wanted = floor(bound)
    if wanted != bound or not 0 <= wanted <= MOST:
        return false()
    if wanted == 0:
        return not_(exists(rows))
    return _counted(rows, wanted + 1) == wanted if each is None else each("=", wanted)


def _counted(rows: Select[Any], limit: int) -> ColumnElement[int]:
    return select(func.count()).select_from(rows.limit(limit).subquery()).scalar_subquery()


def total_is(rows: Select[Any], amount: ColumnElement[Any], count: Count) -> Condition:
    """Whether the sum of `amount` over `rows` is as `count` says; of no rows it is 0."""
    bound = number_of(count.value)
    if bound is None:
        return false()
    total = func.coalesce(func.sum(amount), 0, type_=Numeric())
    summed = rows.with_only_columns(total, maintain_column_froms=False).scalar_subquery()
    return summed.op(_OPS[count.op], is_comparison=True)(number(bound))
