"""The values of cells: text, numbers, booleans and dates, told apart and read."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, get_args

CellType = Literal["text", "number", "boolean", "date"]
CELL_TYPES: tuple[str, ...] = get_args(CellType)
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?")
"""No more digits than a double keeps; leading zeros mean something, so they make it text."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_TRUE = frozenset({"true", "yes", "y", "t", "1"})
_FALSE = frozenset({"false", "no", "n", "f", "0"})


def detect(values: Sequence[str]) -> CellType:
    """What all of these values are; text when they are not of one kind, or there are none."""
    if not values:
        return "text"
    if all(_NUMBER.fullmatch(value) for value in values):
        return "number"
    if all(value.lower() in ("true", "false") for value in values):
        return "boolean"
    if all(_DATE.fullmatch(value) and _is_date(value) for value in values):
        return "date"
    return "text"


def read(value: str, type_: CellType, format_: str | None = None) -> Any:
    """The value of a cell that is not empty; raises ValueError with what it should be.

    Dates stay text, as JSON has none: in the form of ISO 8601.
    """
    match type_:
        case "text":
            return value
        case "number":
            return _number(value)
        case "boolean":
            return _boolean(value)
        case "date":
            return _date(value, format_)


def _number(value: str) -> int | float:
    plain = value.strip()
    if "_" in plain:  # Python reads 1_000 as a number
        raise ValueError("is not a number")
    try:
        found: int | float = int(plain) if plain.lstrip("+-").isdigit() else float(plain)
    except ValueError:
        raise ValueError("is not a number") from None
    if abs(found) >= 2**63 or not math.isfinite(found):
        raise ValueError("is a number that is out of range")
    return found


def _boolean(value: str) -> bool:
    plain = value.strip().lower()
    if plain in _TRUE:
        return True
    if plain in _FALSE:
        return False
    raise ValueError("is neither true nor false")


def _date(value: str, format_: str | None) -> str:
    plain = value.strip()
    try:
        if format_ is not None:
            moment = datetime.strptime(plain, format_)  # noqa: DTZ007  (read as it is written)
            has_time = any(code in format_ for code in ("%H", "%I", "%X", "%c", "%s"))
            return moment.isoformat() if has_time else moment.date().isoformat()
        if len(plain) == 10:
            return date.fromisoformat(plain).isoformat()
        return datetime.fromisoformat(plain).isoformat()
    except (ValueError, OverflowError):
        expected = f"of the form {format_}" if format_ else "such as 2026-01-31 or 2026-01-31T09:30"
        raise ValueError(f"is not a date {expected}") from None


def is_date_format(format_: str) -> bool:
    """Whether dates can be read by it: what it writes of one must give that very day."""
    moment = datetime(2003, 12, 31, 23, 58, 57)  # noqa: DTZ001  (read as it is written)
    try:
        return datetime.strptime(moment.strftime(format_), format_).date() == moment.date()  # noqa: DTZ007
    except (ValueError, OverflowError, re.error):
        return False


def _is_date(value: str) -> bool:
    try:
        _date(value, None)
    except ValueError:
        return False
    return True
