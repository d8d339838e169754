"""What there is to choose from, told from real data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage.repositories.event_counts import count_events
from tests.api.management.rows import contact, event

NOW = datetime.now(UTC)


@pytest.fixture
async def played(api, database) -> None:
    async with database.transaction() as connection:
        w = api.workspace_id
        ann = await contact(connection, w, "ann", email="ann@example.com", locale="uk",
                            fields={"plan": "pro", "score": 7, "home": {"city": "Kyiv"},
                                    "trial_ends_at": "2026-05-05", "tags": ["a", "b"]})  # fmt: skip
        await contact(connection, w, "bob", fields={"plan": "free", "score": 9})
        for hours in (0, 2, 30, 24 * 10):
            at = NOW - timedelta(hours=hours)
            await event(connection, w, ann, properties={"minutes": hours, "song": {"id": "s1"}},
                        timestamp=at, received_at=at)  # fmt: skip
        await event(connection, w, ann, name="Über/Ünic% ", received_at=NOW, timestamp=NOW)


@pytest.mark.parametrize("counted", [False, True], ids=["at-once", "counted"])
async def test_events_are_listed_with_their_volume(api, database, played, counted):
    async with database.transaction() as connection:
        for _ in range(4 if counted else 0):
            await count_events(connection, now=NOW + timedelta(hours=1), most=2)
    listed = (await api("GET", "/v1/catalogue/events"))["data"]
    assert [one["name"] for one in listed] == ["Song Played", "Über/Ünic% "]
    song = listed[0]
    assert (song["last_24h"], song["last_7d"], song["last_30d"]) == (2, 3, 4)
    assert datetime.fromisoformat(song["last_seen_at"]) == NOW
    assert (await api("GET", "/v1/catalogue/events?prefix=So"))["data"] == [song]
    detail = await api("GET", "/v1/catalogue/events/Song Played")
    assert len(detail["days"]) == 30
    assert sum(day["count"] for day in detail["days"]) == 4


async def test_an_events_properties_have_types_and_examples(api, played):
    detail = await api("GET", "/v1/catalogue/events/Song Played")
    properties = {one["name"]: one for one in detail["properties"]}
    assert properties["minutes"]["type"] == "number"
    assert set(properties["minutes"]["examples"]) == {0, 2, 30, 240}
    assert properties["song.id"] == {
        "name": "song.id", "type": "text", "examples": ["s1"], "share": 1.0,
    }  # fmt: skip
    await api("GET", "/v1/catalogue/events/%C3%9Cber%2F%C3%9Cnic%25%20")
    await api("GET", "/v1/catalogue/events/Nothing", 404)


async def test_fields_are_listed_the_contacts_own_first(api, played):
    fields = (await api("GET", "/v1/catalogue/fields"))["data"]
    names = [one["name"] for one in fields]
    assert names[:2] == ["userId", "email"]
    custom = {one["name"]: one for one in fields if not one["standard"]}
    assert {name: one["type"] for name, one in custom.items()} == {
        "plan": "text", "score": "number", "home.city": "text", "trial_ends_at": "date",
        "tags": "mixed",
    }  # fmt: skip
    fitting = (await api("GET", "/v1/catalogue/fields?prefix=p"))["data"]
    assert [one["name"] for one in fitting] == ["phone", "plan"]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("field=plan", {"pro", "free"}),
        ("field=plan&prefix=P", {"pro"}),
        ("field=email", {"ann@example.com"}),
        ("field=home.city", {"Kyiv"}),
        ("field=tags", {"a", "b"}),
        ("event=Song Played&param=song.id", {"s1"}),
        ("event=Nothing&param=x", set()),
    ],
)
async def test_values_are_proposed(api, played, query, values):
    found = (await api("GET", f"/v1/catalogue/values?{query}"))["data"]
    assert {one["value"] for one in found} == values


@pytest.mark.parametrize("query", ["", "field=a&event=b&param=c", "event=a", "param=a", "field="])
async def test_an_unclear_question_is_refused(api, query):
    await api("GET", f"/v1/catalogue/values?{query}", 422)


async def test_another_workspace_sees_nothing_of_it(stranger, played):
    assert (await stranger("GET", "/v1/catalogue/events"))["data"] == []
    assert all(one["standard"] for one in (await stranger("GET", "/v1/catalogue/fields"))["data"])
    assert (await stranger("GET", "/v1/catalogue/values?field=plan"))["data"] == []
    await stranger("GET", "/v1/catalogue/events/Song Played", 404)


async def test_a_write_key_may_not_look(writer):
    await writer("GET", "/v1/catalogue/events", 403)
    await writer("GET", "/v1/catalogue/fields", 403)
