"""Phone numbers in international form (E.164): `+`, country code, number; at most 15 digits."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_WRITTEN_BETWEEN = str.maketrans("", "", " -.()/\u00a0\u202f\u2011")
MAX_WRITTEN = 40


def phone_number(text: str) -> str | None:
    """The number in E.164, or None when it is not one: without `+` its country is not known."""
    if len(text) > MAX_WRITTEN:
        return None
    number = text.strip(" ").translate(_WRITTEN_BETWEEN)
    return number if _NUMBER.fullmatch(number) else None
