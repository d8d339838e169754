"""A segment of any size is gone at once; its rows are cleared away behind it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engine.dispatch.dispatcher import running
from engine.membership import clearing
from engine.membership.clearing import clear, clear_page
from engine.membership.healing import heal_segments
from engine.segments import delete_segment
from journeys.errors import NotFound
from tests.support.ingesting import send_calls
from tests.support.segments import PREMIUM, Segments, identify, track

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACTIVE = {"all": [PREMIUM, {"event": "Ran", "within": "P1D"}]}
READER = {"event": "Read", "where": [{"param": "b", "op": "=", "value": {"param": "book"}}]}
TABLES = ("segment_members", "segment_stays", "segment_instants")


@pytest.fixture
async def segments(scenario, monkeypatch):
    """Five members of `s`, one who left it, and an instant of each; a page is two rows."""
    monkeypatch.setattr(clearing, "PAGE", 2)
    segments = Segments(scenario)
    await segments.make("s", ACTIVE, now=NOW)
    await segments.send(
        *(identify(f"u{i}", plan="premium") for i in range(6)),
        *(track(f"u{i}", "Ran", at=NOW) for i in range(6)),
        now=NOW,
    )
    await segments.send(identify("u5", plan="free"), now=NOW)
    assert len(await segments.members("s")) == 5
    return segments


async def delete(segments, key="s"):
    id_ = await segments.id_of(key)
    async with segments.scenario.database.transaction() as connection:
        await delete_segment(connection, segments.scenario.workspace_id, key, now=NOW)
    return id_


async def rows(segments, segment):
    """How many are stored of a segment, by table."""
    async with segments.scenario.database.transaction() as connection:
        return [
            await connection.scalar(
                text(f"SELECT count(*) FROM {table} WHERE segment_id = :s"),
                {"s": segment},
            )
            for table in TABLES
        ]


async def test_a_deleted_segment_is_gone_before_its_rows_are(segments):
    id_ = await delete(segments)
    assert await rows(segments, id_) == [5, 1, 5]
    with pytest.raises(NotFound):
        await segments.id_of("s")
    await segments.send(identify("u0", plan="free"), identify("new", plan="premium"))
    assert await rows(segments, id_) == [5, 1, 5], "nobody follows it any more"


async def test_its_rows_are_cleared_away_in_pages(segments):
    id_ = await delete(segments)
    async with segments.scenario.database.transaction() as connection:
        assert await clear_page(connection, id_) == 2
    assert await rows(segments, id_) == [3, 1, 5]
    assert await clear(segments.scenario.database, id_) == 9
    assert await rows(segments, id_) == [0, 0, 0]
    assert await clear(segments.scenario.database, id_) == 0, "there is nothing to do"


async def test_a_page_that_was_killed_is_done_again(segments):
    id_ = await delete(segments)
    async with segments.scenario.database.engine.connect() as connection:
        await clear_page(connection, id_)
        await connection.rollback()
    assert await clear(segments.scenario.database, id_) == 11


async def test_two_who_clear_share_the_work(segments):
    id_ = await delete(segments)
    both = await asyncio.gather(*(clear(segments.scenario.database, id_) for _ in range(2)))
    assert sum(both) == 11


async def test_its_key_is_free_at_once_and_the_next_segment_keeps_its_members(segments):
    id_ = await delete(segments)
    await segments.make("s", PREMIUM)
    await clear(segments.scenario.database, id_)
    assert await segments.members("s") == {f"u{i}" for i in range(5)}


async def test_who_is_erased_or_merged_meanwhile_keeps_nothing_of_it(segments):
    scenario = segments.scenario
    anonymous = {"type": "track", "anonymousId": "a", "event": "Ran", "properties": {}}
    await segments.send(anonymous, now=datetime.now(UTC))
    id_ = await delete(segments)
    merged = {"type": "identify", "userId": "late", "anonymousId": "a", "traits": {}}
    await send_calls(scenario.database, scenario.workspace_id, identify("late"), merged)
    async with scenario.database.engine.connect() as connection, connection.begin():
        await connection.execute(
            text("SELECT FROM segment_members WHERE segment_id = :s FOR UPDATE"), {"s": id_}
        )
        async with scenario.database.transaction() as other:
            await clear_page(other, id_)  # waits for nobody
    await clear(scenario.database, id_)
    assert await rows(segments, id_) == [0, 0, 0]


async def test_memberships_of_one_that_comes_to_have_parameters_ended_with_the_edit(segments):
    edited = NOW + timedelta(hours=1)
    await segments.save("s", READER, now=edited)
    id_ = await segments.id_of("s")
    assert await rows(segments, id_) == [5, 1, 5]
    await clear(segments.scenario.database, id_)
    assert await rows(segments, id_) == [0, 6, 0]
    assert {left for _, _, left in await segments.stays("s")} == {NOW, edited}


async def test_one_that_has_members_again_before_they_are_cleared_keeps_them(segments):
    await segments.save("s", READER, now=NOW)
    id_ = await segments.id_of("s")
    async with segments.scenario.database.transaction() as connection:
        assert await clear_page(connection, id_) == 2
    await segments.save("s", PREMIUM)
    assert await clear(segments.scenario.database, id_) == 0
    await segments.backfill("s")
    assert await segments.members("s") == {f"u{i}" for i in range(5)}


async def test_one_that_had_parameters_and_is_deleted_leaves_no_history(segments):
    await segments.save("s", READER, now=NOW)
    id_ = await delete(segments)
    await clear(segments.scenario.database, id_)
    assert await rows(segments, id_) == [0, 0, 0]


async def test_on_temporal_it_is_cleared_though_the_call_was_lost(scenario, segments, engine):
    id_ = await delete(segments)
    await scenario.rows("DELETE FROM commands WHERE workspace_id = :w RETURNING seq")
    async with scenario.database.transaction() as connection:
        assert await heal_segments(connection, now=datetime.now(UTC)) >= 1
    await scenario.rows("UPDATE commands SET due_at = now() WHERE workspace_id = :w RETURNING seq")
    async with running(engine.dispatcher), asyncio.timeout(20):
        while await rows(segments, id_) != [0, 0, 0]:
            await asyncio.sleep(0.02)
    left = "SELECT segment_id FROM segment_clearings WHERE workspace_id = :w"
    async with asyncio.timeout(20):
        while await scenario.rows(left):
            await asyncio.sleep(0.02)
