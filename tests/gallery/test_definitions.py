"""What a ready workflow says of itself is so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.gallery.ready import FOLDER, ORDER, Ready, gallery
from journeys.parsing import parse_definition
from journeys.warnings import definition_warnings

EACH = pytest.mark.parametrize("ready", [gallery()[key] for key in ORDER], ids=ORDER)


def named(data: Any, *keys: str) -> Iterator[str]:
    """Every text under one of these keys, at any depth."""
    if isinstance(data, list):
        for each in data:
            yield from named(each, *keys)
    if isinstance(data, dict):
        for name, value in data.items():
            if name in keys:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from named(value, *keys)


def test_each_file_is_in_the_gallery() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in FOLDER.glob("*.yaml"))


@EACH
def test_the_events_and_fields_it_needs_are_those_it_names(ready: Ready) -> None:
    drawn = [ready.workflow, [segment.where for segment in ready.segments.values()]]
    assert set(ready.events) == set(named(drawn, "event", "events"))
    assert set(ready.fields) == set(named(drawn, "field"))


@EACH
def test_it_makes_what_it_names_and_nothing_else(ready: Ready) -> None:
    assert set(ready.templates) == set(named(ready.workflow, "template"))
    assert set(ready.segments) == set(named(ready.workflow, "segment"))


@EACH
def test_it_surprises_nobody(ready: Ready) -> None:
    assert definition_warnings(parse_definition(ready.workflow)) == []


@EACH
def test_its_mails_have_plain_text_too(ready: Ready) -> None:
    for template in ready.templates.values():
        assert template["channel"] != "email" or template["text"]


@EACH
def test_it_is_told_in_two_sentences(ready: Ready) -> None:
    assert 1 <= ready.about.rstrip(".").count(". ") <= 2
    assert len(ready.about) < 260
