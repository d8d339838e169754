"""Topics, what contacts get, suppressed addresses, caps and hours over HTTP."""

from __future__ import annotations

import pytest

from tests.api.management.drawings import definition

HOURS = {"from": "09:00", "to": "20:00", "weekdays": ["mon"], "otherwise": "skip", "spread": "PT1H"}


@pytest.fixture
async def news(api):
    return await api("POST", "/v1/topics", 201, json={"key": "news", "name": "News"})


@pytest.fixture
async def ann(api):
    contact = {"userId": "ann/1", "email": "Ann@example.com", "phone": "+49 170"}
    await api("POST", "/v1/contacts", json={"contacts": [contact]})
    return "/v1/contacts/ann/1/subscriptions"


async def test_a_topic_is_made_saved_and_deleted(api, stranger, news):
    assert (news["subscribed"], news["transactional"], news["channels"]) == (True, False, [])
    body = {"name": "Journal", "channels": ["email", "email", "sms"], "subscribed": False}
    saved = await api("PUT", "/v1/topics/news", json=body)
    assert (saved["id"], saved["channels"]) == (news["id"], ["email", "sms"])
    assert await api("GET", f"/v1/topics/{news['id']}") == saved
    assert (await api("GET", "/v1/topics"))["data"] == [saved]
    await api("POST", "/v1/topics", 409, json={"key": "news", "name": "News"})
    await api("PUT", "/v1/topics/news", 422, json={"key": "other", "name": "News"})
    await api("PUT", "/v1/topics/offers", 201, json={"name": "Offers"})
    await stranger("GET", "/v1/topics/news", 404)
    await stranger("DELETE", "/v1/topics/news", 404)
    await api("DELETE", "/v1/topics/news", 204)
    await api("GET", "/v1/topics/news", 404)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "News", "channels": ["fax"]}, {"name": ""}, {"name": "x", "key": "a b"},
        {"name": "x", "unknown": 1}, {"name": "x", "description": "x" * 1001},
    ],
    ids=["channel", "name", "key", "unknown", "long"],
)  # fmt: skip
async def test_a_topic_that_cannot_be_is_refused(api, body):
    await api("POST", "/v1/topics", 422, json={"key": "news", **body})


async def test_what_a_contact_gets_follows_from_all_that_was_said(api, news, ann):
    await api("POST", "/v1/topics", 201, json={
        "key": "offers", "name": "Offers", "channels": ["email", "sms"], "subscribed": False,
    })  # fmt: skip
    at_first = await api("GET", ann)
    assert (at_first["unsubscribed"], at_first["channels"]["email"]) == (False, True)
    by_key = {one["topic"]: one for one in at_first["topics"]}
    assert by_key["offers"]["channels"] == {"email": False, "sms": False}
    assert by_key["news"]["channels"]["push"] is True
    assert by_key["news"]["said_at"] is None
    changed = await api(
        "PATCH", ann,
        json={"channels": {"sms": False}, "topics": {"offers": {"email": True}, "news": False}},
    )  # fmt: skip
    by_key = {one["topic"]: one for one in changed["topics"]}
    assert by_key["offers"]["channels"] == {"email": True, "sms": False}
    assert set(by_key["news"]["channels"].values()) == {False}
    assert by_key["news"]["source"] == "api"
    assert changed["channels"]["sms"] is False
    everything = await api("PATCH", ann, json={"unsubscribed": True})
    assert everything["unsubscribed"] is True
    assert not any(one for topic in everything["topics"] for one in topic["channels"].values())
    again = await api("PATCH", ann, json={"unsubscribed": False})
    assert again == changed


async def test_subscriptions_to_topics_that_do_not_exist_are_refused(api, news, ann):
    problem = await api("PATCH", ann, 422, json={"topics": {"nwes": True, "news": False}})
    assert [error["path"] for error in problem["errors"]] == ["$.topics.nwes"]
    assert (await api("GET", ann))["topics"][0]["said_at"] is None
    await api("PATCH", ann, 422, json={"topics": {"news": {"fax": True}}})
    await api("GET", "/v1/contacts/nobody/subscriptions", 404)


async def test_contacts_come_with_what_they_subscribe_to(api, news, ann):
    contact = {"userId": "ann/1", "subscriptions": {"news": False}}
    await api("POST", "/v1/contacts", json={"contacts": [contact]})
    assert (await api("GET", ann))["topics"][0]["channels"]["email"] is False
    bad = [
        {"userId": "bob", "subscriptions": {"nwes": True}},
        {"userId": "bob", "subscriptions": {"news": "yes"}},
        {"userId": "bob", "subscriptions": ["news"]},
    ]
    good = {"userId": "ann/1", "subscriptions": {"news": True}}
    answer = await api("POST", "/v1/contacts", json={"contacts": [*bad, good]})
    assert [one["index"] for one in answer["rejected"]] == [0, 1, 2]
    assert (await api("GET", ann))["topics"][0]["channels"]["email"] is True
    await api("GET", "/v1/contacts/bob", 404)


async def test_a_topic_that_a_workflow_sends_on_is_kept(api, news):
    content = {"subject": "Hi", "text": "Hi"}
    await api("POST", "/v1/templates", 201, json={"key": "hi", "channel": "email", **content})
    block = {"id": "a", "kind": "message", "channel": "email", "template": "hi", "topic": "news"}
    body = {"key": "flow", "name": "Flow", "definition": definition(blocks=[block])}
    await api("POST", "/v1/workflows", 201, json=body)
    problem = await api("DELETE", "/v1/topics/news", 409)
    assert "flow" in problem["detail"]


async def test_addresses_are_suppressed_found_and_taken_off(api, stranger, ann):
    body = {"channel": "email", "addresses": ["ann@Example.com", "no address", "b@example.com"]}
    answer = await api("POST", "/v1/suppressions", json=body)
    assert answer == {"suppressed": 2, "refused": ["no address"]}
    assert (await api("GET", ann))["suppressed"] == {"email": "manual"}
    listed = (await api("GET", "/v1/suppressions"))["data"]
    assert {one["address"] for one in listed} == {"ann@example.com", "b@example.com"}
    [found] = (await api("GET", "/v1/suppressions", params={"address": "ANN@example.com"}))["data"]
    assert (found["channel"], found["reason"]) == ("email", "manual")
    assert (await api("GET", "/v1/suppressions", params={"address": "+49"}))["data"] == []
    assert (await api("GET", "/v1/suppressions", params={"reason": "bounce"}))["data"] == []
    assert (await stranger("GET", "/v1/suppressions"))["data"] == []
    await stranger("DELETE", f"/v1/suppressions/{found['id']}", 404)
    await api("DELETE", f"/v1/suppressions/{found['id']}", 204)
    await api("DELETE", f"/v1/suppressions/{found['id']}", 404)
    assert (await api("GET", ann))["suppressed"] == {}


@pytest.mark.parametrize(
    "body",
    [
        {"channel": "push", "addresses": ["a"]}, {"channel": "email", "addresses": []},
        {"channel": "email", "addresses": ["a@example.com"] * 1001},
        {"channel": "email", "addresses": ["x" * 321]},
        {"channel": "email", "addresses": ["a@example.com"], "reason": "unsubscribed_all"},
        {"channel": "email", "addresses": ["a\u0000@example.com"]},
    ],
    ids=["channel", "none", "many", "long", "reason", "nul"],
)  # fmt: skip
async def test_what_is_no_list_of_addresses_is_refused(api, body):
    await api("POST", "/v1/suppressions", 422, json=body)


async def test_a_cap_is_made_saved_and_deleted(api, stranger):
    body = {"key": "calm", "limit": 2, "period": "PT24H"}
    made = await api("POST", "/v1/frequency-caps", 201, json=body)
    assert (made["channel"], made["limit"]) == (None, 2)
    saved = await api(
        "PUT", "/v1/frequency-caps/calm", json={"channel": "sms", "limit": 1, "period": "week"}
    )
    assert saved["id"] == made["id"]
    assert (await api("GET", "/v1/frequency-caps"))["data"] == [saved]
    assert await api("GET", "/v1/frequency-caps/calm") == saved
    await api("POST", "/v1/frequency-caps", 409, json=body)
    await api("PUT", "/v1/frequency-caps/daily", 201, json={"limit": 1, "period": "day"})
    await stranger("DELETE", "/v1/frequency-caps/calm", 404)
    await api("DELETE", "/v1/frequency-caps/calm", 204)
    await api("GET", "/v1/frequency-caps/calm", 404)


@pytest.mark.parametrize(
    "part",
    [
        {"limit": 0}, {"period": "month"}, {"period": "P32D"}, {"period": "PT0S"},
        {"period": "-P1D"}, {"period": "tomorrow"}, {"channel": "fax"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_cap_that_cannot_be_is_refused(api, part):
    body = {"key": "calm", "limit": 2, "period": "PT24H", **part}
    await api("POST", "/v1/frequency-caps", 422, json=body)


async def test_the_workspaces_hours_are_set_and_taken_back(api):
    assert (await api("GET", "/v1/settings"))["allowed_hours"] is None
    assert (await api("PATCH", "/v1/settings", json={"allowed_hours": HOURS}))["name"]
    assert (await api("GET", "/v1/settings"))["allowed_hours"] == HOURS
    assert (await api("PATCH", "/v1/settings", json={"name": "X"}))["allowed_hours"] == HOURS
    same = {**HOURS, "to": "09:00"}
    await api("PATCH", "/v1/settings", 422, json={"allowed_hours": same})
    await api("PATCH", "/v1/settings", 422, json={"allowed_hours": {"from": "9"}})
    cleared = await api("PATCH", "/v1/settings", json={"allowed_hours": None})
    assert cleared["allowed_hours"] is None
