"""The inbox inside an app: its list, what is unread, and what the user does with a message."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from tests.api.app.conftest import App


async def test_a_message_is_listed_as_unread_until_it_is_read(app: App, people):
    message = await people.told(
        await people.contact(), "inbox", title="Welcome", image="https://i.example/a.png",
        link="myapp://start", data={"a": 1}, expires="P30D",
    )  # fmt: skip
    page = await app.inbox()
    [listed] = page["data"]
    assert datetime.fromisoformat(listed.pop("expires_at")) > datetime.fromisoformat(
        listed.pop("created_at")
    )
    assert listed == {
        "id": str(message), "title": "Welcome", "body": "Hi", "image": "https://i.example/a.png",
        "link": "myapp://start", "data": {"a": 1}, "read_at": None,
    }  # fmt: skip
    assert page["unread"] == 1
    await app.does(message, "read")
    page = await app.inbox()
    assert page["unread"] == 0
    assert page["data"][0]["read_at"] is not None
    assert (await people.message(message)).state == "opened"
    await app.does(message, "unread")
    assert (await app.inbox())["unread"] == 1
    assert (await people.message(message)).state == "opened"


async def test_doing_the_same_again_changes_nothing(app: App, people):
    message = await people.told(await people.contact(), "inbox")
    await asyncio.gather(*(app.does(message, "read") for _ in range(6)))
    first = await people.message(message)
    await app.does(message, "read")
    assert (await people.message(message)).read_at == first.read_at


async def test_pages_go_through_all_of_it_newest_first(app: App, people):
    journey = await people.journey(await people.contact())
    sent = []
    for _ in range(7):
        sent.append(await people.queued(journey, "inbox"))
        await people.sends(sent[-1], "inbox")
    seen, cursor = [], None
    while True:
        page = await app.inbox(limit=3, **({"cursor": cursor} if cursor else {}))
        assert page["unread"] == 7
        seen += [one["id"] for one in page["data"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [str(one) for one in reversed(sent)]
    await app.does(sent[0], "read")
    unread = await app.inbox(unread=True)
    assert [one["id"] for one in unread["data"]] == seen[:-1]
    await app("GET", "/v1/app-inbox?userId=ann&cursor=x", 422)
    await app("GET", "/v1/app-inbox?userId=ann&limit=5000", 422)


async def test_a_deleted_message_is_not_listed_or_counted(app: App, people):
    message = await people.told(await people.contact(), "inbox")
    await app.does(message, "delete")
    await app.does(message, "delete")
    page = await app.inbox()
    assert (page["data"], page["unread"]) == ([], 0)


async def test_an_expired_message_is_not_listed_or_counted(app: App, people):
    message = await people.told(await people.contact(), "inbox")
    await people.run("UPDATE app_messages SET expires_at = now() WHERE id = :m", m=message)
    page = await app.inbox()
    assert (page["data"], page["unread"]) == ([], 0)


async def test_a_followed_link_is_a_click(app: App, people):
    message = await people.told(await people.contact(), "inbox", link="https://a.example/x")
    await app.does(message, "clicked")
    row = await people.message(message)
    assert row.state == "clicked"
    assert row.read_at is not None
    [click] = await people.rows("SELECT link FROM message_clicks WHERE message_id = :m", m=message)
    assert click.link == "https://a.example/x"


async def test_all_of_it_is_read_at_once_but_what_came_after(app: App, people):
    contact = await people.contact()
    first = [await people.told(contact, "inbox") for _ in range(3)]
    before = (await app.inbox())["data"][0]["created_at"]
    late = await people.told(contact, "inbox")
    body = {"userId": "ann", "before": before}
    answer = await app("POST", "/v1/app-inbox/read-all", json=body)
    assert answer == {"success": True, "read": 3}
    assert (await people.message(first[0])).state == "opened"
    assert (await people.message(late)).read_at is None
    everything = await app("POST", "/v1/app-inbox/read-all", json={"userId": "ann"})
    assert everything["read"] == 1
    nobody = await app("POST", "/v1/app-inbox/read-all", json={"userId": "nobody"})
    assert nobody["read"] == 0


async def test_other_peoples_messages_and_other_deeds_lead_nowhere(app: App, people):
    contact = await people.contact()
    message = await people.told(contact, "inbox")
    await people.contact("bob")
    for deed in ("read", "unread", "clicked", "delete"):
        await app.does(message, deed, 404, userId="bob")
        await app.does(uuid4(), deed, 404)
    await app.does(message, "burn", 422)
    await app.does(await people.told(contact), "read", 404)
    assert (await app.inbox())["unread"] == 1


async def test_times_without_a_zone_are_taken_as_utc(app: App, people):
    await people.told(await people.contact(), "inbox")
    now = datetime.now(UTC).replace(tzinfo=None).isoformat()
    answer = await app("POST", "/v1/app-inbox/read-all", json={"userId": "ann", "before": now})
    assert answer["read"] == 1
