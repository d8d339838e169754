"""Batches: what is refused, what is not lost, and what a repeat does."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime

import pytest

from tests.api.ingest.support import serving

KB = 1024


def track(**more):
    return {"type": "track", "userId": "ada", "event": "X", **more}


async def test_a_bad_item_never_loses_the_good_ones(api):
    answer = await api.batch(
        track(event="First"),
        track(event=None),
        "nonsense",
        {"type": "dance", "userId": "ada"},
        track(timestamp="never"),
        track(properties={"big": "x" * 33 * KB}),
        track(event="Last"),
    )
    assert answer["success"] is True
    assert [(one["index"], one["path"]) for one in answer["rejected"]] == [
        (1, "$.batch[1].event"),
        (2, "$.batch[2]"),
        (3, "$.batch[3].type"),
        (4, "$.batch[4].timestamp"),
        (5, "$.batch[5]"),
    ]
    assert "32 KB" in answer["rejected"][4]["reason"]
    assert await api.event_names("ada") == ["First", "Last"]


async def test_a_batch_with_no_good_item_is_a_400_that_lists_them(api):
    answer = await api.post("/v1/batch", {"batch": [track(event=1), {"type": []}]})
    assert answer.status_code == 400
    problem = answer.json()
    assert (
        problem["status"],
        len(problem["errors"]),
        [one["index"] for one in problem["rejected"]],
    ) == (400, 2, [0, 1])


async def test_an_empty_batch_is_fine(api):
    assert await api.batch() == {"success": True}


@pytest.mark.parametrize("body", [{}, {"batch": {}}, {"batch": None}, [], "x", 5, None])
async def test_a_batch_without_a_list_is_refused(api, body):
    answer = await api.post("/v1/batch", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] in ("$", "$.batch")


async def test_a_null_character_or_half_an_emoji_costs_only_its_item(api):
    text = json.dumps(
        {
            "batch": [
                track(event="A"),
                track(event="B", properties={"x": "\ud83d"}),
                track(event="C", properties={"x": "\x00"}),
                track(event="D", properties={"n": 10**30}),
                track(event="E", properties={"text": "\\u0000 spelled out"}),
            ]
        }
    )
    answer = (await api.client.post("/v1/batch", content=text)).json()
    assert [one["index"] for one in answer["rejected"]] == [1, 2, 3]
    assert await api.event_names("ada") == ["A", "E"]


async def test_an_item_nested_too_deeply_costs_only_itself(api):
    deep: list = []
    for _ in range(600):
        deep = [deep]
    answer = await api.batch(track(properties={"deep": deep}), track(event="Fine"))
    assert [one["index"] for one in answer["rejected"]] == [0]
    assert await api.event_names("ada") == ["Fine"]


@pytest.mark.parametrize(
    "text", ['{"batch": [', "", "{'a': 1}", '{"batch": [NaN]}', "\xff", "[" * 50_000]
)
async def test_malformed_json_says_where(api, text):
    answer = await api.client.post("/v1/batch", content=text.encode("latin-1"))
    assert answer.status_code == 400
    assert "character" in answer.json()["detail"]


async def test_gzip_bodies_are_accepted(api):
    body = gzip.compress(json.dumps({"batch": [track()]}).encode())
    answer = await api.client.post("/v1/batch", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.json() == {"success": True}
    assert await api.event_names("ada") == ["X"]


async def test_a_gzip_bomb_is_refused_without_being_unpacked(api):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
    assert len(bomb) < 500 * KB
    answer = await api.client.post("/v1/batch", content=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body", [b"not gzip", gzip.compress(b"{}")[:-5]], ids=["no gzip at all", "cut short"]
)
async def test_broken_gzip_is_refused(api, body):
    answer = await api.client.post("/v1/batch", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert "gzip" in answer.json()["detail"]


async def test_other_encodings_and_types_are_refused(api):
    for headers in ({"Content-Encoding": "br"}, {"Content-Type": "application/xml"}):
        answer = await api.client.post("/v1/track", content=b"{}", headers=headers)
        assert answer.status_code == 415
        assert answer.headers["content-type"] == "application/problem+json"


async def test_text_plain_is_taken_as_json(api):
    answer = await api.client.post(
        "/v1/track",
        content=json.dumps(track()),
        headers={"Content-Type": "text/plain;charset=UTF-8"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(("path", "limit"), [("/v1/track", 32 * KB), ("/v1/batch", 500 * KB)])
async def test_the_limits_are_exact(api, path, limit):
    def body(size: int) -> bytes:
        item = json.dumps(track())
        text = item if path == "/v1/track" else '{"batch": [' + item + "]}"
        return text.encode() + b" " * (size - len(text))

    assert (await api.client.post(path, content=body(limit))).status_code == 200
    answer = await api.client.post(path, content=body(limit + 1))
    assert answer.status_code == 413
    assert str(limit // KB) in answer.json()["detail"]


async def test_a_body_without_a_length_is_bounded_too(api):
    async def endless():
        for _ in range(10_000):
            yield b" " * 10_000

    answer = await api.client.post("/v1/batch", content=endless())
    assert answer.status_code == 413


async def test_a_message_id_deduplicates_within_and_across_batches(api):
    await api.interest("event", "X")
    item = track(messageId="m1")
    await api.batch(item, item, track(messageId="m2"))
    await api.batch(item)
    await api.ok("/v1/track", item)
    assert await api.event_names("ada") == ["X", "X"]
    assert len(await api.facts()) == 2


async def test_the_same_message_id_in_another_workspace_is_another_event(api, database):
    other = await api.other_workspace()
    await api.batch(track(messageId="m1"))
    async with serving(database, other) as second:
        await second.batch(track(messageId="m1"))
        assert await second.event_names("ada") == ["X"]
    assert await api.event_names("ada") == ["X"]


async def test_a_repeat_of_a_batch_changes_nothing_even_after_newer_calls(api):
    await api.interest("field", "plan")
    old = {
        "batch": [
            {
                "type": "identify",
                "userId": "ada",
                "messageId": "i1",
                "traits": {"plan": "free", "email": "old@example.com"},
            },
            {
                "type": "group",
                "userId": "ada",
                "messageId": "g1",
                "groupId": "acme",
                "traits": {"size": 1},
            },
            track(messageId="t1", context={"timezone": "Europe/Rome", "device": {"token": "tok"}}),
            {"type": "identify", "userId": "ada", "anonymousId": "a1", "messageId": "i2"},
        ],
        "sentAt": "2024-01-01T00:00:00Z",
    }
    await api.ok("/v1/batch", old)
    await api.batch(
        {
            "type": "identify",
            "userId": "ada",
            "messageId": "i3",
            "traits": {"plan": "pro", "email": "new@example.com"},
        },
        {
            "type": "group",
            "userId": "ada",
            "messageId": "g2",
            "groupId": "acme",
            "traits": {"size": 2},
        },
        track(messageId="t2", context={"timezone": "Asia/Tokyo"}),
        {
            "type": "track",
            "userId": "bob",
            "messageId": "t3",
            "event": "X",
            "context": {"device": {"token": "tok"}},
        },
        {"type": "identify", "userId": "bob", "anonymousId": "a1", "messageId": "i4"},
    )

    async def everything():
        tables = ("contacts", "identities", "events", "facts", "devices", "groups", "group_members")
        return [
            await api.rows(f"SELECT * FROM {table} t WHERE workspace_id = :w ORDER BY t::text")
            for table in tables
        ]

    before = await everything()
    await api.ok("/v1/batch", old)
    assert await everything() == before


async def test_backfill_stores_history_and_starts_nothing(api):
    await api.interest("event", "X")
    await api.interest("field", "plan")
    past = "1997-01-01T00:00:00"
    await api.batch(
        track(timestamp=past),
        {"type": "identify", "userId": "ada", "traits": {"plan": "pro"}},
        backfill=True,
        sentAt="2020-01-01T00:00:00Z",
    )
    await api.batch(track(timestamp=past, backfill=True), track(event="Y"))
    assert await api.facts() == []
    assert await api.event_names("ada") == ["X", "X", "Y"]
    stored = await api.rows(
        "SELECT DISTINCT timestamp FROM events WHERE workspace_id = :w AND name = 'X'"
    )
    assert stored == [(datetime(1997, 1, 1, tzinfo=UTC),)]
    assert (await api.contact("ada")).fields == {"plan": "pro"}


async def test_the_batchs_context_holds_for_each_item(api):
    await api.batch(
        track(),
        {"type": "track", "userId": "bob", "event": "X", "context": {"timezone": "Asia/Tokyo"}},
        context={"timezone": "Europe/Rome", "app": "shop"},
    )
    assert (await api.contact("ada")).timezone == "Europe/Rome"
    assert (await api.contact("bob")).timezone == "Asia/Tokyo"
    assert (
        await api.value(
            "SELECT count(*) FROM events WHERE workspace_id = :w AND context->>'app' = 'shop'"
        )
        == 2
    )


async def test_a_contact_cannot_grow_without_bound(api):
    for n in range(8):
        await api.ok("/v1/identify", {"userId": "ada", "traits": {f"field{n}": "x" * 31 * KB}})
    answer = await api.post("/v1/identify", {"userId": "ada", "traits": {"more": "x" * 31 * KB}})
    assert answer.status_code == 400
    assert "256 KB" in answer.json()["detail"]
    assert len((await api.contact("ada")).fields) == 8
