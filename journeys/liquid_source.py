"""A linear look at a template's source before Liquid reads it.

Liquid's lexer is a regular expression that searches for the end of a tag from each place where one
begins, and that backtracks over blanks: a few hundred kilobytes of `{{` keep it busy for hours.
What this pass lets through is read in time proportional to its length.
"""

from __future__ import annotations

import re

from liquid.exceptions import LiquidSyntaxError
from liquid.token import Token

MAX_TAG = 10_000
"""Characters between the delimiters of one tag or output."""
MAX_BLANKS = 200
"""Blanks in a row inside a tag or output."""

_OPENING = re.compile(r"\{\{|\{%")
_BLANKS = re.compile(rf"\s{{{MAX_BLANKS}}}")
_VERBATIM = re.compile(r"-?\s{0,20}(raw|doc)\s{0,20}-?")
_CLOSING = {
    "raw": re.compile(r"\{%-?\s*endraw\s*-?%\}"),
    "doc": re.compile(r"\{%-?\s*enddoc\s*-?%\}"),
}


def _error(message: str, source: str, at: int) -> LiquidSyntaxError:
    return LiquidSyntaxError(
        message, token=Token(kind="tag", value="", start_index=at, source=source)
    )


def check_source(source: str) -> None:
    """Raise LiquidSyntaxError, with its place, for what the lexer must not see."""
    position = 0
    while opening := _OPENING.search(source, position):
        start = opening.end()
        close = "}}" if opening.group() == "{{" else "%}"
        end = source.find(close, start)
        if end < 0:
            raise _error(
                f"{opening.group()!r} is never closed by {close!r}", source, opening.start()
            )
        inside = source[start:end] if end - start <= MAX_TAG else ""
        if not inside.strip("- \t\r\n"):
            long = end - start > MAX_TAG
            raise _error(
                f"longer than {MAX_TAG:,} characters" if long else "empty tag or output",
                source,
                opening.start(),
            )
        if _BLANKS.search(inside):
            raise _error(f"{MAX_BLANKS} blanks in a row", source, opening.start())
        position = end + 2
        if close == "%}" and (verbatim := _VERBATIM.fullmatch(inside)):
            name = verbatim.group(1)
            closing = _CLOSING[name].search(source, position)
            if closing is None:
                raise _error(f"'{name}' is never closed by 'end{name}'", source, opening.start())
            position = closing.end()
