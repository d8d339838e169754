"""Templates checked when saved, and rendered for one contact.

Parsed templates are kept by their source text, so that an edited template is simply another one and
no cache must be told.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, Literal
from zoneinfo import ZoneInfo

from liquid import BoundTemplate
from liquid.exceptions import LiquidError, ResourceLimitError

from journeys.app_display import (
    APP_CHANNELS,
    display_issues,
    display_texts,
    image_problem,
    rendered_display,
    url_problem,
)
from journeys.errors import InvalidInput, Issue
from journeys.liquid_env import HTML, TEXT, render_bounded
from journeys.mjml import MjmlError, to_html
from journeys.plain_text import plain_text
from journeys.templates import CHANNEL_PARTS, Json, RenderedMessage, TemplateData

MAX_CACHED_CHARACTERS = 4_000_000
"""Source text of the parsed templates that are kept."""
MAX_DATA_STRINGS = 100
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


_parsed = _ParsedTemplates()


def _language(part: str) -> Language:
    return "html" if part in {"html", "mjml"} else "text"


def _explain(error: Exception) -> str:
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


def _globals(data: TemplateData) -> dict[str, Any]:
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
    }


class _Rendering:
    """One message: its data, and what was found missing on the way."""

    def __init__(self, data: TemplateData) -> None:
        self._globals = _globals(data)
        self.missing: dict[str, None] = {}

    def part(self, name: str, source: str) -> str:
        """One part, with control characters removed. Raises RenderError."""
        try:
            template = _parsed.get(_language(name), source).template
            text, missing = render_bounded(template, self._globals)
        except Exception as error:  # any failure of a template is the template's, never ours
            raise RenderError(f"{name}: {_explain(error)}") from error
        self.missing.update(dict.fromkeys(missing))
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

    Line breaks are removed from what must be one line (a subject could otherwise add headers). Mail
    without a text part gets one made from its HTML. Raises RenderError with the reason.
    """
    parts = CHANNEL_PARTS[channel]
    rendering = _Rendering(data)
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
        missing=tuple(rendering.missing),
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

    A part that cannot be parsed reads nothing; rendering it tells why.
    """
    found: set[str] = set()
    sources = [(p.name, content.get(p.name)) for p in CHANNEL_PARTS[channel].parts]
    inner = (*_strings("data", content.get("data")), *display_texts(content))
    for name, source in (*sources, *inner):
        if isinstance(source, str):
            try:
                found |= _parsed.get(_language(name), source).variables
            except LiquidError:
                continue
    return frozenset(found)


def _strings(path: str, value: Json, depth: int = 0) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(path, value)]
    if depth > MAX_DATA_DEPTH:
        return []
    items: list[tuple[str, Json]] = []
    if isinstance(value, dict):
        items = [(f"{path}.{key}", item) for key, item in value.items()]
    elif isinstance(value, list):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    return [found for name, item in items for found in _strings(name, item, depth + 1)]


def check_template(channel: str, content: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with a template, each with its JSON path; empty when it may be saved.

    Each part is parsed, and rendered once without data: that finds loops without end and malformed
    MJML that do not depend on a contact.
    """
    parts = CHANNEL_PARTS.get(channel)
    if parts is None:
        return [Issue("$.channel", f"is one of {', '.join(CHANNEL_PARTS)}")]
    issues = [
        Issue(f"$.{key}", f"a template for {channel} has only {', '.join(parts.names())}")
        for key, value in content.items()
        if key not in parts.names() and value is not None
    ]
    for part in parts.parts:
        source = content.get(part.name)
        if source is None or source == "":
            if part.required:
                issues.append(Issue(f"$.{part.name}", f"a template for {channel} needs it"))
        elif not isinstance(source, str):
            issues.append(Issue(f"$.{part.name}", "is a text"))
        elif len(source) > part.limit:
            issues.append(Issue(f"$.{part.name}", f"has at most {part.limit:,} characters"))
        else:
            issues += _check_source(part.name, source)
    if parts.one_of and not any(content.get(name) for name in parts.one_of):
        issues.append(
            Issue("$", f"a template for {channel} needs one of {', '.join(parts.one_of)}")
        )
    if content.get("html") and content.get("mjml"):
        issues.append(Issue("$.mjml", "a template has either html or mjml"))
    if content.get("data") is not None and parts.data:
        issues += _check_data(content["data"])
    return issues + (_check_display(content) if channel in APP_CHANNELS else [])


def _check_display(content: Mapping[str, Any]) -> list[Issue]:
    texts = [_check_source(path, source) for path, source in display_texts(content)]
    return [*display_issues(content), *(issue for found in texts for issue in found)]


def _check_data(data: Json) -> list[Issue]:
    if not isinstance(data, dict):
        return [Issue("$.data", "is an object")]
    strings = _strings("data", data)
    if len(strings) > MAX_DATA_STRINGS:
        return [Issue("$.data", f"has at most {MAX_DATA_STRINGS} texts")]
    long = [path for path, text in strings if len(text) > 4096]
    if long:
        return [Issue(f"$.{path}", "has at most 4,096 characters") for path in long]
    return [issue for path, text in strings for issue in _check_source(path, text)]


def _check_source(name: str, source: str) -> list[Issue]:
    path = f"$.{name}"
    try:
        template = _parsed.get(_language(name), source).template
    except (LiquidError, RecursionError) as error:
        return [Issue(path, _explain(error))]
    try:
        rendered, _ = render_bounded(template, _globals(TemplateData(now="2026-01-01T00:00:00Z")))
    except ResourceLimitError as error:
        return [Issue(path, _explain(error))]
    except Exception:  # noqa: BLE001  (without data a template may well fail; with data it may not)
        return []
    if name != "mjml":
        return []
    try:
        to_html(rendered)
    except MjmlError as error:
        return [Issue(path, str(error))]
    return []
