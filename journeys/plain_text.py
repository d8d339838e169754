"""HTML as plain text, for the text part that every mail should have, in one pass over the HTML.

`html.parser` takes quadratic time on malformed tags, and this runs on what templates render to, so
the few rules that plain text needs are written out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

_SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript"})
_LINES = frozenset(
    {"br", "tr", "li", "div", "section", "article", "header", "footer", "table", "ul", "ol", "dl"}
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr"})
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_RUNS = re.compile(r" {2,}")
_SAME_LINE = re.compile(r" ?\n ?")
_MANY_LINES = re.compile(r"\n{3,}")
_INVISIBLE = re.compile("[\u034f\u200b-\u200d\ufeff]")


class _Piece(NamedTuple):
    text: str
    tag: str = ""
    closing: bool = False
    attributes: str = ""


def _pieces(html: str) -> Iterator[_Piece]:
    """Runs of text and tags, without comments; a `<` that starts nothing is text."""
    position, lowered = 0, html.lower()
    while (start := html.find("<", position)) >= 0:
        if start > position:
            yield _Piece(html[position:start])
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            position = len(html) if end < 0 else end + 3
            continue
        tag = _TAG.match(html, start + 1)
        if tag is None and html[start + 1 : start + 2] not in {"!", "?"}:
            yield _Piece("<")
            position = start + 1
            continue
        end = html.find(">", start)
        if end < 0:
            return
        position = end + 1
        if tag is None:
            continue
        name = tag.group(2).lower()
        closing = bool(tag.group(1))
        yield _Piece("", name, closing, html[tag.end() : min(end, tag.end() + 4096)])
        if name in _SKIPPED and not closing and html[end - 1] != "/":
            end = lowered.find(f"</{name}", position)
            position = len(html) if end < 0 else end
    if position < len(html):
        yield _Piece(html[position:])


def strip_tags(html: str) -> str:
    """The HTML without tags, comments, scripts and styles; entities stay as they are."""
    return "".join(piece.text for piece in _pieces(html))


class _Writer:
    """Collects lines, paragraphs and links."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._link = ""
        self._link_from = 0

    def add(self, piece: _Piece) -> None:
        tag = piece.tag
        if not tag:
            self.out.append(_SPACES.sub(" ", unescape(piece.text)))
        elif tag == "a":
            self._close_link() if piece.closing else self._open_link(piece.attributes)
        elif tag == "li" and not piece.closing:
            self.out.append("\n- ")
        elif tag in _PARAGRAPHS:
            self.out.append("\n\n")
        elif tag in _LINES:
            self.out.append("\n")
        elif tag in {"td", "th"}:
            self.out.append(" ")

    def _open_link(self, attributes: str) -> None:
        found = _HREF.search(attributes)
        address = unescape((found.group(1) or found.group(2) or "") if found else "").strip()
        self._link = "" if address.startswith("#") else address
        self._link_from = len(self.out)

    def _close_link(self) -> None:
        words = "".join(self.out[self._link_from :]).strip()
        if self._link and self._link not in (words, f"mailto:{words}"):
            self.out.append(f" ({self._link})" if words else self._link)
        self._link = ""


def plain_text(html: str) -> str:
    """What a reader of the HTML sees, with each link's address behind its words."""
    writer = _Writer()
    for piece in _pieces(html):
        writer.add(piece)
    text = _INVISIBLE.sub("", "".join(writer.out)).replace("\u00a0", " ")
    text = _SAME_LINE.sub("\n", _RUNS.sub(" ", text))
    return _MANY_LINES.sub("\n\n", text).strip()
