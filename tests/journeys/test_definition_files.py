"""Workflow files: what YAML 1.2 and JSON say, where an error stands, and the way back to text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from journeys.definition import Definition
from journeys.definition_files import MAX_BYTES, Position, read_definition_file
from journeys.definition_writing import plain_definition, write_definition
from journeys.errors import InvalidInput
from journeys.validation import parse_definition
from tests.journeys.cases import EXIT, FILES, condition, from_file, workflow


def read(text: str | bytes, name: str = "w.yaml") -> Any:
    return read_definition_file(text, name=name).data


def refusal(text: str | bytes, name: str = "w.yaml") -> str:
    with pytest.raises(InvalidInput) as caught:
        read_definition_file(text, name=name)
    [issue] = caught.value.issues
    assert issue.message in str(caught.value)
    return issue.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-12-24", "2026-12-24"), ("2026-12-24T10:00:00Z", "2026-12-24T10:00:00Z"),
        ("on", "on"), ("no", "no"), ("Yes", "Yes"), ("y", "y"), ("09:00", "09:00"),
        ("190:20:30", "190:20:30"), ("+1e", "+1e"), ("1_000", "1_000"),
        ("0b11", "0b11"), ("=", "="), ("P1D", "P1D"),
        ("true", True), ("False", False), ("~", None), ("null", None), ("", None), ("12", 12),
        ("-7", -7), ("012", 12), ("0o17", 15), ("0x1f", 31),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0),
        ("'12'", "12"), ('"true"', "true"), ("!!str 12", "12"), ("[a, 1]", ["a", 1]),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    [read_value] = read(f"key: {text}").values()
    assert read_value == value
    assert type(read_value) is type(value)


def test_keys_are_always_text() -> None:
    assert read("on: 1\n2026: 2\ntrue: 3\n") == {"on": 1, "2026": 2, "true": 3}


def test_a_yaml_1_1_directive_does_not_bring_back_its_booleans() -> None:
    assert read("%YAML 1.1\n---\non: no\n") == {"on": "no"}


def test_aliases_stand_for_what_they_name() -> None:
    assert read("a: &x {b: 1}\nc: [*x, *x]\n") == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1,\n", "line 3, column 1"),
        ("a: 1\n  b: 2\n", "line 2, column 4"),
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' stands twice"),
        ("a: {b: 1, b: 2}\n", "line 1, column 11: the key 'b' stands twice"),
        ("a: 1\nb: !!python/name:os.system\n", "line 2, column 4: the tag"),
        ("a: !!binary aGk=\n", "line 1, column 4: the tag"),
        ("a:\n  <<: {b: 1}\n", "line 2, column 3: merge keys"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1"),
        ("a: 1\nb: *nope\n", "line 2, column 4: found undefined alias 'nope'"),
        ("a: .nan\n", "line 1, column 4: '.nan' is no number"),
        ("a: 1e999\n", "line 1, column 4: '1e999' is no number"),
        ("? [a]\n: 1\n", "line 1, column 3: a key must be text"),
        ("a: 1\nb: \x07\n", "line 2, column 4: the character U+0007"),
        (b"a: 1\nb: \xff\n", "line 2, column 4: it is not UTF-8"),
    ],
)
def test_errors_in_yaml_name_line_and_column(text: str | bytes, message: str) -> None:
    assert refusal(text).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "b": }', "line 2, column 7"),
        ('{"a": [1, 2}', "line 1, column 12"),
        (
            '{"a": {"b": 1},\n\t"c": {"b": 2,\n"b": 3}}',
            "line 3, column 1: the key 'b' stands twice",
        ),
        ('{"a": NaN}', "line 1, column 7: NaN is not JSON"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "it is nested deeper"),
        ('{"a": ' + "9" * 5000 + "}", "Exceeds the limit"),
    ],
)
def test_errors_in_json_name_line_and_column(text: str, message: str) -> None:
    assert refusal(text, "w.json").startswith(message)


def test_json_and_yaml_give_the_same_data() -> None:
    data = from_file("workout-reminder.yaml")
    assert read(json.dumps(data), "w.json") == read(json.dumps(data)) == data
    assert read(b"\xef\xbb\xbf" + json.dumps(data).encode(), "w.JSON") == data


def test_alias_bombs_nesting_and_size_are_bounded() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 12):
        bomb += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n"
    assert "unfolds to more than" in refusal(bomb)
    assert "nested deeper" in refusal("a: &x [*x]")
    assert "nested deeper" in refusal("[" * 5_000)
    assert "nested deeper" in refusal("- " * 5_000)
    assert "larger than 512 KiB" in refusal("#" * (MAX_BYTES + 1))


def test_the_line_of_a_later_issue_can_be_found_by_its_path() -> None:
    file = read_definition_file("name: x\nblocks:\n  - id: a\n    'odd key': [1, 2]\n")
    assert file.position("$.blocks[0].id") == Position(3, 9)
    assert file.position("$.blocks[0]['odd key'][1]") == Position(4, 20)
    assert file.position("$.blocks[0].missing.deeper[3]") == Position(3, 5)
    assert file.position("$.start") == Position(1, 1)


@pytest.mark.parametrize("name", ["workout-reminder.yaml", "every-kind.yaml"])
def test_a_written_definition_reads_back_the_same_and_is_written_the_same_again(name: str) -> None:
    definition = parse_definition(from_file(name))
    text = write_definition(definition)
    again = parse_definition(read(text))
    assert again == definition
    assert write_definition(again) == text
    assert parse_definition(json.loads(json.dumps(plain_definition(definition)))) == definition


def test_the_order_of_keys_in_the_source_does_not_matter() -> None:
    def backwards(value: Any) -> Any:
        if isinstance(value, list):
            return [backwards(item) for item in value]
        if isinstance(value, dict):
            return {key: backwards(value[key]) for key in reversed(value)}
        return value

    data = from_file("workout-reminder.yaml")
    assert write_definition(parse_definition(backwards(data))) == write_definition(
        parse_definition(data)
    )


def test_what_is_written_looks_as_one_would_write_it() -> None:
    written = write_definition(parse_definition(from_file("workout-reminder.yaml")))
    assert written.splitlines()[:6] == [
        "name: Workout reminder",
        "start:",
        "  kind: event",
        "  event: Workout Planned",
        '  where: [{param: minutes, op: ">=", value: 20}]',
        "  reentry: {mode: after, after: P7D, key: [plan_id]}",
    ]
    assert "  - {id: wait, kind: timer, wait: {for: P1D}, next: paid}" in written
    assert (FILES / "workout-reminder.yaml").read_text().count("{id:") >= written.count("{id:")


@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200
    )
)
def test_any_text_survives_the_way_through_a_file_whoever_reads_it(text: str) -> None:
    leaf = {"field": text, "op": "=", "value": text}
    update = {"id": "u", "kind": "update", "set": {text: text}}
    definition = Definition.model_validate(workflow(condition("c", "u", None, leaf), update, EXIT))
    written = write_definition(definition)
    assert parse_definition(read(written)) == definition
    old = YAML(typ="safe", pure=True)
    old.version = (1, 1)
    assert old.load(written)["blocks"][0]["if"]["value"] == text
