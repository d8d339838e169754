"""Ready workflows over HTTP: what there is, and a draft of one."""

from __future__ import annotations

import pytest

from engine.gallery.ready import ORDER
from tests.api.management.rows import contact, event


async def listed(api, key: str):
    found = (await api("GET", "/v1/gallery"))["data"]
    assert [one["key"] for one in found] == list(ORDER)
    return next(one for one in found if one["key"] == key)


async def test_a_ready_workflow_says_what_it_needs_and_what_is_there(api, database):
    async with database.transaction() as connection:
        w = api.workspace_id
        ann = await contact(connection, w, "ann", fields={"trial_ends_at": "2030-01-01"})
        await event(connection, w, ann, name="Subscription Started")
    trial = await listed(api, "trial-ending")
    assert trial["name"] == trial["definition"]["name"] == "Trial ending"
    assert {one["name"]: one["seen"] for one in trial["events"]} == {
        "Trial Started": False,
        "Subscription Started": True,
    }
    assert {one["name"]: one["seen"] for one in trial["fields"]} == {
        "trial_ends_at": True,
        "subscription": False,
    }


async def test_channels_that_nothing_delivers_are_told(api):
    told = {
        one["channel"]: one["problem"] for one in (await listed(api, "new-chapter"))["channels"]
    }
    assert told["email"] is None
    assert "SOJOURN_INBOX_CHANNELS" in told["push"]


@pytest.mark.parametrize("key", ORDER)
async def test_a_ready_workflow_becomes_a_draft_that_may_be_published(api, key):
    made = await api("POST", f"/v1/gallery/{key}", 201)
    workflow = await api("GET", f"/v1/workflows/{made['key']}")
    assert (workflow["key"], workflow["state"], workflow["issues"]) == (key, "draft", [])
    assert workflow["id"] == made["id"]


async def test_a_second_one_gets_another_key_and_shares_what_it_names(api):
    await api("POST", "/v1/gallery/trial-ending", 201)
    changed = await api("PATCH", "/v1/templates/trial-soon", json={"subject": "Ours"})
    made = await api("POST", "/v1/gallery/trial-ending", 201)
    assert (made["key"], made["name"]) == ("trial-ending-2", "Trial ending 2")
    assert (made["templates"], made["segments"]) == ([], [])
    kept = await api("GET", "/v1/templates/trial-soon")
    assert (kept["subject"], kept["updated_at"]) == ("Ours", changed["updated_at"])


async def test_what_has_the_key_and_does_not_fit_stays_and_is_not_used(api):
    await api("POST", "/v1/templates", 201,
              json={"key": "new-chapter-out", "channel": "sms", "text": "Hi"})  # fmt: skip
    await api("POST", "/v1/segments", 201, json={"key": "readers-of-a-book", "name": "Ours"})
    made = await api("POST", "/v1/gallery/new-chapter", 201, json={"key": "news", "name": "News"})
    assert made["templates"] == ["new-chapter-out-2", "new-chapter-waiting"]
    assert made["segments"] == ["readers-of-a-book-2"]
    workflow = await api("GET", "/v1/workflows/news")
    drawn = workflow["definition"]
    assert (drawn["name"], drawn["start"]["segment"]) == ("News", "readers-of-a-book-2")
    assert drawn["blocks"][0]["template"] == "new-chapter-out-2"
    assert workflow["issues"] == []


async def test_a_key_that_is_taken_is_refused_and_nothing_is_made(api):
    await api("POST", "/v1/gallery/birthday", 201, json={"key": "mine"})
    await api("POST", "/v1/gallery/win-back", 409, json={"key": "mine"})
    assert [one["key"] for one in (await api("GET", "/v1/segments"))["data"]] == ["birthday-soon"]


async def test_an_unknown_one_is_told_what_there_is(api, stranger):
    problem = await api("POST", "/v1/gallery/nothing", 404)
    assert "birthday" in problem["detail"]
    await api("POST", "/v1/gallery/birthday", 201)
    assert (await stranger("GET", "/v1/workflows"))["data"] == []
