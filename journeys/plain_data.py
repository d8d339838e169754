"""Whether data from outside is plain and bounded: what JSON can say and the database can store.

Checked before anything else looks at it, so that the rest may recurse without fear.
"""

from __future__ import annotations

from math import isfinite

from journeys.errors import Issue
from journeys.paths import Step, json_path

MAX_DEPTH = 100
MAX_NODES = 100_000
_INTEGERS = range(-(2**63), 2**63)


def plain_data_issues(data: object) -> list[Issue]:
    """Find what is not plain: one issue a value, or a single one when depth or size is out of hand.

    Refused are keys that are not text, NUL and unpaired surrogates in text, numbers that are not
    finite or exceed 64 bits, and everything JSON does not have (as YAML tags can make).
    """
    issues: list[Issue] = []
    nodes = 0
    pending: list[tuple[tuple[Step, ...], object]] = [((), data)]
    while pending:
        steps, value = pending.pop()
        nodes += 1
        if nodes > MAX_NODES:
            return [Issue("$", f"too large: more than {MAX_NODES} values")]
        if len(steps) > MAX_DEPTH:
            return [Issue(json_path(steps[:8]), f"nested deeper than {MAX_DEPTH} levels")]
        problem = _problem(value)
        if problem is not None:
            issues.append(Issue(json_path(steps), problem))
        elif isinstance(value, dict):
            for key, inner in value.items():
                problem = _key_problem(key)
                if problem is None:
                    pending.append(((*steps, key), inner))
                else:
                    issues.append(Issue(json_path(steps), problem))
        elif isinstance(value, list):
            pending.extend(((*steps, index), inner) for index, inner in enumerate(value))
    return issues


def _key_problem(key: object) -> str | None:
    if not isinstance(key, str):
        return f"keys are text: write the key {key!r:.60} in quotes"
    return _problem(key)


def _problem(value: object) -> str | None:
    match value:
        case None | bool() | list() | dict():
            return None
        case str():
            return _text_problem(value)
        case int():
            return None if value in _INTEGERS else "a whole number must fit into 64 bits"
        case float():
            return None if isfinite(value) else "a number must be finite"
    return f"{type(value).__name__} is no JSON value: use text, a number, true, false or null"


def _text_problem(text: str) -> str | None:
    if "\0" in text:
        return "text cannot contain the NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "text must be valid Unicode: it has an unpaired surrogate"
    return None
