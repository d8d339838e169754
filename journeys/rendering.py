"""Templates rendered for one contact.

Parsed templates are kept by their source text, so that an edited template is simply another one and
no cache must be told.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, Literal
from zoneinfo import ZoneInfo

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from journeys.app_display import (
    APP_CHANNELS,
    display_texts,
    image_problem,
    rendered_display,
    url_problem,
)
from journeys.errors import InvalidInput
from journeys.liquid_env import HTML, TEXT, render_bounded
from journeys.locales import formatting, in_language
from journeys.mjml import MjmlError, to_html
from journeys.plain_text import plain_text
from journeys.templates import (
    CHANNEL_PARTS,
    Json,
    PrintedGap,
    RenderedMessage,
    TemplateData,
)

MAX_CACHED_CHARACTERS = 4_000_000
"""Source text of the parsed templates that are kept."""
MAX_MESSAGE = 1_000_000
"""Characters of all rendered parts of a message together."""
MAX_MESSAGE_CPU = 1.0
"""Seconds of processor time for all parts of a message together."""
MAX_DATA_DEPTH = 5

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_BREAKS = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")

Language = Literal["html", "text"]


class RenderError(Exception):
    """A template cannot be rendered for this contact; `reason` may be shown to a marketer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class _Parsed:
    template: BoundTemplate
    variables: frozenset[str]


class _ParsedTemplates:
    """The least recently used go when the sources together grow too long. Safe in threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Language, str], _Parsed] = OrderedDict()
        self._characters = 0
        self._lock = Lock()

    def get(self, language: Language, source: str) -> _Parsed:
        """The parsed source. Raises LiquidError."""
        key = (language, source)
        with self._lock:
            parsed = self._kept.get(key)
            if parsed is not None:
                self._kept.move_to_end(key)
                return parsed
        template = (HTML if language == "html" else TEXT).from_string(source)
        parsed = _Parsed(template, frozenset(template.global_variables()))
        with self._lock:
            if key not in self._kept:
                self._characters += len(source)
            self._kept[key] = parsed
            while self._characters > MAX_CACHED_CHARACTERS:
                (_, oldest), _ = self._kept.popitem(last=False)
                self._characters -= len(oldest)
        return parsed


_kept = _ParsedTemplates()


def parsed_part(name: str, source: str) -> BoundTemplate:
    """A part's source, parsed. Raises LiquidError."""
    return _parsed_of(name, source).template


def _parsed_of(name: str, source: str) -> _Parsed:
    return _kept.get("html" if name in {"html", "mjml"} else "text", source)


def explain(error: Exception) -> str:
    """What went wrong in one line, with the template's line when it is known."""
    if isinstance(error, LiquidError):
        place = error.context()
        message = str(error.message)
        return f"line {place[0]}: {message}" if place else message
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error) or type(error).__name__


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def variables_for(data: TemplateData, language: object = None) -> dict[str, Any]:
    """What a template can name. `language` is what its text is written in, if that is known."""
    return {
        "contact": data.contact,
        "event": data.event,
        "order": data.order,
        "journey": data.journey,
        "workspace": data.workspace,
        "now": data.now,
        "today": data.now,
        "timezone_of_contact": _zone(data.timezone),
        **data.links,
        "locale_of_text": formatting(data.locale, language),
    }


class _Rendering:
    """One message: its data, and what was found missing on the way."""

    def __init__(self, data: TemplateData, language: object) -> None:
        self._globals = variables_for(data, language)
        self._deadline = time.thread_time() + MAX_MESSAGE_CPU
        self._characters = 0
        self.gaps: dict[PrintedGap, None] = {}

    def part(self, name: str, source: str) -> str:
        """One part, with control characters removed. Raises RenderError."""
        try:
            template = parsed_part(name, source)
            text, missing = render_bounded(template, self._globals, self._deadline)
        except Exception as error:  # any failure of a template is the template's, never ours
            raise RenderError(f"{name}: {explain(error)}") from error
        self._characters += len(text)
        if self._characters > MAX_MESSAGE:
            raise RenderError(
                f"{name}: all parts together have more than {MAX_MESSAGE:,} characters"
            )
        self.gaps.update(dict.fromkeys(PrintedGap(gap.path, name, gap.line) for gap in missing))
        return _CONTROL.sub("", text)

    def line(self, name: str, source: str) -> str:
        """A text that has to be one line. Raises RenderError."""
        return _LINE_BREAKS.sub(" ", self.part(name, source)).strip()

    def value(self, name: str, value: Json) -> Json:
        """A value of `data`: every text in it is a template."""
        if isinstance(value, str):
            return self.part(name, value)
        if isinstance(value, dict):
            return {key: self.value(f"{name}.{key}", item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(f"{name}[{index}]", item) for index, item in enumerate(value)]
        return value


def render(channel: str, content: Mapping[str, Any], data: TemplateData) -> RenderedMessage:
    """The template's parts for one contact.

    In the contact's language, if the template has a variant in it. Line breaks are removed from
    what must be one line (a subject could otherwise add headers). Mail without a text part gets one
    made from its HTML. Raises RenderError with the reason.
    """
    parts = CHANNEL_PARTS[channel]
    content, variant = in_language(parts, content, data.locale)
    rendering = _Rendering(data, variant or content.get("locale"))
    done: dict[str, str] = {}
    for part in parts.parts:
        source = content.get(part.name)
        if not source:
            continue
        text = rendering.part(part.name, source)
        if part.one_line:
            text = _LINE_BREAKS.sub(" ", text).strip()
            if len(text) > part.limit:
                raise RenderError(f"{part.name}: longer than {part.limit:,} characters")
        if part.required and not text.strip():
            raise RenderError(f"{part.name}: empty for this contact")
        done[part.name] = text
    if "mjml" in done:
        try:
            done["html"] = to_html(done.pop("mjml"))
        except MjmlError as error:
            raise RenderError(f"mjml: {error}") from error
    if channel == "email" and "text" not in done and "html" in done:
        done["text"] = plain_text(done["html"])
    return RenderedMessage(
        **done,
        display=_display(channel, content, done, rendering),
        data=rendering.value("data", content.get("data") or {}),
        missing=tuple(dict.fromkeys(gap.path for gap in rendering.gaps)),
        gaps=tuple(rendering.gaps),
        locale=variant,
    )


def _display(
    channel: str, content: Mapping[str, Any], done: Mapping[str, str], rendering: _Rendering
) -> dict[str, Json]:
    """How an app message looks and behaves, its addresses checked as they came out."""
    if channel not in APP_CHANNELS:
        return {}
    for part in CHANNEL_PARTS[channel].parts:
        if len(done.get(part.name, "")) > part.limit:
            raise RenderError(f"{part.name}: longer than {part.limit:,} characters")
    try:
        for name, problem_of in (("link", url_problem), ("image", image_problem)):
            problem = problem_of(done[name]) if done.get(name) else None
            if problem is not None:
                raise RenderError(f"{name}: {problem}")
        return rendered_display(content, rendering.line)
    except (InvalidInput, ValueError) as error:
        raise RenderError(str(error)) from error


def variables_of(channel: str, content: Mapping[str, Any]) -> frozenset[str]:
    """The names of the outermost variables that a template reads: `contact`, `order`, ...

    In any of its languages. A part that cannot be parsed reads nothing; rendering it tells why.
    """
    found: set[str] = set()
    for variant in variants_of(content).values():
        found |= variables_of(channel, variant)
    sources = [(p.name, content.get(p.name)) for p in CHANNEL_PARTS[channel].parts]
    inner = (*texts_of("data", content.get("data")), *display_texts(content))
    for name, source in (*sources, *inner):
        if isinstance(source, str):
            try:
                parsed = _parsed_of(name, source)
            except LiquidError:
                continue
            found |= parsed.variables
            # What is not named may be an order's all the same: `money` looks for its currency.
            found |= {"order"} if "money" in source else set()
    return frozenset(found)


def variants_of(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The variants that are written at all as one is."""
    locales = content.get("locales")
    if not isinstance(locales, dict):
        return {}
    return {name: variant for name, variant in locales.items() if isinstance(variant, dict)}


def texts_of(path: str, value: Json, depth: int = 0) -> list[tuple[str, str]]:
    """Every text in a value of `data`, with its path."""
    if isinstance(value, str):
        return [(path, value)]
    if depth > MAX_DATA_DEPTH:
        return []
    items: list[tuple[str, Json]] = []
    if isinstance(value, dict):
        items = [(f"{path}.{key}", item) for key, item in value.items()]
    elif isinstance(value, list):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    return [found for name, item in items for found in texts_of(name, item, depth + 1)]
