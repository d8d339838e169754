"""MJML to HTML, with a guard: the converter recurses, and too deep a nesting would end the process.

Liquid runs first and MJML second, on each message: conversion takes some hundredths of a
millisecond, and only in this order may a loop or a condition surround whole sections.
"""

from __future__ import annotations

import re

import mrml

MAX_DEPTH = 200
"""Elements inside one another."""

_TAG = re.compile(r"""<(/?)([A-Za-z][^\s/>"'<]*)((?:[^"'<>]+|"[^"]*"|'[^']*')*+)>""")
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "wbr"})
_POSITION = re.compile(r" in root template| at position (\d+):(\d+)")


class MjmlError(ValueError):
    """The MJML is malformed; the message says where."""


def _line(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1


def check_nesting(source: str) -> None:
    """Raise MjmlError when elements are nested too deeply or a tag is not closed."""
    open_tags: list[str] = []
    position = 0
    while (start := source.find("<", position)) >= 0:
        position = start + 1
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
            if end < 0:
                raise MjmlError(f"line {_line(source, start)}: a comment is never closed")
            position = end + 3
            continue
        following = source[start + 1 : start + 2]
        if not (following.isalpha() or following == "/"):
            continue
        tag = _TAG.match(source, start)
        if tag is None:
            raise MjmlError(f"line {_line(source, start)}: a tag is malformed or never closed")
        position = tag.end()
        closing, name, attributes = tag.groups()
        if closing:
            if open_tags and open_tags[-1] == name:
                open_tags.pop()
        elif name not in _VOID and not attributes.endswith("/"):
            open_tags.append(name)
            if len(open_tags) > MAX_DEPTH:
                raise MjmlError(
                    f"line {_line(source, start)}: more than {MAX_DEPTH} elements inside one"
                    " another; is one of them never closed?"
                )


def to_html(source: str) -> str:
    """The HTML of an MJML document. Raises MjmlError."""
    check_nesting(source)
    if "<mj-include" in source:
        raise MjmlError("mj-include is not available: a template stands for itself")
    try:
        return mrml.to_html(source).content
    except OSError as error:
        place = _POSITION.search(str(error))
        line = next((m for m in _POSITION.finditer(str(error)) if m.group(1)), None)
        message = _POSITION.sub("", str(error)) if place else str(error)
        raise MjmlError(
            f"line {_line(source, int(line.group(1)))}: {message}" if line else message
        ) from error
