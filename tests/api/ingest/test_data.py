"""Contacts and orders in bulk, push tokens, erasure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.api.ingest.history import counts, fill, new_segment, new_workflow


async def test_contacts_are_made_and_changed(api):
    await api.interest("field", "plan")
    answer = await api.ok("/v1/contacts", {"contacts": [
        {"userId": "ada", "email": "ada@example.com", "timezone": "Europe/Rome",
         "fields": {"plan": "pro", "age": 36}, "createdAt": "2020-01-01"},
        {"userId": "bob", "fields": {"plan": "free"}},
    ]})  # fmt: skip
    assert answer == {"success": True}
    await api.ok(
        "/v1/contacts", [{"userId": "ada", "email": None, "fields": {"age": None, "city": "Rome"}}]
    )
    await api.ok("/v1/contacts", {"userId": "ada", "phone": "+1"})
    ada = await api.contact("ada")
    assert (ada.email, ada.phone, ada.timezone, ada.fields) == (
        None,
        "+1",
        "Europe/Rome",
        {"plan": "pro", "city": "Rome"},
    )
    assert ada.created_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert [fact.change for fact in await api.facts()] == [
        {"plan": [None, "pro"]},
        {"plan": [None, "free"]},
    ]
    assert await api.value("SELECT count(*) FROM events WHERE workspace_id = :w") == 0


async def test_a_contact_with_an_anonymous_id_takes_over_its_history(api):
    await api.ok("/v1/track", {"anonymousId": "a1", "event": "Seen"})
    await api.ok("/v1/contacts", {"userId": "ada", "anonymousId": "a1", "fields": {"plan": "pro"}})
    assert await api.event_names("ada") == ["Seen"]


async def test_bad_contacts_are_listed_and_good_ones_kept(api):
    answer = await api.ok("/v1/contacts", {"contacts": [
        {"userId": "ada"}, {"email": "x"}, {"userId": "b", "emial": "x"},
        {"userId": "c", "email": 5}, {"userId": "d", "timezone": "Mars"},
        {"userId": "e", "fields": []}, 5, {"userId": "f", "createdAt": "soon"},
        {"userId": "g", "fields": {"timezone": "Mars"}}, {"userId": "zoe"},
    ]})  # fmt: skip
    assert [(one["index"], one["path"]) for one in answer["rejected"]] == [
        (1, "$.contacts[1].userId"),
        (2, "$.contacts[2].emial"),
        (3, "$.contacts[3].email"),
        (4, "$.contacts[4].timezone"),
        (5, "$.contacts[5].fields"),
        (6, "$.contacts[6]"),
        (7, "$.contacts[7].createdAt"),
        (8, "$.contacts[8].fields.timezone"),
    ]
    assert await api.rows("SELECT user_id FROM contacts WHERE workspace_id = :w ORDER BY 1") == [
        ("ada",),
        ("zoe",),
    ]


@pytest.mark.parametrize("path", ["/v1/contacts", "/v1/orders"])
async def test_a_thousand_fit_and_one_more_does_not(api, path):
    key = path.removeprefix("/v1/")
    items = [
        {"userId": f"u{n}"} | ({"orderId": n, "status": "delivered"} if key == "orders" else {})
        for n in range(1001)
    ]
    assert (await api.post(path, {key: items})).status_code == 400
    await api.ok(path, {key: items[:1000]})
    assert await api.value(f"SELECT count(*) FROM {key} WHERE workspace_id = :w") == 1000


ORDER = {
    "orderId": "o1",
    "userId": "ada",
    "status": "in_progress",
    "total": 12.5,
    "currency": "eur",
    "items": [{"sku": "a", "n": 1}],
    "timestamp": "2024-05-01T10:00:00Z",
}


async def order(api, order_id="o1"):
    rows = await api.rows(
        "SELECT * FROM orders WHERE workspace_id = :w AND order_id = :o", o=order_id
    )
    return rows[0]


async def test_an_order_is_stored_in_its_latest_state(api):
    await api.interest("order", "*")
    await api.ok("/v1/orders", {"orders": [ORDER]})
    stored = await order(api)
    assert (stored.status, stored.total, stored.currency, stored.items) == (
        "in_progress",
        Decimal("12.5"),
        "EUR",
        [{"sku": "a", "n": 1}],
    )
    assert stored.contact_id == (await api.contact("ada")).id
    await api.ok(
        "/v1/orders",
        {
            "orderId": "o1",
            "userId": "ada",
            "status": "delivered",
            "timestamp": "2024-05-02T10:00:00Z",
        },
    )
    stored = await order(api)
    assert (stored.status, stored.total, stored.items) == (
        "delivered",
        Decimal("12.5"),
        [{"sku": "a", "n": 1}],
    )
    assert [(fact.kind, fact.ref) for fact in await api.facts()] == [("order", stored.id)] * 2


async def test_late_news_never_overwrites_newer_state_and_a_repeat_is_no_news(api):
    await api.interest("order", "*")
    delivered = {**ORDER, "status": "delivered", "timestamp": "2024-05-03T10:00:00Z"}
    await api.ok("/v1/orders", [delivered])
    before = await order(api)
    await api.ok("/v1/orders", [{**ORDER, "total": 1}])
    await api.ok("/v1/orders", [delivered])
    assert await order(api) == before
    assert [bool(fact.change.get("late")) for fact in await api.facts()] == [False, True]


async def test_several_updates_of_one_order_in_one_call_end_in_the_newest(api):
    await api.ok("/v1/orders", [
        {**ORDER, "status": "delivered", "timestamp": "2024-05-03T10:00:00Z", "total": None,
         "items": None},
        {**ORDER, "status": "initialized", "total": 7},
    ])  # fmt: skip
    stored = await order(api)
    assert (stored.status, stored.total, stored.items) == ("delivered", 7, [{"sku": "a", "n": 1}])


async def test_orders_of_a_backfill_start_nothing(api):
    await api.interest("order", "*")
    await api.ok("/v1/orders", {"orders": [ORDER], "backfill": True})
    assert await api.facts() == []


async def test_updates_of_one_order_at_once_end_in_the_newest(api):
    stamps = [f"2024-05-01T10:00:{n:02}Z" for n in range(16)]
    await asyncio.gather(
        *(
            api.ok("/v1/orders", [{**ORDER, "total": n, "timestamp": stamp}])
            for n, stamp in enumerate(stamps)
        )
    )
    assert (await order(api)).total == 15


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"orderId": None}, "$.orderId"), ({"userId": ""}, "$.userId"),
        ({"status": "lost"}, "$.status"), ({"status": ["x"]}, "$.status"),
        ({"total": "12"}, "$.total"), ({"total": True}, "$.total"), ({"total": 1e300}, "$.total"),
        ({"currency": "EURO"}, "$.currency"), ({"items": {}}, "$.items"),
        ({"items": [1]}, "$.items[0]"), ({"timestamp": 5}, "$.timestamp"),
        ({"statsu": 1}, "$.statsu"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_an_order_is_named(api, change, path):
    answer = await api.post("/v1/orders", {**ORDER, **change})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, path)


async def test_a_push_token_belongs_to_whom_it_was_registered_for_last(api):
    await api.ok("/v1/devices", {"userId": "ada", "token": "tok", "platform": "iOS"})
    await api.ok("/v1/devices", {"anonymousId": "a1", "device": {"token": "tok", "type": "ios"}})
    [device] = await api.rows("SELECT * FROM devices WHERE workspace_id = :w")
    [identity] = await api.rows(
        "SELECT contact_id FROM identities WHERE workspace_id = :w AND kind = 'anonymous'"
    )
    assert (device.contact_id, device.platform) == (identity.contact_id, "ios")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"userId": "a"}, "$.token"),
        ({"token": "t"}, "$.userId"),
        ({"userId": "a", "token": "t" * 1025}, "$.token"),
        ({"userId": "a", "token": "t", "platform": 5}, "$.platform"),
    ],
)
async def test_what_is_wrong_with_a_device_is_named(api, body, path):
    answer = await api.post("/v1/devices", body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, path)


async def test_erasing_a_contact_leaves_nothing_but_the_calls_owed_to_temporal(api):
    workflow, version = await new_workflow(api)
    segment = await new_segment(api)
    await api.batch(
        {
            "type": "identify",
            "userId": "ada lovelace/1",
            "anonymousId": "a1",
            "traits": {"email": "ada@example.com"},
        },
        {"type": "group", "userId": "ada lovelace/1", "groupId": "acme"},
        {
            "type": "track",
            "userId": "ada lovelace/1",
            "event": "X",
            "context": {"device": {"token": "tok"}},
        },
        {"type": "track", "userId": "bob", "event": "X"},
    )
    contact = await api.contact("ada lovelace/1")
    journey = await fill(api, contact.id, workflow, version, segment)
    assert min((await counts(api, contact.id)).values()) > 0
    answer = await api.client.delete("/v1/contacts/ada%20lovelace%2F1")
    assert answer.status_code == 204
    assert set((await counts(api, contact.id)).values()) == {0}
    assert await api.rows("SELECT id FROM journeys WHERE workspace_id = :w") == []
    commands = await api.rows("SELECT journey_id, kind FROM commands WHERE workspace_id = :w")
    assert commands == [(journey, "stop")]
    assert await api.event_names("bob") == ["X"]
    assert (await api.client.delete("/v1/contacts/ada%20lovelace%2F1")).status_code == 404


async def test_an_erased_contact_may_come_back_as_a_stranger(api):
    await api.ok("/v1/identify", {"userId": "ada", "traits": {"plan": "pro"}})
    assert (await api.client.delete("/v1/contacts/ada")).status_code == 204
    await api.ok("/v1/track", {"userId": "ada", "event": "Back"})
    assert (await api.contact("ada")).fields == {}
