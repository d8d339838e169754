"""Single values: ids, instants, zones, and what no text column of PostgreSQL can hold."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from engine.ingest.items import MAX_ID, Rejected

MAX_DEPTH = 200


def text_id(value: Any, key: str) -> str | None:
    """An id as text: whole numbers are accepted, null and "" are the same as leaving it out."""
    if value is None or value == "":
        return None
    if type(value) is int:
        value = str(value)
    if type(value) is not str:
        raise Rejected(f"{key} must be a string or a whole number", f".{key}")
    if len(value) > MAX_ID:
        raise Rejected(f"{key} is longer than {MAX_ID} characters", f".{key}")
    return value


def instant(value: Any, key: str) -> datetime:
    """An ISO 8601 date-time in UTC; without an offset it is taken as UTC."""
    if type(value) is str:
        try:
            parsed = datetime.fromisoformat(value)
            if parsed.tzinfo is None:
                return parsed.replace(tzinfo=UTC)
            return parsed if parsed.tzinfo is UTC else parsed.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise Rejected(f"{key} must be an ISO 8601 date-time such as 2026-01-31T09:30:00Z", f".{key}")


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    machine_specific = {"localtime", "Factory"}
    return {name.casefold(): name for name in available_timezones() - machine_specific}


def zone(value: Any) -> str | None:
    """The IANA name of a time zone in its proper spelling; None if there is no such zone."""
    return _zones().get(value.casefold()) if type(value) is str else None


def flaw(value: Any, depth: int = 0) -> str | None:
    """Why this data cannot be stored, or None: searched only when the raw body looks like it."""
    if depth > MAX_DEPTH:
        return f"is nested deeper than {MAX_DEPTH} levels"
    if type(value) is str:
        if "\x00" in value:
            return "holds the character U+0000, which cannot be stored"
        return None if _is_unicode(value) else "holds half a surrogate pair, which is not Unicode"
    if type(value) is float:
        return None if math.isfinite(value) else "holds a number that is out of range"
    if type(value) is int:
        return None if -(2**63) <= value < 2**64 else "holds a whole number of more than 64 bits"
    inner: list[Any] = []
    if type(value) is dict:
        inner = [part for pair in value.items() for part in pair]
    elif type(value) is list:
        inner = value
    return next((why for part in inner if (why := flaw(part, depth + 1))), None)


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
