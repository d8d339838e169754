"""Test launches over HTTP: what they take, and that lists and numbers leave them out."""

from __future__ import annotations

import pytest

from tests.api.management.drawings import definition, published

TO = "tester@example.com"


@pytest.fixture
async def ann(api):
    await api("POST", "/v1/contacts", json=[{"userId": "ann"}])
    return "ann"


async def test_a_test_is_a_journey_that_is_marked(api, ann, wakeup):
    await published(api, "hi")
    body = {"userId": ann, "to": TO, "waits": {"at_most": "PT10S"}}
    journey = await api("POST", "/v1/workflows/hi/test", 202, json=body)
    assert (journey["test"], journey["version"], journey["userId"]) == (True, 1, "ann")
    assert journey["state"] == "running"
    detail = await api("GET", f"/v1/journeys/{journey['id']}")
    assert (detail["test"], detail["steps"]) == (True, [])


async def test_lists_and_numbers_leave_tests_out_unless_they_are_asked_for(api, ann):
    await published(api, "hi")
    journey = await api("POST", "/v1/workflows/hi/test", 202, json={"userId": ann, "to": TO})
    for query in ("", "?workflow=hi", "?contact=ann", "?state=running"):
        assert (await api("GET", f"/v1/journeys{query}"))["data"] == []
        mark = "&" if query else "?"
        [listed] = (await api("GET", f"/v1/journeys{query}{mark}test=true"))["data"]
        assert listed["id"] == journey["id"]
    stats = await api("GET", "/v1/workflows/hi/stats")
    assert sum(stats["journeys"].values()) == 0


async def test_a_draft_that_was_never_published_is_tested_and_is_no_version(api, ann):
    body = {"key": "hi", "definition": definition()}
    await api("POST", "/v1/workflows", 201, json=body)
    event = {"event": "Signed Up", "userId": "ann", "properties": {"plan": "gold"}, "type": "track"}
    journey = await api("POST", "/v1/workflows/hi/test", 202, json={"event": event, "to": TO})
    assert (journey["version"], journey["userId"]) == (None, "ann")
    assert (await api("GET", "/v1/workflows/hi/versions"))["data"] == []
    assert (await api("GET", "/v1/workflows/hi"))["state"] == "draft"
    answer = await api("POST", "/v1/workflows/hi/publish")
    assert answer["version"] == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"userId": "ann"}, "$.to"),
        ({"userId": "ann", "to": "nowhere"}, "$.to"),
        ({"to": TO}, "$"),
        ({"userId": "ann", "to": TO, "waits": {"at_most": "-P1D"}}, "$.waits"),
        ({"userId": "ann", "to": TO, "waits": "some"}, "$.waits"),
        ({"userId": "ann", "to": TO, "event": {"event": "Other"}}, "$.event.event"),
        ({"userId": "ann", "to": TO, "more": 1}, "$.more"),
    ],
    ids=["no-address", "odd-address", "nobody", "backwards", "odd-waits", "other-event", "more"],
)
async def test_what_is_wrong_is_named(api, ann, body, path):
    await published(api, "hi")
    problem = await api("POST", "/v1/workflows/hi/test", 422, json=body)
    assert any(error["path"].startswith(path) for error in problem["errors"]), problem


async def test_what_is_not_there_is_not_found(api, stranger, writer, ann):
    await published(api, "hi")
    body = {"userId": "ann", "to": TO}
    await api("POST", "/v1/workflows/other/test", 404, json=body)
    await api("POST", "/v1/workflows/hi/test", 404, json={**body, "userId": "bob"})
    await api("POST", "/v1/workflows/hi/test", 404, json={**body, "version": 9})
    await stranger("POST", "/v1/workflows/hi/test", 404, json=body)
    await writer("POST", "/v1/workflows/hi/test", 403, json=body)
