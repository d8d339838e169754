"""How an error names a place (`$.blocks[2].next`), and what it proposes instead of a wrong word."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from itertools import islice

Step = str | int
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_SHOWN = 15
_LONGEST_SHOWN = 60
_MOST_COMPARED = 1_000


def json_path(steps: Iterable[Step]) -> str:
    """Write a JSON path (RFC 9535): `$.blocks[0].set['first name']`."""
    return "$" + "".join(map(written, steps))


def written(step: Step) -> str:
    """Write one step of a JSON path: `.next`, `[0]`, `['first name']`."""
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_NAME.fullmatch(step):
        return f".{step}"
    escaped = step.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{shortened(escaped)}']"


def shortened(text: str) -> str:
    """Cut a text that is too long for a message."""
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def shown(value: object) -> str:
    """Show a value of the caller's as they wrote it, cut where it is long."""
    if isinstance(value, str):
        return repr(shortened(value))
    return shortened(json.dumps(value, ensure_ascii=False, default=repr))


def closest(word: object, known: Collection[str]) -> str | None:
    """Find the known word that somebody who wrote this one may have meant."""
    if not isinstance(word, str) or len(word) > _LONGEST_SHOWN:
        return None
    close = get_close_matches(word, list(islice(known, _MOST_COMPARED)), n=1, cutoff=0.6)
    return close[0] if close else None


def proposal(word: object, known: Collection[str], *, kind: str = "known") -> str:
    """Say what would be right: the closest of the known words, and which there are."""
    guess = closest(word, known)
    listed = ", ".join(sorted(known)[:_MOST_SHOWN]) + (", …" if len(known) > _MOST_SHOWN else "")
    return (f"did you mean '{guess}'? " if guess else "") + f"{kind}: {listed or 'none'}"
