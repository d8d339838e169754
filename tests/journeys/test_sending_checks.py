"""Topics of sending blocks, and what their hours say, are held against what there is."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.parsing import parse_definition
from journeys.validation import check_definition
from tests.journeys.cases import TEMPLATES, message, workflow

TOPICS: dict[str, list[str]] = {"news": [], "texts": ["sms"]}
HOURS = {"from": "09:00", "to": "20:00"}


def found(**parts: Any) -> list[tuple[str, str]]:
    definition = parse_definition(workflow(message("a", **parts)))
    issues = check_definition(definition, templates=TEMPLATES, segments=[], topics=TOPICS)
    return [(issue.path, issue.message) for issue in issues]


def test_a_topic_of_the_channel_and_hours_with_a_spread_are_right() -> None:
    hours = {**HOURS, "spread": "PT1H", "otherwise": "wait"}
    assert found(topic="news", allowed_hours=hours, transactional=True) == []


@pytest.mark.parametrize(
    ("parts", "path", "words"),
    [
        ({"topic": "nwes"}, "topic", "news"),
        ({"topic": "texts"}, "topic", "is for sms"),
        ({"allowed_hours": {**HOURS, "to": "09:00"}}, "allowed_hours.to", "equal"),
        ({"allowed_hours": {**HOURS, "spread": "-PT1H"}}, "allowed_hours.spread", ""),
        (
            {"allowed_hours": {**HOURS, "spread": "PT1H", "otherwise": "skip"}},
            "allowed_hours.spread",
            "nothing waits",
        ),
    ],
    ids=["unknown", "other channel", "never", "negative", "spread of nothing"],
)
def test_what_cannot_be_is_named(parts: dict[str, Any], path: str, words: str) -> None:
    [(where, message_)] = found(**parts)
    assert where == f"$.blocks[0].{path}"
    assert words in message_
