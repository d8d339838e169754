"""Membership that follows facts and time, and what it starts and stops: on real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.segments import Segments

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SILENT_9_DAYS = {
    "event": "Session Started", "within": "P9D", "times": {"op": "=", "value": 0},
}  # fmt: skip
PREMIUM = {"field": "plan", "op": "=", "value": "premium"}


def track(user, event, at=None, **properties):
    call = {"type": "track", "userId": user, "event": event, "properties": properties}
    return call if at is None else {**call, "timestamp": at.isoformat()}


def identify(user, **traits):
    return {"type": "identify", "userId": user, "traits": traits}


@pytest.fixture
def segments(scenario):
    return Segments(scenario)


async def test_a_changed_field_moves_a_contact_in_and_out(segments):
    await segments.make("premium", PREMIUM)
    await segments.send(identify("ann", plan="premium"), identify("bob", plan="free"))
    assert await segments.members("premium") == {"ann"}
    await segments.send(identify("ann", plan="free"), identify("bob", plan="premium"))
    assert await segments.members("premium") == {"bob"}
    [(user, entered, left)] = await segments.stays("premium")
    assert user == "ann"
    assert entered < left


async def test_those_who_were_there_before_are_found_by_the_backfill(segments):
    await segments.send(identify("ann", plan="premium"), identify("bob", plan="free"))
    await segments.make("premium", PREMIUM)
    assert await segments.members("premium") == {"ann"}


async def test_time_alone_moves_a_contact_in_at_the_right_instant(segments):
    await segments.make("silent", SILENT_9_DAYS, now=NOW)
    await segments.send(track("ann", "Session Started", at=NOW), now=NOW)
    assert await segments.members("silent") == set()
    due = await segments.pass_time(NOW)
    assert due == NOW + timedelta(days=9, microseconds=1)
    await segments.pass_time(due - timedelta(microseconds=1))
    assert await segments.members("silent") == set()
    await segments.pass_time(due)
    assert await segments.members("silent") == {"ann"}


async def test_somebody_new_is_a_member_by_what_was_never_done(segments):
    await segments.make("silent", SILENT_9_DAYS, now=NOW)
    await segments.send(identify("ann", plan="free"), now=NOW)
    assert await segments.members("silent") == {"ann"}


async def test_entering_starts_a_journey_and_being_inside_already_does_not(scenario, segments):
    await segments.send(identify("bob", plan="premium"))
    await segments.make("premium", PREMIUM)
    await scenario.publish(start={"kind": "segment", "segment": "premium", "schedule": "entry"})
    await segments.send(identify("ann", plan="premium"), identify("bob", city="Oslo"))
    [journey] = await scenario.journeys()
    [ann] = await scenario.rows(
        "SELECT id FROM contacts WHERE user_id = 'ann' AND workspace_id = :w"
    )
    assert journey.contact_id == ann.id


async def test_becoming_a_member_stops_and_a_member_does_not_start(scenario, segments):
    await segments.make("premium", PREMIUM)
    await scenario.publish(stop=[{"kind": "segment", "segment": "premium"}])
    await segments.send(track("ann", "Begun"), identify("bob", plan="premium"))
    await segments.send(track("bob", "Begun"))
    [journey] = await scenario.journeys()
    assert await scenario.decisions() == ["started", "stop_segment"]
    await segments.send(identify("ann", plan="premium"))
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_kind, journey.reason_detail) == (
        "stopped", "segment", "entered premium",
    )  # fmt: skip


async def test_a_visitor_who_signs_in_does_not_enter_again_what_was_entered(scenario, segments):
    await segments.make("ran", {"event": "Ran"})
    await segments.make("vip", None)
    for key in ("ran", "vip"):
        start = {"kind": "segment", "segment": key, "schedule": "entry"}
        await scenario.publish(key, start=start, blocks=[{"id": "out", "kind": "exit"}])
    await segments.send(identify("ann", plan="free"))
    await segments.send({"type": "track", "anonymousId": "a1", "event": "Ran"})
    [visitor] = await scenario.rows(
        "SELECT id FROM contacts WHERE workspace_id = :w AND user_id IS NULL"
    )
    await segments.put("vip", str(visitor.id))
    assert len(await scenario.journeys()) == 2
    await segments.send({"type": "identify", "userId": "ann", "anonymousId": "a1"})
    assert await segments.members("ran") == {"ann"}
    assert await segments.members("vip") == {"ann"}
    assert len(await scenario.journeys()) == 2, "neither starts again"
