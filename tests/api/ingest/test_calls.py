"""Each call of the Segment HTTP Tracking API, one at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.lanes import lane_of


async def test_track_stores_the_event_of_a_new_contact(api):
    assert await api.ok("/v1/track", {
        "userId": "ada", "event": "Signed Up", "properties": {"plan": "pro", "n": [1, {"x": None}]},
        "context": {"ip": "192.0.2.1"}, "messageId": "m-1", "timestamp": "2024-02-29T12:00:00Z",
    }) == {"success": True}  # fmt: skip
    contact = await api.contact("ada")
    [event] = await api.rows("SELECT * FROM events WHERE workspace_id = :w")
    assert (event.contact_id, event.kind, event.name, event.message_id) == (
        contact.id,
        "track",
        "Signed Up",
        "m-1",
    )
    assert event.properties == {"plan": "pro", "n": [1, {"x": None}]}
    assert event.context == {"ip": "192.0.2.1"}
    assert event.timestamp == datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert contact.last_seen_at == event.timestamp


async def test_track_without_any_id_is_an_event_of_a_thing(api):
    await api.interest("event", "Price Dropped")
    await api.ok("/v1/track", {"event": "Price Dropped", "properties": {"sku": "a"}})
    [event] = await api.rows("SELECT * FROM events WHERE workspace_id = :w")
    [fact] = await api.facts()
    assert event.contact_id is None
    assert (fact.contact_id, fact.ref, fact.lane) == (None, event.id, lane_of(event.id))
    assert await api.rows("SELECT * FROM contacts WHERE workspace_id = :w") == []


async def test_identify_sets_built_in_traits_in_columns_and_others_in_fields(api):
    await api.ok("/v1/identify", {"userId": "ada", "traits": {
        "email": "ada@example.com", "phone": "+441", "timezone": "europe/london", "locale": "en-GB",
        "createdAt": "2020-01-02T03:04:05Z", "plan": "pro", "we'ird.\"key\" ключ": {"deep": [1]},
    }})  # fmt: skip
    contact = await api.contact("ada")
    assert (contact.email, contact.phone, contact.timezone, contact.locale) == (
        "ada@example.com",
        "+441",
        "Europe/London",
        "en-GB",
    )
    assert contact.created_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert contact.fields == {"plan": "pro", 'we\'ird."key" ключ': {"deep": [1]}}


async def test_identify_merges_traits_and_null_unsets(api):
    await api.ok(
        "/v1/identify",
        {"userId": "ada", "traits": {"email": "a@example.com", "plan": "pro", "city": "Rome"}},
    )
    await api.ok(
        "/v1/identify", {"userId": "ada", "traits": {"email": None, "city": None, "age": 36}}
    )
    contact = await api.contact("ada")
    assert contact.email is None
    assert contact.fields == {"plan": "pro", "age": 36}


async def test_a_whole_number_is_accepted_as_an_id(api):
    await api.ok("/v1/track", {"userId": 42, "event": "X"})
    await api.ok("/v1/track", {"userId": "42", "event": "Y"})
    assert await api.event_names("42") == ["X", "Y"]


@pytest.mark.parametrize(("call", "event"), [("page", "Page Viewed"), ("screen", "Screen Viewed")])
async def test_page_and_screen_are_events_with_their_name_as_a_property(api, call, event):
    await api.ok(
        f"/v1/{call}",
        {"anonymousId": "a1", "name": "Pricing", "category": "Shop", "properties": {"url": "/p"}},
    )
    [row] = await api.rows("SELECT * FROM events WHERE workspace_id = :w")
    assert (row.kind, row.name) == (call, event)
    assert row.properties == {"url": "/p", "name": "Pricing", "category": "Shop"}


async def test_group_joins_the_contact_and_merges_the_groups_traits(api):
    await api.ok(
        "/v1/group", {"userId": "ada", "groupId": "acme", "traits": {"size": 5, "city": "Rome"}}
    )
    await api.ok(
        "/v1/group", {"userId": "bob", "groupId": "acme", "traits": {"size": 6, "city": None}}
    )
    [group] = await api.rows("SELECT * FROM groups WHERE workspace_id = :w")
    assert (group.group_id, group.traits) == ("acme", {"size": 6})
    assert len(await api.rows("SELECT * FROM group_members WHERE workspace_id = :w")) == 2
    assert (
        await api.value("SELECT count(*) FROM events WHERE workspace_id = :w AND kind = 'group'")
        == 2
    )


async def test_the_context_brings_zone_locale_traits_and_device(api):
    await api.ok("/v1/track", {"userId": "ada", "event": "Application Opened", "context": {
        "timezone": "Asia/Tokyo", "locale": "ja-JP", "traits": {"plan": "pro"},
        "device": {"token": "tok", "type": "iOS"},
    }})  # fmt: skip
    contact = await api.contact("ada")
    assert (contact.timezone, contact.locale, contact.fields) == (
        "Asia/Tokyo",
        "ja-JP",
        {"plan": "pro"},
    )
    [device] = await api.rows("SELECT * FROM devices WHERE workspace_id = :w")
    assert (device.token, device.platform, device.contact_id) == ("tok", "ios", contact.id)


async def test_a_zone_that_does_not_exist_is_left_out(api):
    await api.ok("/v1/identify", {"userId": "ada", "traits": {"timezone": "Europe/Paris"}})
    await api.ok(
        "/v1/identify", {"userId": "ada", "traits": {"timezone": "Mars/Olympus", "plan": "pro"}}
    )
    await api.ok("/v1/track", {"userId": "ada", "event": "X", "context": {"timezone": "localtime"}})
    contact = await api.contact("ada")
    assert (contact.timezone, contact.fields) == ("Europe/Paris", {"plan": "pro"})


async def test_a_wrong_device_clock_is_corrected_by_when_it_sent(api):
    an_hour_slow = datetime.now(UTC) - timedelta(hours=1)
    await api.ok("/v1/track", {
        "userId": "ada", "event": "X", "sentAt": an_hour_slow.isoformat(),
        "timestamp": (an_hour_slow - timedelta(minutes=5)).isoformat(),
    })  # fmt: skip
    stored = await api.value("SELECT timestamp FROM events WHERE workspace_id = :w")
    assert abs(datetime.now(UTC) - timedelta(minutes=5) - stored) < timedelta(seconds=5)


async def test_a_timestamp_that_was_corrected_before_is_taken_as_it_is(api):
    await api.ok("/v1/track", {
        "userId": "ada", "event": "X",
        "originalTimestamp": "2024-01-01T00:00:00Z", "sentAt": "2024-01-01T00:00:10Z",
        "receivedAt": "2024-01-01T01:00:10Z", "timestamp": "2024-01-01T01:00:00Z",
    })  # fmt: skip
    assert await api.value("SELECT timestamp FROM events WHERE workspace_id = :w") == datetime(
        2024, 1, 1, 1, tzinfo=UTC
    )


async def test_without_a_timestamp_it_happened_when_it_was_received(api):
    await api.ok("/v1/track", {"userId": "ada", "event": "X"})
    [event] = await api.rows("SELECT * FROM events WHERE workspace_id = :w")
    assert event.timestamp == event.received_at


@pytest.mark.parametrize(
    ("call", "body", "path"),
    [
        ("track", {"userId": "a"}, "$.event"),
        ("track", {"userId": "a", "event": ""}, "$.event"),
        ("track", {"userId": "a", "event": 3}, "$.event"),
        ("track", {"userId": "a", "event": "x" * 201}, "$.event"),
        ("track", {"userId": True, "event": "X"}, "$.userId"),
        ("track", {"userId": 1.5, "event": "X"}, "$.userId"),
        ("track", {"userId": {"$ne": 1}, "event": "X"}, "$.userId"),
        ("track", {"userId": "a" * 513, "event": "X"}, "$.userId"),
        ("track", {"userId": "a", "event": "X", "properties": [1]}, "$.properties"),
        ("track", {"userId": "a", "event": "X", "context": "c"}, "$.context"),
        ("track", {"userId": "a", "event": "X", "timestamp": "yesterday"}, "$.timestamp"),
        ("track", {"userId": "a", "event": "X", "timestamp": 1700000000}, "$.timestamp"),
        (
            "track",
            {"userId": "a", "event": "X", "timestamp": "0001-01-01T00:00:00+14:00"},
            "$.timestamp",
        ),
        ("identify", {"traits": {}}, "$.userId"),
        ("identify", {"userId": "a", "traits": {"email": 5}}, "$.traits.email"),
        ("identify", {"userId": "a", "traits": {"email": "x" * 321}}, "$.traits.email"),
        ("identify", {"userId": "a", "traits": "t"}, "$.traits"),
        ("group", {"userId": "a"}, "$.groupId"),
        ("alias", {"userId": "a"}, "$.previousId"),
        ("alias", {"previousId": "a"}, "$.userId"),
        ("page", {"name": "x"}, "$.userId"),
        ("track", {"userId": "a\x00b", "event": "X"}, "$"),
        ("track", {"userId": "a", "event": "X", "properties": {"k\x00": 1}}, "$"),
    ],
)
async def test_what_is_wrong_is_named_with_its_place(api, call, body, path):
    answer = await api.post(f"/v1/{call}", body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["errors"][0]["path"] == path
    assert problem["detail"]
    assert await api.rows("SELECT * FROM events WHERE workspace_id = :w") == []


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("t", "track"),
        ("p", "page"),
        ("i", "identify"),
        ("a", "alias"),
        ("s", "screen"),
        ("g", "group"),
    ],
)
async def test_the_short_addresses_of_browser_sdks_work(api, short, name):
    body = {"userId": "ada", "event": "X", "groupId": "g", "previousId": "old"}
    assert (await api.ok(f"/v1/{short}", body)) == {"success": True}
    assert await api.value("SELECT kind FROM events WHERE workspace_id = :w") == name


async def test_only_facts_that_rules_mention_are_queued_and_wake_the_dispatcher(api):
    await api.interest("event", "Wanted")
    await api.interest("field", "plan")
    await api.ok("/v1/track", {"userId": "ada", "event": "Other"})
    assert not api.wakeup._event.is_set()
    await api.batch(
        {"type": "identify", "userId": "ada", "traits": {"plan": "pro", "city": "Rome"}},
        {"type": "track", "userId": "ada", "event": "Wanted"},
        {"type": "track", "userId": "ada", "event": "Other"},
        {"type": "identify", "userId": "ada", "traits": {"plan": "free"}},
        {"type": "identify", "userId": "ada", "traits": {"plan": "free"}},
    )
    facts = await api.facts()
    assert [(fact.kind, fact.name, fact.change) for fact in facts] == [
        ("field", None, {"plan": [None, "pro"]}),
        ("event", "Wanted", None),
        ("field", None, {"plan": ["pro", "free"]}),
    ]
    contact = await api.contact("ada")
    assert {fact.lane for fact in facts} == {lane_of(contact.id)}
    assert api.wakeup._event.is_set()
