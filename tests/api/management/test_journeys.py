"""Journeys and messages as they are read, and stopping a journey by hand."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from storage.tables import Command, Journey, WorkflowVersion
from tests.api.management.drawings import definition, published
from tests.api.management.rows import after, contact, journey, message, refusal, step

UNKNOWN = "3b241101-e2bb-4255-8caf-4136c566a962"


@pytest.fixture
async def people(api, database):
    async with database.transaction() as connection:
        return [await contact(connection, api.workspace_id, name) for name in ("u1", "u2")]


async def test_a_journey_has_the_shape_of_the_contract(api, database, people):
    workflow = await published(api, "hi")
    async with database.transaction() as connection:
        w = api.workspace_id
        id_ = await journey(
            connection, w, people[0], workflow, block="wait", due_at=after(60), run_id="run-1"
        )
        await step(connection, w, id_, 1, block="hello", left_at=after(2), outcome="sent")
        await step(connection, w, id_, 2, block="wait")
    expected = {
        "id": str(id_),
        "workflow": "hi",
        "version": 1,
        "contact_id": str(people[0]),
        "userId": "u1",
        "launch_id": None,
        "test": False,
        "state": "running",
        "reason": None,
        "block": "wait",
        "due_at": "2026-03-01T12:01:00Z",
        "parked": False,
        "started_at": "2026-03-01T12:00:00Z",
        "ended_at": None,
        "temporal": {"workflow_id": str(id_), "run_id": "run-1"},
    }
    assert (await api("GET", "/v1/journeys"))["data"] == [expected]
    detail = await api("GET", f"/v1/journeys/{id_}")
    nowhere = {"edge": None, "to": None, "messages": []}  # (`hello` is not of this drawing)
    assert detail.pop("steps") == [
        {"block": "hello", "entered_at": "2026-03-01T12:00:01Z",
         "left_at": "2026-03-01T12:00:02Z", "outcome": "sent", **nowhere},
        {"block": "wait", "entered_at": "2026-03-01T12:00:02Z", "left_at": None, "outcome": None,
         **nowhere},
    ]  # fmt: skip
    assert detail.pop("definition") == definition()
    assert detail == expected


async def test_a_test_of_a_draft_has_no_version_and_no_history(api, database, people):
    workflow = await published(api, "hi")
    async with database.transaction() as connection:
        id_ = await journey(
            connection,
            api.workspace_id,
            people[0],
            workflow,
            state="completed",
            reason_kind="exit",
            ended_at=after(1),
            test_to="me@example.com",
        )
        draft = uuid4()
        await connection.execute(
            insert(WorkflowVersion).values(
                id=draft,
                workspace_id=api.workspace_id,
                workflow_id=UUID(workflow),
                version=None,
                definition={},
            )
        )
        await connection.execute(update(Journey).values(version_id=draft).where(Journey.id == id_))
    read = await api("GET", f"/v1/journeys/{id_}")
    assert (read["version"], read["test"]) == (None, True)
    assert (await api("GET", "/v1/workflows/hi/history"))["data"] == []


async def test_journeys_are_found_by_workflow_contact_and_state(api, database, people):
    one, two = await published(api, "one"), await published(api, "two")
    async with database.transaction() as connection:
        w = api.workspace_id
        ids = [
            await journey(connection, w, people[i % 2], (one, two)[i // 2], started_at=after(i),
                          state=("running", "completed")[i % 2])
            for i in range(4)
        ]  # fmt: skip

    async def found(query):
        listed = (await api("GET", f"/v1/journeys?{query}"))["data"]
        return [ids.index(type(ids[0])(each["id"])) for each in listed]

    assert await found("") == [3, 2, 1, 0]
    assert await found("workflow=one") == [1, 0]
    assert await found(f"workflow={two}") == [3, 2]
    assert await found("contact=u1") == [2, 0]
    assert await found(f"contact={people[1]}&workflow=two") == [3]
    assert await found("state=completed") == [3, 1]
    assert await found("workflow=one&state=completed") == [1]
    assert await found("workflow=none") == await found("contact=nobody") == []
    await api("GET", "/v1/journeys?state=lost", 422)


async def test_a_block_has_the_journeys_that_are_in_it_now(api, database, people):
    workflow = await published(api, "hi")
    async with database.transaction() as connection:
        w = api.workspace_id
        here = await journey(connection, w, people[0], workflow, block="wait")
        await journey(connection, w, people[1], workflow, block="hello")
        # (one that failed keeps the block that it failed in)
        await journey(connection, w, people[1], workflow, block="wait", state="failed")
    found = await api("GET", "/v1/journeys", params={"workflow": "hi", "block": "wait"})
    assert [one["id"] for one in found["data"]] == [str(here)]
    none = await api("GET", "/v1/journeys", params={"block": "wait", "state": "completed"})
    assert none["data"] == []


async def test_a_workflows_journeys_of_all_states_are_paged_in_one_order(api, database, people):
    workflow, other = await published(api, "hi"), await published(api, "other")
    states = ("running", "completed", "stopped", "failed")
    async with database.transaction() as connection:
        w = api.workspace_id
        ids = [
            await journey(connection, w, people[0], workflow, started_at=after(i // 2),
                          state=states[i % 4])
            for i in range(20)
        ]  # fmt: skip
        await journey(connection, w, people[0], other, started_at=after(3))
    read, cursor = [], ""
    while cursor is not None:
        page = await api("GET", f"/v1/journeys?workflow=hi&limit=3{cursor}")
        read += page["data"]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert len(read) == 20
    assert {one["id"] for one in read} == {str(id_) for id_ in ids}
    order = [(one["started_at"], one["id"]) for one in read]
    assert order == sorted(order, reverse=True)


async def test_a_journey_is_stopped_by_hand_and_temporal_is_told(api, database, people, wakeup):
    workflow = await published(api, "hi")
    async with database.transaction() as connection:
        id_ = await journey(connection, api.workspace_id, people[0], workflow, block="wait")
    stopped = await api("POST", f"/v1/journeys/{id_}/stop", json={"detail": "asked by phone"})
    assert stopped["state"] == "stopped"
    assert stopped["reason"] == {"kind": "manual", "detail": "asked by phone"}
    assert stopped["ended_at"] is not None
    async with database.transaction() as connection:
        owed = await connection.execute(select(Command.kind).where(Command.journey_id == id_))
        assert list(owed.scalars()) == ["stop"]
    assert wakeup._event.is_set()


async def test_a_journey_that_ended_keeps_its_reason_when_stopped(api, database, people):
    workflow = await published(api, "hi")
    async with database.transaction() as connection:
        id_ = await journey(connection, api.workspace_id, people[0], workflow,
                            state="completed", reason_kind="exit", ended_at=after(1))  # fmt: skip
    again = await api("POST", f"/v1/journeys/{id_}/stop")
    assert (again["state"], again["reason"]) == ("completed", {"kind": "exit", "detail": None})


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        (f"/v1/journeys/{UNKNOWN}/stop", {}, 404),
        ("/v1/journeys/x/stop", {}, 422),
        (f"/v1/journeys/{UNKNOWN}/stop", {"json": {"detail": "x" * 501}}, 422),
        (f"/v1/journeys/{UNKNOWN}/stop", {"json": {"detail": "\x00"}}, 422),
        (f"/v1/journeys/{UNKNOWN}/stop", {"json": {"why": "x"}}, 422),
        (f"/v1/journeys/{UNKNOWN}/stop", {"content": b"{"}, 400),
    ],
)  # fmt: skip
async def test_a_stop_that_makes_no_sense_is_refused(api, wakeup, path, options, status):
    await api("POST", path, status, **options)
    assert not wakeup._event.is_set()


async def test_messages_are_found_by_journey_workflow_contact_state_and_channel(
    api, database, people
):
    one, two = await published(api, "one"), await published(api, "two")
    async with database.transaction() as connection:
        w = api.workspace_id
        first = await journey(connection, w, people[0], one)
        second = await journey(connection, w, people[1], two)
        mail = await message(
            connection, w, people[0], one, first, to="u1@example.com", subject="Hi",
            sent_at=after(1),
        )  # fmt: skip
        push = await message(
            connection, w, people[1], two, second, channel="push", state="skipped",
            reason="unreachable", created_at=after(2),
        )  # fmt: skip

    async def found(query):
        return [one["id"] for one in (await api("GET", f"/v1/messages?{query}"))["data"]]

    assert await found("") == [str(push), str(mail)]
    assert await found(f"journey={first}") == [str(mail)]
    assert await found("workflow=two") == [str(push)]
    assert await found("contact=u1") == [str(mail)]
    assert await found("state=skipped") == [str(push)]
    assert await found("channel=email") == [str(mail)]
    assert await found("contact=nobody") == await found("workflow=none") == []
    read = await api("GET", f"/v1/messages/{mail}")
    wanted = {
        "id": str(mail), "journey_id": str(first), "block": "hello", "channel": "email",
        "template": "welcome", "userId": "u1", "to": "u1@example.com", "subject": "Hi",
        "state": "sent", "reason": None, "created_at": "2026-03-01T12:00:00Z",
        "sent_at": "2026-03-01T12:00:01Z", "workflow": "one",
    }  # fmt: skip
    assert read == read | wanted
    await api("GET", "/v1/messages?state=lost", 422)
    await api("GET", "/v1/messages?channel=pigeon", 422)
    await api("GET", "/v1/messages?journey=x", 422)
    await api("GET", f"/v1/messages/{uuid4()}", 404)


async def test_a_workflow_in_numbers(api, database, people):
    workflow = await published(api, "hi")
    nothing = await api("GET", "/v1/workflows/hi/stats")
    none = {"running": 0, "completed": 0, "stopped": 0, "failed": 0}
    assert nothing.pop("journeys") == none
    assert set(nothing.pop("totals").values()) == {0}
    assert nothing == {"waiting": [], "entries": [], "messages": [], "blocks": [], "edges": []}
    async with database.transaction() as connection:
        w = api.workspace_id
        done = await journey(connection, w, people[0], workflow, state="completed")
        there = await journey(connection, w, people[1], workflow, block="wait", visit=1)
        await step(connection, w, there, 1, block="wait")
        await message(connection, w, people[0], workflow, done, sent_at=after(1),
                      opened_at=after(2), state="opened")  # fmt: skip
        await message(connection, w, people[0], workflow, done, visit=2, state="skipped")
        await refusal(connection, w, people[0], workflow)
    stats = await api("GET", "/v1/workflows/hi/stats")
    assert stats["journeys"] == {"running": 1, "completed": 1, "stopped": 0, "failed": 0}
    assert stats["waiting"] == [{"block": "wait", "journeys": 1}]
    assert stats["entries"] == [{"outcome": "reentry", "count": 1}]
    assert stats["messages"] == [
        {"block": "hello", "channel": "email", "queued": 0, "sent": 1, "delivered": 0, "opened": 1,
         "clicked": 0, "failed": 0, "skipped": 1},
    ]  # fmt: skip
