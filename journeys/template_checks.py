"""Templates checked when they are saved: what would fail for every contact fails here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from liquid.exceptions import LiquidError, ResourceLimitError

from journeys.app_display import APP_CHANNELS, display_issues, display_texts
from journeys.errors import Issue
from journeys.liquid_env import render_bounded
from journeys.locales import language_issues, merged
from journeys.mjml import MjmlError, to_html
from journeys.rendering import explain, parsed_part, texts_of, variables_for, variants_of
from journeys.templates import CHANNEL_PARTS, Json, TemplateData

MAX_CHECK_CPU = 3.0
"""Seconds of processor time after which no further variant or text is checked."""
MAX_DATA_STRINGS = 100


def check_template(channel: str, content: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with a template, each with its JSON path; empty when it may be saved.

    Each part is parsed, and rendered once without data: that finds loops without end and malformed
    MJML that do not depend on a contact. Each variant is checked as what a contact would get: the
    default with its parts in their place.
    """
    parts = CHANNEL_PARTS.get(channel)
    if parts is None:
        return [Issue("$.channel", f"is one of {', '.join(CHANNEL_PARTS)}")]
    deadline = time.thread_time() + MAX_CHECK_CPU
    default = {name: value for name, value in content.items() if name not in {"locale", "locales"}}
    issues = [*language_issues(parts, content), *_check_content(channel, default)]
    if issues:
        return issues
    for name, variant in variants_of(content).items():
        if time.thread_time() > deadline:
            return [Issue(f"$.locales.{name}", "checking all parts takes too much computing")]
        found = _check_content(channel, merged(parts, default, variant))
        issues += [Issue(f"$.locales.{name}{issue.path[1:]}", issue.message) for issue in found]
    return issues


def _check_content(channel: str, content: Mapping[str, Any]) -> list[Issue]:
    parts = CHANNEL_PARTS[channel]
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
    strings = texts_of("data", data)
    if len(strings) > MAX_DATA_STRINGS:
        return [Issue("$.data", f"has at most {MAX_DATA_STRINGS} texts")]
    long = [path for path, text in strings if len(text) > 4096]
    if long:
        return [Issue(f"$.{path}", "has at most 4,096 characters") for path in long]
    issues: list[Issue] = []
    deadline = time.thread_time() + MAX_CHECK_CPU
    for path, text in strings:
        if time.thread_time() > deadline:
            return [*issues, Issue(f"$.{path}", "checking all texts takes too much computing")]
        issues += _check_source(path, text)
    return issues


def _check_source(name: str, source: str) -> list[Issue]:
    path = f"$.{name}"
    try:
        template = parsed_part(name, source)
    except (LiquidError, RecursionError) as error:
        return [Issue(path, explain(error))]
    try:
        rendered, _ = render_bounded(
            template, variables_for(TemplateData(now="2026-01-01T00:00:00Z"))
        )
    except ResourceLimitError as error:
        return [Issue(path, explain(error))]
    except Exception:  # noqa: BLE001  (without data a template may well fail; with data it may not)
        return []
    if name != "mjml":
        return []
    try:
        to_html(rendered)
    except MjmlError as error:
        return [Issue(path, str(error))]
    return []
