"""Messages for the app to show: listed with their rules, and what the app tells of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest

from engine.stopping import stop_contact_journeys
from tests.api.app.conftest import App, client, key_of

BUTTONS = [
    {"label": "See", "link": "myapp://plans"},
    {"label": "Later", "event": "Offer Postponed", "properties": {"days": 3}},
]


async def events_of(people, name: str) -> list[dict]:
    return [
        row.properties
        for row in await people.rows(
            "SELECT properties FROM events WHERE workspace_id = :w AND name = :n"
            " ORDER BY received_at", n=name,
        )
    ]  # fmt: skip


async def test_a_message_is_listed_with_all_that_the_app_must_know(app: App, people):
    contact = await people.contact()
    message = await people.told(
        contact, title="Try it", body="The new plan", image="https://i.example/a.png",
        link="https://example.com/plan", layout="banner", buttons=BUTTONS,
        trigger={"on": "event", "event": "Workout Completed",
                 "where": [{"param": "minutes", "op": ">=", "value": 20}]},
        frequency="PT6H", expires="P7D", data={"a": 1},
    )  # fmt: skip
    [listed] = await app.listed()
    created, expires = listed.pop("created_at"), listed.pop("expires_at")
    assert datetime.fromisoformat(expires) > datetime.fromisoformat(created)
    assert listed == {
        "id": str(message), "layout": "banner", "title": "Try it", "body": "The new plan",
        "image": "https://i.example/a.png", "link": "https://example.com/plan",
        "buttons": [
            {"label": "See", "link": "myapp://plans", "event": None, "properties": {}},
            {"label": "Later", "link": None, "event": "Offer Postponed", "properties": {"days": 3}},
        ],
        "trigger": {"on": "event", "after": None, "seconds": None, "event": "Workout Completed",
                    "where": [{"op": ">=", "value": 20, "param": "minutes"}]},
        "frequency": "PT6H", "every": 21_600, "data": {"a": 1}, "seen_at": None, "seen_count": 0,
    }  # fmt: skip


async def test_an_unchanged_list_is_not_sent_again(app: App, people):
    contact = await people.contact()
    first = await app.raw("GET", "/v1/in-app?userId=ann")
    etag = first.headers["etag"]
    again = await app.raw("GET", "/v1/in-app?userId=ann", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    await people.told(contact)
    changed = await app.raw("GET", "/v1/in-app?userId=ann", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_somebody_unknown_has_no_messages(app: App):
    assert await app("GET", "/v1/in-app?anonymousId=x") == {"data": [], "unread": 0}


async def test_an_anonymous_id_leads_to_its_contact(app: App, people):
    await people.told(await people.contact())
    await app("POST", "/v1/identify", json={"userId": "ann", "anonymousId": "phone-1"})
    found = await app("GET", "/v1/in-app?anonymousId=phone-1")
    assert len(found["data"]) == 1


async def test_at_most_the_fifty_newest_are_listed(app: App, people):
    contact = await people.contact()
    journey = await people.journey(contact)
    for _ in range(52):
        await people.sends(await people.queued(journey))
    assert len(await app.listed()) == 50


async def test_a_message_shown_once_is_gone_after_it_was_seen(app: App, people, wakeup):
    message = await people.told(await people.contact())
    await app.tells(message, "seen")
    assert await app.listed() == []
    row = await people.message(message)
    assert (row.state, row.gone_reason, row.seen_count) == ("opened", "seen", 1)
    assert row.opened_at is not None
    about = {"message_id": str(message), "workflow": "flow", "block": "hello", "template": "hi"}
    assert await events_of(people, "In-App Shown") == [about]


async def test_a_message_for_each_session_stays_with_what_was_seen_of_it(app: App, people):
    message = await people.told(await people.contact(), frequency="session")
    for showing in ("a", "b", "b"):
        await app.tells(message, "seen", messageId=showing)
    [listed] = await app.listed()
    assert listed["seen_count"] == 2
    assert listed["seen_at"] is not None
    await app.tells(message, "dismissed")
    assert len(await app.listed()) == 1
    await app.tells(message, "clicked")
    assert await app.listed() == []


async def test_telling_the_same_again_and_at_once_changes_nothing(app: App, people):
    message = await people.told(await people.contact(), frequency="session")
    await asyncio.gather(*(app.tells(message, "seen") for _ in range(8)))
    await asyncio.gather(*(app.tells(message, "clicked", button=None) for _ in range(4)))
    row = await people.message(message)
    assert (row.seen_count, row.state) == (1, "clicked")
    assert len(await events_of(people, "In-App Shown")) == 1
    assert len(await events_of(people, "In-App Clicked")) == 1


async def test_a_clicked_button_is_told_with_its_link(app: App, people):
    message = await people.told(await people.contact(), buttons=BUTTONS, link="https://a.example")
    await app.tells(message, "clicked", button=0)
    [event] = await events_of(people, "In-App Clicked")
    assert (event["button"], event["link"]) == (0, "myapp://plans")
    [click] = await people.rows("SELECT link FROM message_clicks WHERE message_id = :m", m=message)
    assert click.link == "myapp://plans"
    assert (await people.message(message)).message_clicked_at is not None


async def test_a_click_is_an_event_that_workflows_can_wait_for(app: App, people, wakeup):
    contact = await people.contact()
    message = await people.told(contact)
    await people.publish("after", start={"kind": "event", "event": "In-App Clicked"}, stop=[])
    await app.tells(message, "clicked")
    [fact] = await people.rows("SELECT contact_id FROM facts WHERE workspace_id = :w")
    assert fact.contact_id == contact


async def test_a_late_telling_of_a_message_taken_back_still_counts(app: App, people):
    contact = await people.contact()
    message = await people.told(contact)
    async with people.database.transaction() as connection:
        await stop_contact_journeys(connection, people.workspace_id, contact, now=datetime.now(UTC))
    assert await app.listed() == []
    await app.tells(message, "seen")
    row = await people.message(message)
    assert (row.state, row.gone_reason) == ("opened", "stopped")


@pytest.mark.parametrize(
    ("deed", "body", "path"),
    [
        ("clicked", {"button": 7}, "$.button"),
        ("clicked", {"button": -1}, "$.button"),
        ("clicked", {"link": "https://evil.example"}, "$.link"),
        ("seen", {"timestamp": "yesterday"}, "$.timestamp"),
        ("seen", {"sentAt": "tomorrow"}, "$.sentAt"),
        ("seen", {"messageId": "x" * 600}, "$.messageId"),
        ("seen", {"userId": None}, "$.userId"),
        ("seen", {"userId": "x" * 600}, "$.userId"),
        ("seen", {"userId": "a\x00b"}, "$.userId"),
        ("seen", {"userId": ["ann"]}, "$.userId"),
    ],
)
async def test_a_telling_that_makes_no_sense_is_refused(app: App, people, deed, body, path):
    message = await people.told(await people.contact(), buttons=BUTTONS)
    problem = await app.tells(message, deed, 422, **body)
    assert path in problem["errors"][0]["path"]
    assert (await people.message(message)).state == "sent"


async def test_an_id_that_is_no_unicode_is_refused(app: App, people):
    message = await people.told(await people.contact())
    raw = b'{"userId": "\\ud800"}'
    await app("POST", f"/v1/in-app/{message}/seen", 422, content=raw)


async def test_other_peoples_messages_and_other_deeds_lead_nowhere(app: App, people):
    message = await people.told(await people.contact())
    await people.contact("bob")
    await app.tells(message, "seen", 404, userId="bob")
    await app.tells(message, "seen", 404, userId="nobody")
    await app.tells(uuid4(), "seen", 404)
    await app.tells("not-an-id", "seen", 422)
    await app.tells(message, "burnt", 422)
    assert await people.rows(
        "SELECT 1 FROM contacts WHERE workspace_id = :w AND user_id = 'nobody'"
    ) == []  # fmt: skip
    listed = await people.told(await people.contact("cat"), "inbox")
    await app.tells(listed, "seen", 404, userId="cat")


async def test_a_body_too_large_or_of_another_type_is_refused(app: App, people):
    message = await people.told(await people.contact())
    path = f"/v1/in-app/{message}/seen"
    await app("POST", path, 413, json={"userId": "ann", "x": "y" * 10_000})
    await app("POST", path, 400, content=b"{")
    await app("POST", path, 422, content=b"[]")
    await app("POST", path, 415, content=b"a=b", headers={"Content-Type": "image/png"})


async def test_a_browser_may_call_from_any_site_without_headers(app: App, people, service):
    message = await people.told(await people.contact())
    key = await key_of(people)
    async with client(service, None) as http:
        asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        preflight = await http.options(f"/v1/in-app/{message}/seen", headers=asked)
        assert preflight.headers["access-control-allow-origin"] == "*"
        origin = {"Origin": "https://shop.example"}
        listed = await http.get(f"/v1/in-app?userId=ann&writeKey={key}", headers=origin)
        assert listed.status_code == 200
        assert listed.headers["access-control-allow-origin"] == "*"
        assert "ETag" in listed.headers["access-control-expose-headers"]
        body = orjson.dumps({"userId": "ann", "writeKey": key})
        told = await http.post(
            f"/v1/in-app/{message}/seen", content=body, headers={"Content-Type": "text/plain"}
        )
        assert told.status_code == 200
        private = await http.get("/v1/settings/verified-identities", headers=origin)
        assert "access-control-allow-origin" not in private.headers


async def test_a_secret_key_in_an_address_is_refused(service, people):
    key = await key_of(people, "secret")
    async with client(service, None) as http:
        assert (await http.get(f"/v1/in-app?userId=ann&writeKey={key}")).status_code == 401


async def test_a_flood_of_calls_for_one_user_is_refused_and_leaves_others_alone(app: App):
    answers = [await app.raw("GET", "/v1/in-app?userId=ann") for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert (await app.raw("GET", "/v1/in-app?userId=bob")).status_code == 200
