"""What facts mean for journeys, decided lane by lane on real PostgreSQL, without Temporal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from engine.dispatch.lane import decide_lane
from engine.lanes import LANE_SQL, LANES, lane_of
from engine.rules import RuleBooks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def decide(scenario, contact, *, now=NOW, limit=200):
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(77, :lane)"), {"lane": lane_of(contact)}
        )
        return await decide_lane(connection, lane_of(contact), RuleBooks(), now=now, limit=limit)


async def test_an_event_starts_one_journey_and_owes_temporal_its_start(scenario):
    await scenario.publish()
    ann = await scenario.contact()
    event = await scenario.event(ann, "Begun", {"plan": 7})
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.event_id, journey.params) == ("running", event, {"plan": 7})
    [command] = await scenario.rows("SELECT * FROM commands WHERE workspace_id = :w")
    assert (command.kind, command.journey_id) == ("start", journey.id)
    assert await scenario.rows("SELECT 1 FROM facts WHERE workspace_id = :w") == []
    assert await scenario.decisions() == ["started"]


async def test_an_event_that_no_rule_mentions_is_not_queued(scenario):
    await scenario.publish()
    ann = await scenario.contact()
    await scenario.event(ann, "Something Else")
    assert await scenario.rows("SELECT 1 FROM facts WHERE workspace_id = :w") == []


async def test_a_start_filter_that_does_not_match_starts_nothing(scenario):
    await scenario.publish(
        start={
            "kind": "event",
            "event": "Begun",
            "where": [{"param": "minutes", "op": ">=", "value": 20}],
        }
    )
    ann = await scenario.contact()
    await scenario.event(ann, "Begun", {"minutes": 19})
    await scenario.event(ann, "Begun", {"minutes": "20"})
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    assert journey.params == {"minutes": "20"}


async def test_two_events_in_the_same_second_start_the_same_contact_once(scenario):
    await scenario.publish(start={"kind": "event", "event": "Begun", "reentry": {"mode": "once"}})
    ann = await scenario.contact()
    at = datetime.now(UTC)
    await asyncio.gather(*(scenario.event(ann, "Begun", at=at) for _ in range(5)))
    await decide(scenario, ann)
    assert len(await scenario.journeys()) == 1
    assert await scenario.decisions() == ["reentry"] * 4 + ["started"]


async def test_reentry_is_refused_until_its_time_has_passed_and_leaves_a_trace(scenario):
    await scenario.publish(
        start={"kind": "event", "event": "Begun", "overlap": "parallel",
               "reentry": {"mode": "after", "after": "P7D"}}
    )  # fmt: skip
    ann = await scenario.contact()
    for days in (0, 6, 7.5):
        await scenario.event(ann, "Begun")
        await decide(scenario, ann, now=NOW + timedelta(days=days))
    assert len(await scenario.journeys()) == 2
    assert await scenario.decisions() == ["reentry", "started", "started"]


async def test_reentry_counts_per_contact_and_the_values_of_its_key(scenario):
    await scenario.publish(
        start={"kind": "event", "event": "Begun", "reentry": {"mode": "once", "key": ["cart"]}}
    )
    ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
    for contact in (ann, bob):
        for cart in ("a", "b", "a"):
            await scenario.event(contact, "Begun", {"cart": cart})
        await decide(scenario, contact)
    assert len(await scenario.journeys()) == 4


async def test_overlap_skip_lets_the_running_journey_go_on(scenario):
    await scenario.publish()
    ann = await scenario.contact()
    for _ in range(2):
        await scenario.event(ann, "Begun")
        await decide(scenario, ann)
    [journey] = await scenario.journeys()
    assert journey.state == "running"
    assert await scenario.decisions() == ["overlap", "started"]


async def test_overlap_parallel_runs_both(scenario):
    await scenario.publish(start={"kind": "event", "event": "Begun", "overlap": "parallel"})
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    assert [j.state for j in await scenario.journeys()] == ["running", "running"]


async def test_overlap_restart_stops_the_running_journey_first(scenario):
    await scenario.publish(start={"kind": "event", "event": "Begun", "overlap": "restart"})
    ann = await scenario.contact()
    await scenario.event(ann, "Begun", {"n": 1})
    await decide(scenario, ann)
    await scenario.event(ann, "Begun", {"n": 2})
    await decide(scenario, ann, now=NOW + timedelta(seconds=1))
    first, second = await scenario.journeys()
    assert (first.state, first.reason_kind) == ("stopped", "restarted")
    assert (second.state, second.params) == ("running", {"n": 2})
    kinds = await scenario.rows("SELECT kind FROM commands WHERE workspace_id = :w ORDER BY seq")
    assert [row.kind for row in kinds] == ["start", "stop", "start"]


async def test_restart_within_one_batch_leaves_only_the_last_running(scenario):
    await scenario.publish(start={"kind": "event", "event": "Begun", "overlap": "restart"})
    ann = await scenario.contact()
    for n in range(3):
        await scenario.event(ann, "Begun", {"n": n})
    await decide(scenario, ann)
    states = {j.params["n"]: j.state for j in await scenario.journeys()}
    assert states == {0: "stopped", 1: "stopped", 2: "running"}


async def test_a_stop_event_ends_the_journey_with_its_reason(scenario):
    await scenario.publish()
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    await scenario.event(ann, "Done")
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_kind, journey.reason_detail) == (
        "stopped",
        "event",
        "Done",
    )


async def test_start_and_stop_in_one_batch_keep_their_order(scenario):
    await scenario.publish()
    ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
    await scenario.event(ann, "Begun")
    await scenario.event(ann, "Done")
    await scenario.event(bob, "Done")
    await scenario.event(bob, "Begun")
    await decide(scenario, ann)
    await decide(scenario, bob)
    states = {j.contact_id: j.state for j in await scenario.journeys()}
    assert states == {ann: "stopped", bob: "running"}
    owed = await scenario.rows("SELECT kind FROM commands WHERE workspace_id = :w")
    assert [row.kind for row in owed] == ["start"], "a journey that never ran needs no call"


async def test_only_the_journey_about_the_same_order_stops(scenario):
    await scenario.publish(
        start={"kind": "event", "event": "Begun", "reentry": {"key": ["cart"]}},
        stop=[{"kind": "event", "events": ["Done"], "same": ["cart"]}],
    )
    ann = await scenario.contact()
    await scenario.event(ann, "Begun", {"cart": "a"})
    await scenario.event(ann, "Begun", {"cart": "b"})
    await scenario.event(ann, "Done", {"cart": "b"})
    await decide(scenario, ann)
    assert {j.params["cart"]: j.state for j in await scenario.journeys()} == {
        "a": "running",
        "b": "stopped",
    }


async def test_the_starting_event_never_counts_as_its_own_stop(scenario):
    await scenario.publish(stop=[{"kind": "event", "events": ["Begun"], "lookback": "P1D"}])
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    [journey] = await scenario.journeys()
    assert journey.state == "running"


async def test_a_stop_event_may_also_start_another_workflow(scenario):
    await scenario.publish("first")
    await scenario.publish("second", start={"kind": "event", "event": "Done"}, stop=[])
    ann = await scenario.contact()
    await scenario.event(ann, "Begun")
    await scenario.event(ann, "Done")
    await decide(scenario, ann)
    assert sorted(j.state for j in await scenario.journeys()) == ["running", "stopped"]


async def test_who_did_it_within_the_lookback_does_not_start(scenario):
    await scenario.publish(stop=[{"kind": "event", "events": ["Done"], "lookback": "P1D"}])
    ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
    start = datetime.now(UTC)
    await scenario.event(ann, "Done", at=start - timedelta(hours=23))
    await scenario.event(bob, "Done", at=start - timedelta(hours=25))
    for contact in (ann, bob):
        await scenario.event(contact, "Begun", at=start)
        await decide(scenario, contact)
    [journey] = await scenario.journeys()
    assert journey.contact_id == bob
    assert await scenario.decisions() == ["started", "stop_lookback"]


async def test_a_journey_keeps_the_stops_of_the_version_it_began_with(scenario):
    await scenario.publish()
    ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
    await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    await scenario.publish(stop=[{"kind": "event", "events": ["Finished"]}])
    await scenario.event(bob, "Begun")
    await decide(scenario, bob)
    for contact in (ann, bob):
        await scenario.event(contact, "Done")
        await decide(scenario, contact)
    states = {j.contact_id: j.state for j in await scenario.journeys()}
    assert states == {ann: "stopped", bob: "running"}


async def test_a_fact_decided_twice_changes_nothing(scenario):
    await scenario.publish(start={"kind": "event", "event": "Begun", "overlap": "parallel"})
    ann = await scenario.contact()
    event = await scenario.event(ann, "Begun")
    await decide(scenario, ann)
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO facts (workspace_id, lane, contact_id, kind, ref) "
                "VALUES (:w, :l, :c, 'event', :e)"
            ),
            {"w": scenario.workspace_id, "l": lane_of(ann), "c": ann, "e": event},
        )
    await decide(scenario, ann)
    assert len(await scenario.journeys()) == 1
    assert len(await scenario.rows("SELECT 1 FROM commands WHERE workspace_id = :w")) == 1
    assert await scenario.decisions() == ["started"]


async def test_a_stop_after_the_start_in_one_batch_is_not_taken_for_one_before_it(scenario):
    """Whether they are decided on together or one by one must make no difference."""
    for key, at_once in (("together", True), ("apart", False)):
        await scenario.publish(
            key,
            start={"kind": "event", "event": key},
            stop=[{"kind": "event", "events": [f"{key} done"], "lookback": "P1D"}],
        )
        ann = await scenario.contact(key)
        await scenario.event(ann, key)
        if not at_once:
            await decide(scenario, ann)
        await scenario.event(ann, f"{key} done")
        await decide(scenario, ann)
    assert await scenario.decisions() == ["started", "started"]
    assert [j.state for j in await scenario.journeys()] == ["stopped", "stopped"]


async def test_a_lookback_finds_what_came_before_the_start_in_the_same_batch(scenario):
    await scenario.publish(stop=[{"kind": "event", "events": ["Done"], "lookback": "P1D"}])
    ann = await scenario.contact()
    at = datetime.now(UTC)
    await scenario.event(ann, "Done", at=at)
    await scenario.event(ann, "Begun", at=at)
    await decide(scenario, ann)
    assert await scenario.decisions() == ["stop_lookback"]


async def test_a_reentry_key_may_be_a_dotted_name(scenario):
    await scenario.publish(
        start={"kind": "event", "event": "Begun", "reentry": {"mode": "once", "key": ["cart.id"]}}
    )
    ann = await scenario.contact()
    for cart in ("a", "b", "a"):
        await scenario.event(ann, "Begun", {"cart": {"id": cart}})
    await decide(scenario, ann)
    assert await scenario.decisions() == ["reentry", "started", "started"]


async def test_a_statement_finds_the_same_lane_as_the_program(scenario):
    people = [await scenario.contact(f"c{n}") for n in range(5)]
    rows = await scenario.rows(
        f"SELECT id, {LANE_SQL} AS lane "
        "FROM (SELECT id, id AS contact_id FROM contacts WHERE workspace_id = :w) c",
        lanes=LANES,
    )
    assert {row.id: row.lane for row in rows} == {person: lane_of(person) for person in people}


async def test_a_start_that_arrives_after_what_stops_it_does_not_start(scenario):
    """A phone was offline: the plan of ten o'clock comes after the workout of half past ten."""
    await scenario.publish()
    ann = await scenario.contact()
    await scenario.event(ann, "Done", at=NOW + timedelta(minutes=30))
    await decide(scenario, ann, now=NOW + timedelta(hours=1))
    await scenario.event(ann, "Begun", at=NOW)
    await decide(scenario, ann, now=NOW + timedelta(hours=1))
    assert await scenario.decisions() == ["stop_lookback"]
    await scenario.event(ann, "Begun", at=NOW + timedelta(minutes=40))
    await decide(scenario, ann, now=NOW + timedelta(hours=1))
    assert await scenario.decisions() == ["started", "stop_lookback"]
