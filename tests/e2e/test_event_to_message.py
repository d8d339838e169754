"""The whole path: HTTP in, PostgreSQL, Temporal, SMTP out; nothing is imitated."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.dispatch.dispatcher import Dispatcher

TEMPLATE = {
    "key": "lets-go",
    "channel": "email",
    "subject": 'Hi {{ contact.first_name | default: "there" }}',
    "text": "{{ event.minutes }} minutes today",
}


def reminder(**parts: Any) -> dict[str, Any]:
    return {
        "key": "reminder",
        "name": "Workout reminder",
        "definition": {
            "name": "Workout reminder",
            "start": {"kind": "event", "event": "Workout Planned"},
            "stop": [{"kind": "event", "events": ["Workout Completed"], "same": ["plan_id"]}],
            "blocks": [
                {"id": "wait", "kind": "timer", "wait": {"for": "PT1S"}, "next": "hello"},
                {"id": "hello", "kind": "message", "channel": "email", "template": "lets-go"},
            ],
            **parts,
        },
    }


async def publish(api, **parts: Any) -> None:
    created = await api.post("/v1/templates", TEMPLATE)
    assert created.status_code == 201, created.text
    created = await api.post("/v1/workflows", reminder(**parts))
    assert created.status_code == 201, created.text
    published = await api.post("/v1/workflows/reminder/publish", {})
    assert published.json()["version"] == 1, published.text


async def until(api, state: str, count: int = 1) -> list[dict[str, Any]]:
    """The journeys, once `count` of them are in this state."""
    async with asyncio.timeout(30):
        while True:
            journeys = (await api.client.get("/v1/journeys")).json()["data"]
            if sum(journey["state"] == state for journey in journeys) >= count:
                return journeys
            await asyncio.sleep(0.05)


async def test_an_event_over_http_becomes_a_mail_over_smtp(system, outbox):
    await publish(system)
    await system.ok(
        "/v1/identify",
        {"userId": "ada", "traits": {"email": "ada@mail.example", "first_name": "Ada"}},
    )
    await system.ok(
        "/v1/track", {"userId": "ada", "event": "Workout Planned", "properties": {"minutes": 30}}
    )
    [journey] = await until(system, "completed")
    [mail] = outbox.messages
    assert (mail["To"], mail["Subject"]) == ("ada@mail.example", "Hi Ada")
    assert "30 minutes today" in mail.as_string()
    [message] = (await system.client.get("/v1/messages")).json()["data"]
    assert (message["state"], message["to"]) == ("sent", "ada@mail.example")
    detail = (await system.client.get(f"/v1/journeys/{journey['id']}")).json()
    assert [(step["block"], step["outcome"]) for step in detail["steps"]] == [
        ("wait", "done"),
        ("hello", "sent"),
    ]
    assert detail["temporal"]["workflow_id"] == journey["id"]


async def test_a_completed_workout_stops_the_reminder_about_that_plan_only(system, outbox):
    await publish(
        system,
        start={
            "kind": "event",
            "event": "Workout Planned",
            "reentry": {"mode": "once", "key": ["plan_id"]},
        },
    )
    person = {"userId": "ada", "context": {"traits": {"email": "ada@mail.example"}}}
    for plan in ("a", "b"):
        await system.ok(
            "/v1/track",
            {
                **person,
                "event": "Workout Planned",
                "properties": {"plan_id": plan, "minutes": plan},
            },
        )
    await system.ok(
        "/v1/track", {**person, "event": "Workout Completed", "properties": {"plan_id": "a"}}
    )
    await until(system, "completed")
    journeys = await until(system, "stopped")
    assert sorted(journey["state"] for journey in journeys) == ["completed", "stopped"]
    [mail] = outbox.messages
    assert "b minutes today" in mail.as_string()


async def test_a_double_click_sends_one_mail(system, outbox):
    await publish(system)
    click = {
        "userId": "ada",
        "event": "Workout Planned",
        "messageId": "click-1",
        "context": {"traits": {"email": "ada@mail.example"}},
    }
    await asyncio.gather(*(system.ok("/v1/track", click) for _ in range(5)))
    await until(system, "completed")
    assert len(outbox.messages) == 1


async def test_an_event_with_its_profile_change_is_judged_on_the_new_profile(system, outbox):
    await publish(
        system,
        blocks=[
            {"id": "paid", "kind": "condition",
             "if": {"field": "plan", "op": "=", "value": "premium"}, "then": "hello"},
            {"id": "hello", "kind": "message", "channel": "email", "template": "lets-go"},
        ],
    )  # fmt: skip
    for n in range(5):
        await system.batch(
            {"type": "identify", "userId": f"u{n}",
             "traits": {"plan": "premium", "email": f"u{n}@mail.example"}},
            {"type": "track", "userId": f"u{n}", "event": "Workout Planned"},
        )  # fmt: skip
    await until(system, "completed", 5)
    assert len(outbox.messages) == 5


async def test_historic_events_start_nothing_unless_asked(system):
    await publish(system)
    old = {"type": "track", "userId": "ada", "event": "Workout Planned"}
    await system.batch({**old, "timestamp": "2024-01-01T00:00:00Z"}, backfill=True)
    await system.batch(old)
    [journey] = await until(system, "completed")
    assert journey["state"] == "completed"


async def test_what_was_acknowledged_while_nobody_dispatched_is_acted_on_later(
    api, workers, outbox
):
    await publish(api)
    await api.ok(
        "/v1/track",
        {"userId": "ada", "event": "Workout Planned",
         "context": {"traits": {"email": "ada@mail.example"}}},
    )  # fmt: skip
    assert (await api.client.get("/v1/journeys")).json()["data"] == []
    await workers.dispatch()
    await until(api, "completed")
    assert len(outbox.messages) == 1


async def test_two_dispatchers_act_on_each_fact_once(api, workers, temporal, outbox):
    await publish(api)

    async def connect():
        return temporal

    second = Dispatcher(api.database, connect, task_queue=workers.task_queue)
    people = [
        {"type": "track", "userId": f"u{n}", "event": "Workout Planned",
         "context": {"traits": {"email": f"u{n}@mail.example"}}}
        for n in range(40)
    ]  # fmt: skip
    await api.batch(*people)
    while sum(await asyncio.gather(workers.dispatcher.drain(), second.drain())):
        pass
    await until(api, "completed", 40)
    assert len(outbox.messages) == 40
    assert len({mail["To"] for mail in outbox.messages}) == 40


@pytest.mark.parametrize("action", ["pause", "archive"])
async def test_who_is_on_the_way_when_a_workflow_is_archived_arrives(system, outbox, action):
    await publish(system)
    await system.ok(
        "/v1/track",
        {"userId": "ada", "event": "Workout Planned",
         "context": {"traits": {"email": "ada@mail.example"}}},
    )  # fmt: skip
    await until(system, "running")
    assert (await system.post(f"/v1/workflows/reminder/{action}", {})).status_code == 200
    if action == "pause":
        await asyncio.sleep(1.5)
        assert outbox.messages == []
        assert (await system.post("/v1/workflows/reminder/resume", {})).status_code == 200
    await until(system, "completed")
    assert len(outbox.messages) == 1
