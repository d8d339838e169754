"""What a segment may not be, and what may not be done to one that is named."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.management.drawings import definition, published
from tests.api.management.rows import contact, journey
from tests.api.management.segments import (
    PREMIUM,
    branching,
    make,
    three_people,
)


@pytest.fixture
async def people(api, database):
    return await three_people(api, database)


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ({}, "$.where"),
        ({"feild": "plan"}, "$.where"),
        ({"all": [{"field": "plan", "op": "is"}]}, "$.where.all[0].op"),
        ({"any": [{"segment": "unknown"}]}, "$.where.any[0].segment"),
        ({"event": "E", "within": "journey"}, "$.where.within"),
        ({"message": {"block": "hello", "state": "sent"}}, "$.where.message.block"),
        ({"not": {"field": "x", "op": "before", "value": "soon"}}, "$.where.not.value"),
        ({"all": [{"field": "x", "value": "\x00"}]}, "$.where.all[0].value"),
        ({"any": [{"field": "x", "op": "exists"}] * 1001}, "$.where"),
        ({"field": "x", "op": "in", "value": ["v"] * 2000}, "$.where"),
        ([], "$.where"),
        ("plan", "$.where"),
    ],
)
async def test_a_predicate_that_is_wrong_is_refused_with_its_place(api, where, path):
    for problem in (
        await make(api, "wrong", where, 422),
        await api("POST", "/v1/segments/preview", 422, json={"where": where}),
    ):
        assert problem["errors"][0]["path"] == path
    await api("GET", "/v1/segments/wrong", 404)


async def test_a_segment_that_would_contain_itself_is_refused(api):
    problem = await make(api, "a", {"not": {"segment": "a"}}, 422)
    assert "a → a" in problem["errors"][0]["message"]
    await make(api, "a", PREMIUM)
    await make(api, "b", {"any": [{"segment": "a"}, PREMIUM]})
    await make(api, "c", {"all": [{"segment": "b"}]})
    where = {"where": {"not": {"segment": "c"}}}
    problem = await api("PATCH", "/v1/segments/a", 422, json=where)
    assert problem["errors"] == [
        {"path": "$.where", "message": "the segment would contain itself: a → c → b → a"}
    ]
    assert (await api("GET", "/v1/segments/a"))["where"] == PREMIUM
    await make(api, "d", {"all": [{"segment": "a"}, {"segment": "c"}]})  # a diamond is no cycle


async def test_two_changes_at_once_do_not_close_a_cycle(api):
    for _ in range(8):
        for key in ("x", "y"):
            await api.raw("PUT", f"/v1/segments/{key}", json={"name": key, "where": PREMIUM})
        answers = await asyncio.gather(
            *(
                api.raw("PATCH", f"/v1/segments/{key}", json={"where": {"segment": other}})
                for key, other in (("x", "y"), ("y", "x"))
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_segment_may_not_grow_beyond_what_those_that_name_it_can_hold(api):
    parts = {"any": [{"field": "x", "op": "exists"}] * 600}
    await make(api, "a", parts)
    await make(api, "b", {"any": [{"segment": "a"}, PREMIUM]})
    body = {"where": {"any": [{"field": "x", "op": "exists"}] * 998}}
    problem = await api("PATCH", "/v1/segments/a", 422, json=body)
    assert "'b'" in problem["errors"][0]["message"]
    await make(api, "c", {"all": [{"segment": "a"}, {"segment": "b"}]}, 422)


@pytest.mark.parametrize(
    "drawing",
    [
        branching({"any": [{"field": "x", "op": "exists"}, {"not": {"segment": "s"}}]}),
        definition(start={"kind": "segment", "segment": "s", "schedule": "entry"}),
        definition(stop=[{"kind": "segment", "segment": "s"}]),
        definition(
            blocks=[
                {"id": "set", "kind": "update", "add_to": ["s"], "next": "bye"},
                {"id": "bye", "kind": "exit"},
            ]
        ),
    ],
    ids=["condition", "start", "stop", "update"],
)
async def test_what_a_draft_names_is_not_deleted(api, drawing):
    await make(api, "s")
    await api("POST", "/v1/workflows", 201, json={"key": "flow", "definition": drawing})
    problem = await api("DELETE", "/v1/segments/s", 409)
    assert "the workflows flow" in problem["detail"]
    await api("PUT", "/v1/workflows/flow", json={"definition": definition()})
    await api("DELETE", "/v1/segments/s", 204)


async def test_what_another_segment_or_a_running_journey_names_is_not_deleted(api, database):
    await make(api, "s", PREMIUM)
    await make(api, "others", {"not": {"segment": "s"}})
    problem = await api("DELETE", "/v1/segments/s", 409)
    assert "the segments others" in problem["detail"]
    await api("DELETE", "/v1/segments/others", 204)

    workflow = await published(api, "flow", branching({"segment": "s"}))
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "u1")
        running = await journey(connection, api.workspace_id, person, workflow)
    await api("PUT", "/v1/workflows/flow", json={"definition": definition()})
    await api("DELETE", "/v1/segments/s", 409)  # the running version names it
    await api("POST", "/v1/workflows/flow/publish")
    await api("DELETE", "/v1/segments/s", 409)  # a journey of the older version names it
    await api("POST", f"/v1/journeys/{running}/stop")
    await api("DELETE", "/v1/segments/s", 204)


async def test_what_names_a_segment_is_told(api):
    await make(api, "s", PREMIUM)
    assert await api("GET", "/v1/segments/s/uses") == {"segments": [], "workflows": []}
    await make(api, "others", {"not": {"segment": "s"}})
    await make(api, "apart", {"field": "segment", "op": "=", "value": "s"})
    drawing = branching({"segment": "s"})
    await api("POST", "/v1/workflows", 201, json={"key": "flow", "definition": drawing})
    uses = await api("GET", "/v1/segments/s/uses")
    assert uses == {"segments": ["others"], "workflows": ["flow"]}


async def test_a_word_that_happens_to_be_a_segments_key_holds_it_not(api):
    await make(api, "s", PREMIUM)
    drawing = branching({"field": "segment", "op": "=", "value": "s"})
    await api("POST", "/v1/workflows", 201, json={"key": "flow", "definition": drawing})
    await make(api, "other", {"field": "s", "op": "=", "value": "s"})
    await api("DELETE", "/v1/segments/s", 204)


async def test_a_segment_and_what_names_it_cannot_pass_each_other(api):
    """Whatever the order of a save and a deletion at once, nothing names a missing segment."""
    for round_ in range(6):
        for method, address, body in (
            ("PUT", f"/v1/workflows/w{round_}", {"definition": branching({"segment": "s"})}),
            ("PUT", f"/v1/segments/n{round_}", {"name": "n", "where": {"segment": "s"}}),
        ):
            await make(api, "s", PREMIUM)
            saved, deleted = await asyncio.gather(
                api.raw(method, address, json=body), api.raw("DELETE", "/v1/segments/s")
            )
            assert (saved.status_code, deleted.status_code) in {(201, 409), (422, 204)}
            await api.raw("DELETE", address)
            await api.raw("DELETE", "/v1/segments/s")
