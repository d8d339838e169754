"""A dry run says which messages would be skipped, in the words of sending."""

from __future__ import annotations

import pytest

from tests.api.management.drawings import EMAIL, definition

NIGHT = "2026-03-01T20:30:00Z"
DAY = {"from": "09:00", "to": "18:00"}


@pytest.fixture
async def ann(api):
    await api("POST", "/v1/templates", 201, json={"key": "t", **EMAIL})
    await api("POST", "/v1/topics", 201, json={"key": "news", "name": "News"})
    ann = {"userId": "ann", "email": "ann@example.com", "timezone": "UTC"}
    await api("POST", "/v1/contacts", json={"contacts": [ann]})
    return "/v1/contacts/ann/subscriptions"


async def step(api, **block):
    drawn = definition(
        blocks=[
            {"id": "a", "kind": "message", "channel": "email", "template": "t",
             "next": "yes", "else": "no", **block},
            {"id": "yes", "kind": "exit", "reason": "yes"},
            {"id": "no", "kind": "exit", "reason": "no"},
        ],
    )  # fmt: skip
    body = {"userId": "ann", "start_at": NIGHT, "definition": drawn}
    answer = await api("POST", "/v1/workflows/simulate", json=body)
    return answer["steps"][0]["outcome"], answer["steps"][0]["note"], answer["steps"][1]["block"]


async def test_who_unsubscribed_is_skipped_and_goes_on_by_else(api, ann):
    assert await step(api, topic="news") == ("sent", None, "yes")
    await api("PATCH", ann, json={"topics": {"news": False}})
    assert await step(api, topic="news") == ("skipped", "unsubscribed: topic news", "no")
    assert (await step(api))[0] == "sent"
    assert (await step(api, topic="news", transactional=True))[0] == "sent"
    await api("PATCH", ann, json={"unsubscribed": True})
    assert (await step(api))[1] == "unsubscribed: everything"


async def test_a_suppressed_address_is_skipped(api, ann):
    body = {"channel": "email", "addresses": ["ANN@example.com"], "reason": "bounce"}
    await api("POST", "/v1/suppressions", json=body)
    assert await step(api) == ("skipped", "suppressed: bounce", "no")


async def test_hours_that_skip_and_the_workspaces_hours(api, ann):
    hours = {**DAY, "otherwise": "skip"}
    expected = ("skipped", "outside allowed hours", "no")
    assert await step(api, allowed_hours=hours) == expected
    await api("PATCH", "/v1/settings", json={"allowed_hours": hours})
    assert await step(api) == expected
    assert (await step(api, transactional=True))[0] == "sent"
    assert (await step(api, allowed_hours={**DAY, "otherwise": "send"}))[0] == "sent"
