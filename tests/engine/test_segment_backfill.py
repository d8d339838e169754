"""Looking through everybody after a segment was made or edited, while life goes on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engine.dispatch.dispatcher import running
from engine.dispatch.lane import decide_lane
from engine.lanes import LOCK_SPACE
from engine.membership import backfill
from engine.membership.backfill import begin_backfills
from engine.membership.healing import heal_segments
from engine.rule_lock import hold_rules
from engine.rules import rules_changed
from engine.segments import create_segment
from storage.repositories.memberships import progress_of
from tests.support.ingesting import send_calls
from tests.support.segments import PREMIUM, Segments, entry, identify, track, until_waiting

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FREE = {**PREMIUM, "value": "free"}


@pytest.fixture
def segments(scenario, monkeypatch):
    """A page is one contact: what can come between two pages, does."""
    monkeypatch.setattr(backfill, "PAGE", 1)
    return Segments(scenario)


async def people(segments, count=10, **traits):
    await segments.send(*(identify(f"u{i}", **{"plan": "premium", **traits}) for i in range(count)))


async def make(segments, key, where, **more):
    """Make a segment; everybody is still to be looked through."""
    scenario = segments.scenario
    async with scenario.database.transaction() as connection:
        await create_segment(
            connection, scenario.workspace_id, key=key, name=key, where=where,
            now=more.pop("now", datetime.now(UTC)), **more,
        )  # fmt: skip


async def progress(segments, key):
    segment = await segments.id_of(key)
    async with segments.scenario.database.transaction() as connection:
        found = (await progress_of(connection, [segment]))[segment]
    return found.done, found.total


async def test_progress_is_counted_and_the_segment_live_when_all_were_looked_at(segments):
    await people(segments, 5)
    await make(segments, "premium", PREMIUM)
    assert await progress(segments, "premium") == (0, 5)
    assert (await segments.page("premium")).looked_at == 1
    assert await progress(segments, "premium") == (1, 5)
    assert await segments.state_of("premium") == "backfilling"
    await segments.backfill("premium")
    assert await segments.state_of("premium") == "live"
    assert len(await segments.members("premium")) == 5


async def test_a_backfill_that_was_killed_goes_on_where_it_was(segments):
    await people(segments, 6)
    await make(segments, "premium", PREMIUM)
    looked_at = 0
    for _ in range(3):
        async with segments.scenario.database.engine.connect() as connection:
            await backfill.backfill_page(
                connection, await segments.id_of("premium"), segments.books, clock=lambda: NOW
            )
            await connection.rollback()  # it dies before its commit
        looked_at += (await segments.page("premium")).looked_at
    looked_at += await segments.backfill("premium")
    assert looked_at == 6, "each once"
    assert len(await segments.members("premium")) == 6


async def test_two_backfills_of_one_segment_share_the_work(segments):
    await people(segments, 12)
    await make(segments, "premium", PREMIUM)
    both = await asyncio.gather(segments.backfill("premium"), segments.backfill("premium"))
    assert sum(both) == 12
    assert len(await segments.members("premium")) == 12
    assert await segments.state_of("premium") == "live"


async def test_an_edit_during_a_backfill_begins_it_again(segments):
    await people(segments, 4)
    await segments.send(identify("free", plan="free"))
    await make(segments, "s", PREMIUM)
    await segments.page("s")
    await segments.page("s")
    await segments.save("s", FREE)
    assert await progress(segments, "s") == (0, 5)
    await segments.backfill("s")
    assert await segments.members("s") == {"free"}


async def test_ingestion_goes_on_and_nobody_is_missed(segments):
    await people(segments, 6)
    await make(segments, "premium", PREMIUM)
    for i in range(6):
        await segments.page("premium")
        await segments.send(identify(f"u{i}", plan="free"), identify(f"new{i}", plan="premium"))
    await segments.backfill("premium")
    assert await segments.members("premium") == {f"new{i}" for i in range(6)}


async def test_those_inside_already_do_not_start_and_those_who_sign_up_meanwhile_do(segments):
    await people(segments, 3)
    await make(segments, "premium", PREMIUM)
    await segments.scenario.publish(start=entry("premium"))
    await segments.page("premium")
    await segments.send(*(identify(f"new{i}", plan="premium") for i in range(8)))
    await segments.send(identify("u0", city="Oslo"), identify("u1", city="Oslo"))
    await segments.backfill("premium")
    await segments.settle()
    started = await segments.scenario.rows(
        "SELECT c.user_id FROM journeys j JOIN contacts c ON c.id = j.contact_id "
        "WHERE j.workspace_id = :w"
    )
    assert {row.user_id for row in started} == {f"new{i}" for i in range(8)}


async def test_when_it_is_asked_for_those_inside_start_once(segments):
    await people(segments, 3)
    await make(segments, "premium", PREMIUM, starts=True)
    await segments.scenario.publish(start=entry("premium"))
    await segments.send(identify("u0", city="Oslo"), identify("u1", city="Oslo"))
    await segments.backfill("premium")
    await segments.settle()
    assert len(await segments.scenario.journeys()) == 3


async def test_an_edit_stops_the_running_journeys_of_those_who_become_members(segments):
    await segments.make("s", FREE)
    await people(segments, 2)
    await segments.scenario.publish(stop=[{"kind": "segment", "segment": "s"}])
    await segments.send(track("u0", "Begun"), track("other", "Begun"))
    await segments.save("s", PREMIUM)
    await segments.backfill("s")
    await segments.settle()
    [stopped] = await segments.journeys_of("u0")
    assert (stopped.reason_kind, stopped.reason_detail) == ("segment", "entered s")
    [other] = await segments.journeys_of("other")
    assert other.state == "running"


async def test_an_edit_lets_those_go_who_are_out_and_keeps_since_when_the_others_are_in(segments):
    await segments.make("s", PREMIUM)
    await segments.send(identify("ann", plan="premium"), identify("bob", plan="premium"), now=NOW)
    await segments.send(identify("ann", city="Oslo"), now=NOW)
    later = NOW + timedelta(days=1)
    both = {"all": [PREMIUM, {"field": "city", "op": "exists"}]}
    await segments.save("s", both, now=later)
    await segments.backfill("s", now=later)
    assert await segments.members("s") == {"ann"}
    assert await segments.stays("s") == [("bob", NOW, later)]
    [row] = await segments.scenario.rows(
        "SELECT entered_at FROM segment_members WHERE workspace_id = :w"
    )
    assert row.entered_at == NOW


async def test_an_edit_looks_through_the_segments_that_name_it_too(segments):
    await people(segments, 3)
    await segments.make("inner", PREMIUM)
    await segments.make("outer", {"not": {"segment": "inner"}})
    await segments.make("outermost", {"all": [{"segment": "outer"}]})
    await segments.save("inner", FREE)
    for key in ("inner", "outer", "outermost"):
        assert await segments.state_of(key) == "backfilling"
        await segments.backfill(key)
    assert await segments.members("inner") == set()
    assert await segments.members("outermost") == {"u0", "u1", "u2"}


async def test_an_edit_that_gives_a_segment_parameters_ends_its_memberships(segments):
    await people(segments, 2)
    await segments.make("s", PREMIUM)
    reader = {"event": "Read", "where": [{"param": "b", "op": "=", "value": {"param": "book"}}]}
    await segments.save("s", reader)
    await segments.backfill("s")
    assert await segments.members("s") == set()
    assert len(await segments.stays("s")) == 2
    assert await segments.state_of("s") == "live"


async def test_a_fact_is_decided_on_while_the_page_of_its_lane_waits(segments):
    """The page then sees what the fact made of the contact, and tells nothing twice."""
    scenario = segments.scenario
    await segments.send(identify("ann", plan="free"))
    await make(segments, "premium", PREMIUM, starts=True)
    await scenario.publish(start=entry("premium"))
    await send_calls(scenario.database, scenario.workspace_id, identify("ann", plan="premium"))
    [fact] = await scenario.rows("SELECT lane FROM facts WHERE workspace_id = :w")
    async with scenario.database.engine.connect() as connection, connection.begin():
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:s, :l)"), {"s": LOCK_SPACE, "l": fact.lane}
        )
        page = asyncio.create_task(segments.page("premium"))
        async with asyncio.timeout(10):
            while not await connection.scalar(
                text(
                    "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                    "WHERE l.locktype = 'advisory' AND NOT l.granted "
                    "AND d.datname = current_database()"
                )
            ):
                await asyncio.sleep(0.01)
        run = await decide_lane(connection, fact.lane, segments.books, now=datetime.now(UTC))
        assert run.facts == 1
    assert (await page).looked_at == 1
    await segments.backfill("premium")
    await segments.settle()
    assert len(await scenario.journeys()) == 1


async def test_who_edits_and_a_page_do_not_wait_for_each_other(segments):
    scenario = segments.scenario
    await people(segments, 3)
    await make(segments, "premium", PREMIUM)
    segment = await segments.id_of("premium")
    async with asyncio.timeout(10), scenario.database.transaction() as connection:
        await hold_rules(connection, scenario.workspace_id)
        page = asyncio.create_task(segments.page("premium"))
        await until_waiting(scenario.database, 1)
        await begin_backfills(connection, scenario.workspace_id, [segment], now=NOW)
        await rules_changed(connection, scenario.workspace_id)
    looked_at = (await page).looked_at
    looked_at += await segments.backfill("premium")
    assert looked_at == 3, "the page is one of the new backfill"
    assert len(await segments.members("premium")) == 3


async def test_an_instant_that_fell_due_during_the_first_backfill_is_kept_for_the_clock(segments):
    """Somebody came in by a fact, time ended that, and only then the page comes."""
    weekday = {"now": {"from": "08:00", "to": "12:00"}}
    at_eight = datetime(2026, 3, 3, 8, tzinfo=UTC)
    await people(segments, 1, plan="free")
    await make(segments, "s", {"all": [PREMIUM, weekday]}, now=at_eight)
    await segments.send(identify("u0", plan="premium"), now=at_eight)
    assert await segments.members("s") == {"u0"}
    afternoon = at_eight + timedelta(hours=6)
    await segments.backfill("s", now=afternoon)
    await segments.pass_time(afternoon)
    assert await segments.members("s") == set()


async def test_on_temporal_a_backfill_runs_by_itself(scenario, segments, engine):
    await people(segments, 8)
    await make(segments, "premium", PREMIUM)
    async with running(engine.dispatcher), asyncio.timeout(20):
        while await segments.state_of("premium") != "live":
            await asyncio.sleep(0.02)
    assert len(await segments.members("premium")) == 8


async def test_on_temporal_an_edit_of_what_is_being_backfilled_is_not_lost(
    scenario, segments, engine
):
    await people(segments, 8)
    await make(segments, "s", FREE)
    async with running(engine.dispatcher), asyncio.timeout(30):
        for where in (PREMIUM, FREE, {"not": FREE}):
            await segments.save("s", where)
        while await segments.state_of("s") != "live":
            await asyncio.sleep(0.02)
    assert len(await segments.members("s")) == 8


async def heal(scenario, now):
    async with scenario.database.transaction() as connection:
        return await heal_segments(connection, now=now)


async def test_a_backfill_whose_call_was_lost_is_called_for_again(scenario, segments, engine):
    await people(segments, 4)
    await make(segments, "premium", PREMIUM)
    await scenario.rows("DELETE FROM commands WHERE workspace_id = :w RETURNING seq")
    owed = "SELECT 1 FROM commands WHERE workspace_id = :w"
    await heal(scenario, datetime.now(UTC))
    assert len(await scenario.rows(owed)) == 0, "it may be at work"
    later = datetime.now(UTC) + timedelta(minutes=2)
    await heal(scenario, later)
    assert len(await scenario.rows(owed)) == 1
    assert await heal(scenario, later) == 0, "the call is owed already"
    await scenario.rows("UPDATE commands SET due_at = now() WHERE workspace_id = :w RETURNING seq")
    async with running(engine.dispatcher), asyncio.timeout(20):
        while await segments.state_of("premium") != "live":
            await asyncio.sleep(0.02)


async def test_a_clock_that_is_late_is_woken(scenario, segments, engine):
    await segments.make("quiet", {"not": {"event": "Ran", "within": "PT1S"}})
    at = datetime.now(UTC) - timedelta(milliseconds=500)
    await segments.send(track("ann", "Ran", at=at), now=at)
    await scenario.rows("DELETE FROM commands WHERE workspace_id = :w RETURNING seq")
    assert await heal(scenario, at + timedelta(seconds=5)) == 0
    assert await heal(scenario, at + timedelta(seconds=12)) == 1
    await scenario.rows("UPDATE commands SET due_at = now() WHERE workspace_id = :w RETURNING seq")
    async with running(engine.dispatcher), asyncio.timeout(20):
        while await segments.members("quiet") != {"ann"}:
            await asyncio.sleep(0.02)
