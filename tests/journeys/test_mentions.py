"""Which facts a predicate says it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import TypeAdapter

from journeys.mentions import mentions
from journeys.predicates import Predicate

_PREDICATE: TypeAdapter[Predicate] = TypeAdapter(Predicate)


def read(data: Mapping[str, Any]) -> Predicate:
    return _PREDICATE.validate_python(data)


def mentioned(
    data: Mapping[str, Any], segments: Mapping[str, Mapping[str, Any] | UUID] | None = None
) -> set[tuple[str, str]]:
    def segment(key: str) -> Predicate | UUID:
        found = (segments or {})[key]
        return found if isinstance(found, UUID) else read(found)

    return set(mentions(read(data), segment))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"event": "Workout", "within": "P7D"}, {("event", "Workout")}),
        (
            {"event": "Workout", "where": [{"param": "minutes", "op": ">", "value": 5}]},
            {("event", "Workout")},
        ),
        ({"order": {"status": ["delivered"]}}, {("order", "*")}),
        ({"field": "plan", "op": "exists"}, {("field", "plan")}),
        ({"field": "email", "op": "exists"}, {("field", "email")}),
        ({"field": "userId", "op": "exists"}, {("field", "userId")}),
        ({"field": "user_id", "op": "exists"}, {("field", "userId")}),
        ({"field": "created_at", "op": "after", "value": "-P3D"}, {("field", "created_at")}),
        ({"field": "last_seen_at", "op": "before", "value": "-P9D"}, {("seen", "*")}),
        ({"field": "updated_at", "op": "before", "value": "-P9D"}, {("changed", "*")}),
        ({"reachable": "email"}, {("field", "email")}),
        ({"reachable": "sms"}, {("field", "phone")}),
        ({"reachable": "in_app"}, {("field", "userId")}),
        ({"reachable": "inbox"}, {("field", "userId")}),
        ({"reachable": "push"}, {("device", "*")}),
        ({"reachable": "web_push"}, {("device", "*")}),
        ({"reachable": "webhook"}, set()),
        ({"now": {"from": "09:00"}}, {("field", "timezone")}),
        ({"now": {"from": "09:00", "timezone": "Europe/Kyiv"}}, set()),
        ({"message": {"block": "last", "state": "opened"}}, set()),
        ({"param": "plan", "op": "=", "value": "pro"}, set()),
    ],
    ids=str,
)
def test_a_leaf_mentions_what_can_change_it(
    data: Mapping[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert mentioned(data) == expected


def test_a_dotted_name_is_a_field_itself_or_leads_into_its_first_part() -> None:
    assert mentioned({"field": "a.b.c", "op": "exists"}) == {("field", "a.b.c"), ("field", "a")}
    assert mentioned({"field": ".x", "op": "exists"}) == {("field", ".x"), ("field", "")}


def test_a_dotted_name_that_begins_like_a_built_in_field_is_a_custom_one() -> None:
    found = mentioned({"field": "created_at.x", "op": "exists"})
    assert found == {("field", "created_at.x"), ("field", "created_at")}


def test_trees_and_segments_mention_what_is_in_them() -> None:
    tree = {
        "all": [
            {"any": [{"event": "A"}, {"not": {"field": "plan", "op": "missing"}}]},
            {"segment": "outer", "params": {"x": 1}},
        ]
    }
    segments = {
        "outer": {"all": [{"segment": "inner"}, {"segment": "vip"}, {"event": "B"}]},
        "inner": {"order": {}},
        "vip": uuid4(),
    }
    assert mentioned(tree, segments) == {
        ("event", "A"), ("field", "plan"), ("event", "B"), ("order", "*"), ("list", "vip"),
    }  # fmt: skip


def test_a_segment_named_many_times_over_is_read_once() -> None:
    asked: list[str] = []

    def segment(key: str) -> Predicate:
        asked.append(key)
        depth = int(key)
        below = {"segment": str(depth - 1)} if depth else {"event": "A"}
        return read({"all": [below, below]})

    assert mentions(read({"segment": "40"}), segment) == {("event", "A")}
    assert len(asked) == 41
