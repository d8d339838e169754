"""Long waits, on Temporal's time-skipping server: months pass in a moment."""

from __future__ import annotations

import time
from datetime import UTC, timedelta

HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}


async def begin(scenario, skipping, **contact):
    ann = await scenario.contact(**contact)
    await scenario.event(ann, "Begun", {"minutes": 30})
    await skipping.dispatch()
    [journey] = await scenario.journeys()
    return journey


async def test_a_thirty_day_journey_runs_in_under_a_second(scenario, skipping):
    await scenario.template()
    await scenario.publish(
        blocks=[
            {**HELLO, "next": "month"},
            {"id": "month", "kind": "timer", "wait": {"for": "P30D"}, "next": "again"},
            {**HELLO, "id": "again"},
        ]
    )  # fmt: skip
    journey = await begin(scenario, skipping)
    began = time.monotonic()
    await skipping.finish(journey.id)
    assert time.monotonic() - began < 1
    [journey] = await scenario.journeys()
    assert (journey.state, journey.block) == ("completed", None)
    assert journey.ended_at - journey.started_at > timedelta(days=29.9)
    assert await scenario.steps(journey.id) == [
        ("hello", "sent"),
        ("month", "done"),
        ("again", "sent"),
    ]


async def test_a_timer_follows_the_contacts_own_clock(scenario, skipping):
    await scenario.publish(
        blocks=[
            {"id": "nine", "kind": "timer",
             "wait": {"for": "P1D", "until": {"time": "09:00", "timezone": "contact"}}}
        ]
    )  # fmt: skip
    journey = await begin(scenario, skipping, timezone="Asia/Tokyo")
    await skipping.finish(journey.id)
    [step] = await scenario.rows("SELECT * FROM journey_steps WHERE journey_id = :j", j=journey.id)
    assert step.left_at.astimezone(UTC).hour == 0, "09:00 in Tokyo is midnight UTC"


async def test_a_moment_already_past_goes_on_at_once(scenario, skipping):
    await scenario.publish(
        blocks=[{"id": "then", "kind": "timer", "wait": {"at": "2020-01-01T10:00"}}]
    )
    journey = await begin(scenario, skipping)
    await skipping.finish(journey.id)
    assert await scenario.steps(journey.id) == [("then", "passed")]


async def test_a_timer_waits_for_a_moment_in_a_field_of_the_contact(
    scenario, skipping, time_skipping_server
):
    ends = await time_skipping_server.get_current_time() + timedelta(days=400)
    await scenario.publish(
        blocks=[
            {"id": "trial", "kind": "timer",
             "wait": {"until": {"field": "trial_ends_at", "offset": "-P1D"}}}
        ]
    )  # fmt: skip
    journey = await begin(scenario, skipping, fields={"trial_ends_at": ends.isoformat()})
    await skipping.finish(journey.id)
    [step] = await scenario.rows("SELECT * FROM journey_steps WHERE journey_id = :j", j=journey.id)
    assert abs(step.left_at - (ends - timedelta(days=1))) < timedelta(hours=2)


async def test_a_condition_after_a_wait_sees_what_happened_meanwhile(scenario, skipping):
    await scenario.publish(
        stop=[],
        blocks=[
            {"id": "week", "kind": "timer", "wait": {"for": "P7D"}, "next": "did"},
            {"id": "did", "kind": "condition", "if": {"event": "Done", "within": "journey"},
             "then": "yes", "else": "no"},
            {"id": "yes", "kind": "exit", "reason": "did it"},
            {"id": "no", "kind": "exit"},
        ],
    )  # fmt: skip
    journey = await begin(scenario, skipping)
    await scenario.event(journey.contact_id, "Done")
    await skipping.finish(journey.id)
    [journey] = await scenario.journeys()
    assert (journey.reason_kind, journey.reason_detail) == ("exit", "did it")


async def test_a_loop_through_a_timer_continues_as_new_and_keeps_its_place(
    scenario, skipping, time_skipping_server
):
    in_forty_days = await time_skipping_server.get_current_time() + timedelta(days=40)
    await scenario.publish(
        blocks=[
            {"id": "day", "kind": "timer", "wait": {"for": "P1D"}, "next": "enough"},
            {"id": "enough", "kind": "condition",
             "if": {"now": {"date": in_forty_days.date().isoformat()}},
             "then": "out", "else": "day"},
            {"id": "out", "kind": "exit"},
        ],
    )  # fmt: skip
    journey = await begin(scenario, skipping)
    await skipping.finish(journey.id)
    [journey] = await scenario.journeys()
    assert journey.state == "completed"
    assert journey.visit > 70


async def test_a_loop_whose_timer_no_longer_waits_fails_instead_of_running_away(scenario, skipping):
    await scenario.publish(
        blocks=[
            {"id": "at", "kind": "timer", "wait": {"at": "2020-01-01T10:00"}, "next": "again"},
            {"id": "again", "kind": "condition", "if": {"reachable": "email"}, "then": "at"},
        ]
    )
    journey = await begin(scenario, skipping)
    await skipping.finish(journey.id)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_kind) == ("failed", "runaway_loop")
