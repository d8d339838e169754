"""The JSON Schema agrees with the parser about shapes, and explains every field."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from journeys.schema import workflow_schema
from journeys.schema_texts import stale_texts
from tests.journeys.cases import EXIT, condition, from_file, message, shape_issues, timer, workflow

EVERY_KIND = from_file("every-kind.yaml")


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = workflow_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["workout-reminder.yaml", "every-kind.yaml"])
def test_whole_definitions_are_valid(validator: Draft202012Validator, name: str) -> None:
    validator.validate(from_file(name))


@pytest.mark.parametrize(
    "block", EVERY_KIND["blocks"], ids=lambda block: f"{block['kind']}-{block['id']}"
)
def test_each_block_is_valid_and_no_unknown_field_is(
    validator: Draft202012Validator, block: Any
) -> None:
    assert validator.is_valid(workflow(block))
    assert not validator.is_valid(workflow(block | {"unknown": 1}))
    assert not validator.is_valid(workflow(block | {"kind": "unknown"}))
    assert not validator.is_valid(workflow({key: block[key] for key in block if key != "id"}))


@pytest.mark.parametrize(
    "data",
    [
        [], {}, workflow("x"), workflow({"id": "a"}), workflow(message("a", template=5)),
        workflow(message("a", channel="fax")), workflow({"id": "-", "kind": "exit"}),
        workflow(timer("a", **{"for": "1d"})), workflow(timer("a", **{"for": "P"})),
        workflow(timer("a", until={"time": "25:00"})), workflow(timer("a", until={"x": 1})),
        workflow(condition("a", None, None, {"field": "x", "op": "equals"})),
        workflow(condition("a", None, None, {"field": "x", "event": "y"})),
        workflow(condition("a", None, None, {"event": "x", "within": "week"})),
        workflow(condition("a", None, None, {"any": {}})), workflow(blocks=[]),
        workflow(start={"kind": "event"}), workflow(stop=[{"kind": "event", "events": []}]),
        workflow({"id": "s", "kind": "split", "branches": [{"weight": 1}]}),
        workflow({"id": "s", "kind": "split", "branches": [{"weight": 1}, {"weight": 0}]}),
        workflow({"id": "u", "kind": "update", "set": {"a": {"b": 1}}}),
        workflow({"id": "c", "kind": "condition", "if_": {"segment": "s"}}),
    ],
    ids=str,
)  # fmt: skip
def test_what_the_parser_refuses_for_its_shape_the_schema_refuses(
    validator: Draft202012Validator, data: Any
) -> None:
    assert shape_issues(data)
    assert not validator.is_valid(data)


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if key not in ("properties", "set", "params", "bind"):  # their contents are free
            yield data, key
            if isinstance(value, dict | list):
                yield from _places(value)


@pytest.mark.parametrize(
    "whole",
    [EVERY_KIND | {"blocks": [EXIT]}, *(workflow(block) for block in EVERY_KIND["blocks"])],
    ids=lambda whole: whole["blocks"][0]["id"],
)
def test_both_judge_the_same_of_a_definition_with_any_one_value_replaced(
    validator: Draft202012Validator, whole: Any
) -> None:
    for index in range(len(list(_places(whole)))):
        for replacement in (["x"], {"x": 1}):
            data = copy.deepcopy(whole)
            holder, key = list(_places(data))[index]
            if key == "value" and isinstance(replacement, list):
                continue  # whether a list fits depends on the op
            holder[key] = replacement
            refused = bool(shape_issues(data))
            assert validator.is_valid(data) != refused, (holder, key, replacement)


@pytest.mark.parametrize(
    ("duration", "right"),
    [
        ("P1D", True), ("-P1M", True), ("PT0.5S", True), ("P1Y2M3W4DT5H6M7S", True), ("p1d", True),
        ("+P1D", True), ("P", False), ("PT", False), ("P1DT", False),
        ("P1.5D", False), ("1D", False),
        ("P1D2M", False), ("PT1S1H", False), (" P1D", False), ("P1DT-2H", False),
    ],
)  # fmt: skip
def test_both_know_the_same_durations(
    validator: Draft202012Validator, duration: str, right: bool
) -> None:
    data = workflow(timer("a", **{"for": duration}))
    assert validator.is_valid(data) is right
    assert (not shape_issues(data)) is right


def test_every_field_and_model_is_explained_and_no_explanation_is_stale() -> None:
    schema = workflow_schema()
    models = {"Definition": schema, **schema["$defs"]}
    fields = {name: set(model["properties"]) for name, model in models.items()}
    silent = {
        f"{name}.{field}"
        for name, model in models.items()
        for field, of_field in model["properties"].items()
        if not of_field.get("description")
    }
    assert silent == set()
    assert stale_texts(fields) == set()
    assert [name for name, model in models.items() if not model.get("description")] == []


def test_what_a_caller_changes_stays_with_the_caller() -> None:
    workflow_schema()["$defs"].clear()
    assert workflow_schema()["$defs"]
