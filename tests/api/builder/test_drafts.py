"""Drafts that are still being drawn: kept as they are, judged as far as they go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.management.drawings import EMAIL, definition, sending

LATER = {"check": "later"}
NO_TEMPLATE = {"id": "hello", "kind": "message", "channel": "email", "next": "bye"}
BYE = {"id": "bye", "kind": "exit"}


def told(issues: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(issue["path"], issue["block"]) for issue in issues]


async def test_an_unfinished_draft_is_kept_and_told_what_is_wrong_with_it(api):
    drawn = definition(blocks=[NO_TEMPLATE, BYE])
    await api("POST", "/v1/workflows", 422, json={"key": "hi", "definition": drawn})
    made = await api(
        "POST", "/v1/workflows", 201, params=LATER, json={"key": "hi", "definition": drawn}
    )
    assert made["definition"] == drawn
    assert told(made["issues"]) == [("$.blocks[0].template", "hello")]
    assert await api("GET", "/v1/workflows/hi") == made


async def test_an_unfinished_draft_is_saved_over_and_made_by_put(api):
    drawn = definition(blocks=[NO_TEMPLATE])
    made = await api("PUT", "/v1/workflows/hi", 201, params=LATER, json={"definition": drawn})
    worse = {"name": "Half", "start": {"kind": "event"}, "blocks": []}
    saved = await api(
        "PUT", "/v1/workflows/hi", params=LATER,
        json={"definition": worse, "revision": made["revision"]},
    )  # fmt: skip
    assert saved["revision"] == 2
    assert saved["name"] == "Half"
    assert {path for path, _ in told(saved["issues"])} == {"$.start.event", "$.blocks"}
    renamed = await api("PATCH", "/v1/workflows/hi", params=LATER, json={"name": "Other"})
    assert renamed["definition"]["name"] == renamed["name"] == "Other"
    await api("PATCH", "/v1/workflows/hi", 422, json={"name": "Third"})


async def test_a_draft_without_a_name_is_called_by_its_key(api):
    made = await api(
        "PUT", "/v1/workflows/hi", 201, params=LATER, json={"definition": {"blocks": []}}
    )
    assert made["name"] == "hi"
    assert (await api("GET", "/v1/workflows"))["data"][0]["name"] == "hi"


async def test_what_is_unfinished_is_never_published_or_tested(api):
    drawn = definition(blocks=[NO_TEMPLATE])
    await api("PUT", "/v1/workflows/hi", 201, params=LATER, json={"definition": drawn})
    problem = await api("POST", "/v1/workflows/hi/publish", 422)
    assert [one["path"] for one in problem["errors"]] == ["$.blocks[0].template"]
    body = {"userId": "u1", "to": "me@example.com"}
    await api("POST", "/v1/workflows/hi/test", 422, json=body)


@pytest.mark.parametrize(
    "shapeless",
    [
        {"blocks": "none"},
        {"blocks": ["hello"]},
        {"blocks": [{"id": "a"}] * 1001},
        {"name": 7, "blocks": []},
        {"name": "x" * 201, "blocks": []},
        {"start": "event", "blocks": []},
        {"stop": {}, "blocks": []},
        {"name": "nul \x00", "blocks": []},
    ],
    ids=["text", "no-mapping", "many", "number", "long", "start", "stop", "nul"],
)
async def test_what_is_no_workflow_even_in_outline_is_refused(api, shapeless):
    await api("PUT", "/v1/workflows/hi", 422, params=LATER, json={"definition": shapeless})
    await api("GET", "/v1/workflows/hi", 404)


async def test_one_empty_block_does_not_hide_what_is_wrong_with_the_others(api):
    blocks = [
        {"id": "empty", "kind": "timer", "next": "hello"},
        {"id": "hello", "kind": "message", "channel": "email", "template": "nowhere"},
        {"id": "if", "kind": "condition", "if": {"message": {"block": "hello", "state": "opened"}}},
        {"id": "in", "kind": "condition", "if": {"segment": "nobody"}},
    ]
    found = await api("POST", "/v1/workflows/check", json={"definition": definition(blocks=blocks)})
    assert told(found["issues"]) == [
        ("$.blocks[0].wait", "empty"),
        ("$.blocks[1].template", "hello"),
        ("$.blocks[3].if.segment", "in"),
    ]
    assert ("$.blocks[2]", "if") in told(found["warnings"])


async def test_checking_stores_nothing(api):
    found = await api("POST", "/v1/workflows/check", json=definition())
    assert found == {"issues": [], "warnings": []}
    assert (await api("GET", "/v1/workflows"))["data"] == []


OPENED = {"message": {"block": "hello", "state": "opened"}}
WAIT = {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}, "next": "if"}


@pytest.mark.parametrize(
    ("between", "asks", "warned"),
    [
        ([], OPENED, True),
        ([], {"not": {"any": [{"message": {"block": "last", "state": "clicked"}}]}}, True),
        ([{"id": "wait", "kind": "emit", "event": "Greeted", "next": "if"}], OPENED, True),
        ([WAIT], OPENED, False),
        ([], {"message": {"block": "hello", "state": "failed"}}, False),
        ([], {"field": "plan", "op": "exists"}, False),
    ],
    ids=["at-once", "any-message", "behind-another-block", "after-a-timer", "failed", "a-field"],
)
async def test_a_condition_that_asks_about_a_message_of_that_moment_is_warned_of(
    api, between, asks, warned
):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    blocks = [
        {**sending("t")["blocks"][0], "next": "wait" if between else "if"},
        *between,
        {"id": "if", "kind": "condition", "if": asks, "then": "bye"},
        BYE,
    ]
    found = await api("POST", "/v1/workflows/check", json={"definition": definition(blocks=blocks)})
    assert found["issues"] == []
    assert told(found["warnings"]) == [(f"$.blocks[{len(blocks) - 2}].if", "if")] * warned


async def test_a_conflict_tells_which_revision_is_there_and_since_when(api):
    await api("PUT", "/v1/workflows/hi", 201, json={"definition": definition()})
    saved = await api("PUT", "/v1/workflows/hi", json={"definition": definition("Mine")})
    body = {"definition": definition("Theirs")}
    problem = await api(
        "PUT", "/v1/workflows/hi", 409, json=body, params=LATER, headers={"If-Match": '"1"'}
    )
    assert problem["revision"] == 2
    assert problem["updated_at"][:19] == saved["updated_at"][:19]


async def test_an_unfinished_draft_holds_no_segment_in_place(api):
    await api("POST", "/v1/segments", 201, json={"key": "s", "name": "List"})
    blocks = [NO_TEMPLATE, {"id": "in", "kind": "condition", "if": {"segment": "s"}}]
    drawn = definition(blocks=blocks)
    await api("PUT", "/v1/workflows/hi", 201, params=LATER, json={"definition": drawn})
    await api("DELETE", "/v1/segments/s", 204)
    found = await api("GET", "/v1/workflows/hi")
    assert ("$.blocks[1].if.segment", "in") in told(found["issues"])
