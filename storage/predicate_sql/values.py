"""Values of a definition as SQL: texts, numbers, JSON and instants, always bound, never inlined."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    DateTime,
    Double,
    FromClause,
    Integer,
    Numeric,
    Text,
    cast,
    column,
    func,
    literal,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from journeys.comparison import is_present
from journeys.errors import InvalidInput
from journeys.shifts import EARLIEST, LATEST, Shift

INSTANT = DateTime(timezone=True)
Expression = ColumnElement[Any]
Condition = ColumnElement[bool]


def text_(value: str) -> Expression:
    """A `text` parameter. Raises InvalidInput for characters that PostgreSQL cannot hold."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidInput("a text must not contain U+0000 or half of a surrogate pair")
    return literal(value, Text())


def json_(value: Any) -> Expression:
    """A `jsonb` parameter, of a number, text, boolean, null or a list of them."""
    return cast(text_(_spelled(value)), JSONB())


def object_(name: str, value: Any) -> Expression:
    """A `jsonb` parameter, an object of one key."""
    return cast(text_(f"{{{_spelled(name)}:{_spelled(value)}}}"), JSONB())


def _spelled(value: Any) -> str:
    """The value as JSON. Raises InvalidInput as `text_` does."""
    if not is_present(value):
        return "null"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_spelled, value))}]"
    if isinstance(value, str):
        text_(value)
    return json.dumps(value, ensure_ascii=False)


def number(value: int | Decimal) -> Expression:
    """A `numeric` parameter."""
    return literal(Decimal(value), Numeric())


def instant(value: datetime) -> Expression:
    """A `timestamptz` parameter."""
    if value in (EARLIEST, LATEST):
        # asyncpg would send the ends of Python's time as infinite.
        return cast(text_(value.isoformat()), INSTANT)
    return literal(value.astimezone(UTC), INSTANT)


def shifted(start: Expression, shift: Shift) -> Expression:
    """The instant that lies `shift` from `start`."""
    if shift.saturated:
        return instant(shift.limit)
    seconds = shift.sign * (shift.seconds + shift.microseconds / 1_000_000)
    parts = (shift.months, shift.days, shift.hours, shift.minutes)
    return func.sojourn_shift(
        start,
        *(literal(shift.sign * part, Integer()) for part in parts),
        literal(seconds, Double()),
        type_=INSTANT,
    )


def member(document: Expression, name: str) -> Expression:
    """The value of a key of a JSON object; null if it lacks the key."""
    return document.op("->", return_type=JSONB())(text_(name))


def walked(document: Expression, name: str) -> tuple[FromClause, Expression]:
    """A set of the values that a dotted name leads to, and its column."""
    found = (
        func.sojourn_walk(document, text_(name))
        .table_valued(column("value", JSONB()))
        .render_derived()
    )
    return found, found.c.value
