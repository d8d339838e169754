"""What does not fit the language comes back with its JSON path and with what would be right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.definition import Definition
from journeys.errors import InvalidInput
from journeys.parsing import MAX_ISSUES, parse_definition, parse_predicate
from journeys.predicates import AllOf, FieldLeaf
from tests.journeys.cases import EXIT, condition, from_file, message, shape_issues, timer, workflow

REENTRY = {"kind": "event", "event": "A", "reentry": {"mode": "after"}}


@pytest.mark.parametrize("name", ["workout-reminder.yaml", "every-kind.yaml"])
def test_whole_definitions_are_read(name: str) -> None:
    definition = parse_definition(from_file(name))
    assert definition.first == definition.blocks[0].id
    assert definition == Definition.model_validate(definition.model_dump(by_alias=True))


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ([], "$", ["mapping", "not []"]),
        (None, "$", ["mapping", "not null"]),
        ({"start": {}, "blocks": [EXIT]}, "$.name", ["'name' is required"]),
        (workflow(message("a", nxt="b")), "$.blocks[0].nxt", ["did you mean 'next'?", "allowed:"]),
        (workflow(EXIT, nmae="x"), "$.nmae", ["unknown field 'nmae'", "did you mean 'name'?"]),
        (workflow({"id": "a"}), "$.blocks[0].kind", ["'kind' is required", "message", "timer"]),
        (workflow({"id": "a", "kind": "tmier"}), "$.blocks[0].kind", ["did you mean 'timer'?"]),
        (workflow({"id": "a", "kind": 7}), "$.blocks[0].kind", ["no kind 7", "timer"]),
        (workflow("hello"), "$.blocks[0]", ["mapping", "not 'hello'"]),
        (workflow({"kind": "exit"}), "$.blocks[0].id", ["'id' is required"]),
        (workflow({"id": "a b", "kind": "exit"}), "$.blocks[0].id", ["'a b'", "letters, digits"]),
        (workflow(message("a", template="a b")), "$.blocks[0].template", ["a key: letters"]),
        (workflow(message("a", channel="emial")), "$.blocks[0].channel", ["did you mean 'email'?"]),
        (workflow(message("a", template=5)), "$.blocks[0].template", ["should be text, not 5"]),
        (workflow(timer("a", **{"for": "1 day"})), "$.blocks[0].wait.for", ["'1 day'", "PT2H"]),
        (workflow(timer("a", **{"for": "P101Y"})), "$.blocks[0].wait.for", ["100 years"]),
        (workflow(timer("a", until={"tme": 1})), "$.blocks[0].wait.until", ["time, field, param"]),
        (workflow(timer("a", until={"time": "9:00"})), "$.blocks[0].wait.until.time", ["09:00"]),
        (workflow(timer("a", at="x", until={"field": "f"})), "$.blocks[0].wait", ["stands alone"]),
        (workflow(condition("a", None, None, {"plan": "x"})), "$.blocks[0].if", ["needs one of"]),
        (workflow(condition("a", None, None, {"evnt": "x"})), "$.blocks[0].if", ["'event'?"]),
        (workflow({"id": "a", "kind": "condition"}), "$.blocks[0].if", ["is required"]),
        (workflow(EXIT, start=REENTRY), "$.start.reentry", ["'after'", "go together"]),
        (workflow(EXIT, start={"kind": "event"}), "$.start.event", ["'event' is required"]),
        (workflow(EXIT, start={"kind": "x"}), "$.start.kind", ["event_for_segment"]),
        (workflow(EXIT, stop={"kind": "event"}), "$.stop", ["a list"]),
        (
            workflow(EXIT, stop=[{"kind": "event", "events": []}]),
            "$.stop[0].events",
            ["at least 1"],
        ),
        (workflow(EXIT, blocks=[]), "$.blocks", ["at least 1"]),
    ],
)
def test_a_wrong_shape_is_told_with_its_path_and_what_would_be_right(
    data: Any, path: str, words: list[str]
) -> None:
    found = {issue.path: issue.message for issue in shape_issues(data)}
    assert path in found
    for word in words:
        assert word in found[path]


def test_names_that_are_also_tags_of_unions_do_not_confuse_the_path() -> None:
    start = {"kind": "event", "event": 1, "where": [{"param": "event", "op": "in", "value": 5}]}
    predicate = {
        "all": [{"not": {"any": [{"order": {"order": 1}}, {"field": "value", "op": "~"}]}}]
    }
    update = {"id": "u", "kind": "update", "set": {"str": [[]], "ParamRef": {"a": 1}}}
    data = workflow(condition("a", None, None, predicate), update, start=start)
    found = [issue.path for issue in shape_issues(data)]
    assert found == [
        "$.start.event",
        "$.start.where[0]",
        "$.blocks[0].if.all[0].not.any[0].order.order",
        "$.blocks[0].if.all[0].not.any[1].op",
        "$.blocks[1].set.str",
        "$.blocks[1].set.ParamRef.param",
        "$.blocks[1].set.ParamRef.a",
    ]


def test_a_value_that_fits_no_alternative_gives_one_readable_error() -> None:
    leaf = {"event": "A", "within": "week"}
    segment_start = {"kind": "segment", "segment": "s", "schedule": "daily"}
    found = shape_issues(workflow(condition("a", None, None, leaf), start=segment_start))
    assert [(issue.path, issue.message) for issue in found] == [
        ("$.start.schedule", "should be a mapping or 'entry', not 'daily'"),
        (
            "$.blocks[0].if.within",
            "should be 'journey' or an ISO 8601 duration such as PT2H or P7D, not 'week'",
        ),
    ]


def test_errors_inside_a_mapping_are_told_rather_than_that_it_is_no_text() -> None:
    start = {"kind": "segment", "segment": "s", "schedule": {"cron": 5, "zone": "x"}}
    found = [issue.path for issue in shape_issues(workflow(start=start))]
    assert found == ["$.start.schedule.cron", "$.start.schedule.zone"]
    both = {"kind": "segment", "segment": "s", "schedule": {"cron": "x", "at": "y"}}
    assert [i.message for i in shape_issues(workflow(start=both))] == [
        "a schedule has exactly one of 'cron', 'at' and 'entry'"
    ]


def test_names_of_attributes_are_not_names_of_the_language() -> None:
    data = workflow({"id": "a", "kind": "condition", "if_": {"segment": "s"}, "else_": "a"})
    found = [issue.path for issue in shape_issues(data)]
    assert found == ["$.blocks[0].if", "$.blocks[0].if_", "$.blocks[0].else_"]


def test_all_errors_are_told_at_once_but_not_without_end() -> None:
    found = shape_issues(workflow(*({"id": f"b{n}", "kind": "x"} for n in range(150))))
    assert len(found) == MAX_ISSUES + 1
    assert found[-1].message == "and 50 more"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\0b", "NUL"),
        ("\ud800", "surrogate"),
        (float("nan"), "finite"),
        (float("-inf"), "finite"),
        (2**63, "64 bits"),
        (-(10**400), "64 bits"),
        (b"x", "no JSON value"),
        ({1: 2}, "keys are text"),
        ({"a\0": 2}, "NUL"),
    ],
)
def test_what_the_database_cannot_store_is_refused_anywhere(value: Any, words: str) -> None:
    emit = {"id": "a", "kind": "emit", "event": "E", "properties": {"deep": [{"x": value}]}}
    [issue] = shape_issues(workflow(emit))
    assert words in issue.message
    assert issue.path == "$.blocks[0].properties.deep[0].x"


def test_nesting_and_size_are_bounded() -> None:
    deep: Any = {"field": "a", "op": "exists"}
    for _ in range(100_000):
        deep = {"not": deep}
    with pytest.raises(InvalidInput, match="nested deeper"):
        parse_predicate(deep)
    endless: dict[str, Any] = {}
    endless["not"] = endless
    with pytest.raises(InvalidInput, match="nested deeper"):
        parse_predicate(endless)
    with pytest.raises(InvalidInput, match="too large"):
        parse_predicate({"field": "a", "op": "in", "value": [0] * 100_001})


def test_predicates_are_read_alone_with_paths_of_their_own() -> None:
    predicate = parse_predicate({"all": [{"field": "plan", "op": "=", "value": "premium"}]})
    assert predicate == AllOf(all=[FieldLeaf(field="plan", op="=", value="premium")])
    with pytest.raises(InvalidInput) as caught:
        parse_predicate({"all": [{"field": "plan", "op": "equals", "value": 1}, {"any": {}}]})
    assert [issue.path for issue in caught.value.issues] == ["$.all[0].op", "$.all[1].any"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["id", "kind", "wait", "for", "until", "if", "all", "not", "field", "value", "within",
             "event", "order", "start", "blocks", "set", "schedule", "next", "where", "x"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300)
@given(_json, st.sampled_from(["message", "timer", "condition", "update", "split", "emit", "exit"]))
def test_no_data_is_answered_with_anything_but_issues(data: Any, kind: str) -> None:
    block = {"id": "a", "kind": kind} | (data if isinstance(data, dict) else {"next": data})
    for candidate in (data, workflow(block), workflow(start=data), workflow(stop=data)):
        for issue in shape_issues(candidate):
            assert issue.path.startswith("$")
            assert issue.message
