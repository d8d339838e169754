"""What will look wrong to somebody although the template is valid: `Hi ,` to who gave no name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.path import Path
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from journeys.liquid_env import line_of
from journeys.plain_text import plain_text
from journeys.rendering import parsed_part, texts_of
from journeys.templates import CHANNEL_PARTS, RenderedMessage

MAX_WARNINGS = 50

_ALWAYS_KNOWN = frozenset({"contact.id", "contact.created_at"})
_CONDITIONS = frozenset({"IfNode", "UnlessNode", "CaseNode"})
_HOLE = re.compile(r"[^\W\d_][ \t]+[,;.](?=\s|$)")
"""A blank before a comma: something between them came out empty."""


@dataclass(frozen=True)
class TemplateWarning:
    """Where, as a JSON path of the template, and what."""

    path: str
    message: str


def unguarded(channel: str, content: Mapping[str, Any]) -> list[TemplateWarning]:
    """Fields of the contact that are printed with nothing in their place for who has none."""
    sources = [(part.name, content.get(part.name)) for part in CHANNEL_PARTS[channel].parts]
    found: dict[TemplateWarning, None] = {}
    for name, source in (*sources, *texts_of("data", content.get("data"))):
        if not isinstance(source, str):
            continue
        try:
            template = parsed_part(name, source)
        except (LiquidError, RecursionError):
            continue
        for field, line in _bare(template):
            words = (
                f"line {line}: {field} prints nothing for a contact without it;"
                f' say what instead: {{{{ {field} | default: "…" }}}}'
            )
            found[TemplateWarning(f"$.{name}", words)] = None
            if len(found) >= MAX_WARNINGS:
                return list(found)
    return list(found)


def holes(message: RenderedMessage) -> list[TemplateWarning]:
    """Places of a rendered message where a blank before a comma shows that something is empty."""
    text = message.text or (plain_text(message.html) if message.html else None)
    parts = {
        "subject": message.subject, "text": text, "title": message.title, "body": message.body
    }  # fmt: skip
    found = []
    for name, written in parts.items():
        hole = _HOLE.search(written or "")
        if written and hole is not None:
            near = " ".join(written[max(0, hole.start() - 20) : hole.end() + 10].split())
            words = f"{near!r}: a blank before {hole.group()[-1]!r}; is something empty there?"
            found.append(TemplateWarning(f"$.{name}", words))
    return found


def _bare(template: BoundTemplate) -> Iterator[tuple[str, int | None]]:
    context = RenderContext(template)
    for node in template.nodes:
        yield from _bare_in(node, context, frozenset())


def _bare_in(
    node: Node, context: RenderContext, asked: frozenset[str]
) -> Iterator[tuple[str, int | None]]:
    """What is printed below a node as it is; not what a condition around it asks about."""
    if type(node).__name__ in _CONDITIONS:
        asked |= {path for one in _conditions(node, context) for path in _paths(one)}
    if isinstance(node, OutputNode) and isinstance(node.expression, FilteredExpression):
        left = node.expression.left
        filters = {used.name for used in node.expression.filters or ()}
        field = str(left) if isinstance(left, Path) else ""
        plain = field.startswith("contact.") and field not in _ALWAYS_KNOWN | asked
        if plain and "default" not in filters and "plural" not in filters:
            yield field, line_of(left.token)
    for child in node.children(context, include_partials=False):
        yield from _bare_in(child, context, asked)


def _conditions(node: Node, context: RenderContext) -> Iterable[Expression]:
    yield from node.expressions()
    for child in node.children(context, include_partials=False):
        yield from child.expressions()


def _paths(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Path):
        yield str(expression)
    for child in expression.children():
        yield from _paths(child)
