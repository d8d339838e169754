"""Ending all journeys of a workflow, or of a contact, by one call."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import select, text

from engine.contacts import merge_contacts
from engine.lanes import lane_of
from engine.stopping import StopOrder, stop_contact_journeys, stop_journeys
from storage.tables import Command, Journey, JourneyStep, Message
from tests.api.management.drawings import published
from tests.api.management.rows import after, contact, identity, journey, message, step
from tests.support.leaving import drop_workspace
from tests.support.outbox import Outbox
from tests.support.running import running_engine
from tests.support.scenario import Scenario


@pytest.fixture
async def running(api, database):
    """Two workflows and two contacts, each contact in both workflows; ids by (workflow, user)."""
    workflows = {key: await published(api, key) for key in ("one", "two")}
    async with database.transaction() as connection:
        w = api.workspace_id
        people = {user: await contact(connection, w, user) for user in ("ann", "bob")}
        ids = {
            (key, user): await journey(
                connection, w, people[user], workflows[key], block="wait", visit=1, parked=True
            )
            for key in workflows
            for user in people
        }
        for id_ in ids.values():
            await step(connection, w, id_, 1, block="wait")
    return ids


async def states(database, ids):
    async with database.transaction() as connection:
        rows = (
            await connection.execute(
                select(Journey.id, Journey.state).where(Journey.id.in_(ids.values()))
            )
        ).all()
    found = dict(rows)
    return {key: found[id_] for key, id_ in ids.items()}


async def test_all_journeys_of_a_workflow_stop_and_no_others(api, database, running, wakeup):
    answer = await api("POST", "/v1/workflows/one/stop", json={"detail": "wrong price"})
    assert answer == {"stopped": 2}
    assert await states(database, running) == {
        ("one", "ann"): "stopped", ("one", "bob"): "stopped",
        ("two", "ann"): "running", ("two", "bob"): "running",
    }  # fmt: skip
    ended = await api("GET", f"/v1/journeys/{running['one', 'ann']}")
    assert ended["reason"] == {"kind": "manual", "detail": "wrong price"}
    assert (ended["ended_at"] is not None, ended["parked"]) == (True, False)
    assert [one["outcome"] for one in ended["steps"]] == ["stopped"]
    assert wakeup._event.is_set()


async def test_temporal_is_owed_each_stop_in_its_contacts_lane(api, database, running):
    await api("POST", "/v1/workflows/one/stop")
    async with database.transaction() as connection:
        owed = (
            await connection.execute(
                select(Command.journey_id, Command.kind, Command.lane, Journey.contact_id)
                .join(Journey, Journey.id == Command.journey_id)
                .where(Command.workspace_id == api.workspace_id)
            )
        ).all()
    assert {row.journey_id for row in owed} == {running["one", "ann"], running["one", "bob"]}
    assert {row.kind for row in owed} == {"stop"}
    assert all(row.lane == lane_of(row.contact_id) for row in owed)


async def test_all_journeys_of_a_contact_stop_and_nobody_elses(api, database, running, wakeup):
    assert await api("POST", "/v1/contacts/ann/stop") == {"stopped": 2}
    assert await states(database, running) == {
        ("one", "ann"): "stopped", ("two", "ann"): "stopped",
        ("one", "bob"): "running", ("two", "bob"): "running",
    }  # fmt: skip
    assert wakeup._event.is_set()
    ended = await api("GET", f"/v1/journeys/{running['one', 'ann']}")
    assert ended["reason"] == {"kind": "manual", "detail": None}


async def test_a_contact_is_named_by_any_of_its_ids(api, database):
    workflow = await published(api, "one")
    for ref in ("a/b stop", "stop", "former"):
        async with database.transaction() as connection:
            person = await contact(connection, api.workspace_id, ref)
            await identity(connection, api.workspace_id, person, f"{ref} 2")
            await journey(connection, api.workspace_id, person, workflow)
        address = quote(ref, safe="")
        assert await api("POST", f"/v1/contacts/{address}/stop") == {"stopped": 1}
        assert await api("POST", f"/v1/contacts/{quote(ref + ' 2')}/stop") == {"stopped": 0}
        assert await api("POST", f"/v1/contacts/{person}/stop") == {"stopped": 0}


async def test_who_ended_keeps_the_first_reason(api, database, running):
    workflow = (await api("GET", "/v1/workflows/one"))["id"]
    async with database.transaction() as connection:
        person = await contact(connection, api.workspace_id, "eve")
        done = await journey(
            connection, api.workspace_id, person, workflow, state="completed",
            reason_kind="completed", ended_at=after(1),
        )  # fmt: skip
    await api("POST", "/v1/contacts/ann/stop", json={"detail": "first"})
    assert await api("POST", "/v1/workflows/one/stop", json={"detail": "second"}) == {"stopped": 1}
    assert await api("POST", "/v1/workflows/one/stop") == {"stopped": 0}
    first = await api("GET", f"/v1/journeys/{running['one', 'ann']}")
    assert first["reason"]["detail"] == "first"
    assert (await api("GET", f"/v1/journeys/{done}"))["state"] == "completed"


async def test_what_was_queued_is_not_sent_any_more(api, database, running):
    workflow = UUID((await api("GET", "/v1/workflows/one"))["id"])
    async with database.transaction() as connection:
        w, id_ = api.workspace_id, running["one", "ann"]
        [person] = (
            await connection.execute(select(Journey.contact_id).where(Journey.id == id_))
        ).scalars()
        queued = await message(connection, w, person, str(workflow), id_, visit=1, state="queued")
        sent = await message(connection, w, person, str(workflow), id_, visit=2)
    await api("POST", "/v1/workflows/one/stop", json={"detail": "oops"})
    async with database.transaction() as connection:
        rows = await connection.execute(
            select(Message.id, Message.state, Message.reason).where(Message.journey_id == id_)
        )
        found = {row.id: (row.state, row.reason) for row in rows}
    assert found == {queued: ("skipped", "stopped: manual: oops"), sent: ("sent", None)}


@pytest.mark.parametrize("path", ["/v1/workflows/none/stop", "/v1/contacts/nobody/stop"])
async def test_a_stop_of_what_is_not_there_is_404(api, wakeup, path):
    await api("POST", path, 404)
    assert not wakeup._event.is_set()


@pytest.mark.parametrize("path", ["/v1/workflows/one/stop", "/v1/contacts/ann/stop"])
async def test_a_stop_that_makes_no_sense_is_refused(api, running, path):
    await api("POST", path, 422, json={"detail": "x" * 501})
    await api("POST", path, 422, json={"why": "x"})
    await api("POST", path, 400, content=b"{")


async def test_another_workspaces_key_stops_nothing(api, stranger, database, running):
    workflow = (await api("GET", "/v1/workflows/one"))["id"]
    await stranger("POST", f"/v1/workflows/{workflow}/stop", 404)
    await stranger("POST", "/v1/contacts/ann/stop", 404)
    async with database.transaction() as connection:
        ids = (await connection.execute(select(Journey.contact_id).distinct())).scalars()
    for id_ in list(ids):
        await stranger("POST", f"/v1/contacts/{id_}/stop", 404)
    assert set((await states(database, running)).values()) == {"running"}


async def test_thousands_stop_by_one_call(api, database):
    workflow = UUID(await published(api, "many"))
    async with database.transaction() as connection:
        await connection.execute(
            text("""
                WITH c AS (
                    INSERT INTO contacts (id, workspace_id, fields)
                    SELECT gen_random_uuid(), :w, '{}' FROM generate_series(1, 3000) RETURNING id
                ), j AS (
                    INSERT INTO journeys (id, workspace_id, workflow_id, version_id, contact_id,
                                          params, key_hash, exclusive, state, block, visit, step,
                                          parked, depth)
                    SELECT gen_random_uuid(), :w, :f, v.id, c.id, '{}', gen_random_uuid(), true,
                           'running', 'wait', 1, 1, true, 0
                    FROM c, workflow_versions v WHERE v.workflow_id = :f RETURNING id
                )
                INSERT INTO journey_steps (workspace_id, journey_id, visit, block, entered_at)
                SELECT :w, id, 1, 'wait', now() FROM j
            """),
            {"w": api.workspace_id, "f": workflow},
        )
    assert await api("POST", "/v1/workflows/many/stop") == {"stopped": 3000}
    async with database.transaction() as connection:
        w = api.workspace_id
        owed = await connection.execute(
            select(Command.journey_id).where(Command.workspace_id == w).distinct()
        )
        assert len(owed.all()) == 3000
        left = await connection.execute(
            select(JourneyStep.outcome).where(JourneyStep.workspace_id == w).distinct()
        )
        assert list(left.scalars()) == ["stopped"]


async def test_two_that_stop_the_same_journeys_at_once_do_not_deadlock(api, database, running):
    ids = list(running.values())

    async def backwards():
        async with database.transaction() as connection:
            orders = [StopOrder(id_, "event", "Done") for id_ in sorted(ids, reverse=True)]
            return len(await stop_journeys(connection, orders, now=datetime.now(UTC)))

    async def stop(path):
        return (await api("POST", path))["stopped"]

    counts = await asyncio.gather(
        stop("/v1/workflows/one/stop"), backwards(), stop("/v1/workflows/two/stop"),
        stop("/v1/contacts/ann/stop"), backwards(), stop("/v1/contacts/bob/stop"),
    )  # fmt: skip
    assert sum(counts) == 4, "each journey was ended once"


async def test_a_contact_that_is_merged_meanwhile_is_looked_up_again(api, database, running):
    """The anonymous half is merged away while the call waits for it: its journeys stop anyway."""
    async with database.transaction() as connection:
        w = api.workspace_id
        gone = await contact(connection, w, "half")
    async with database.transaction() as connection:
        [kept] = (
            await connection.execute(
                select(Journey.contact_id).where(Journey.id == running["one", "bob"])
            )
        ).scalars()
        ids = sorted([gone, kept])
        await connection.execute(
            text("SELECT 1 FROM contacts WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
            {"ids": ids},
        )
        call = asyncio.create_task(api("POST", "/v1/contacts/half/stop"))
        await asyncio.sleep(0.3)
        await merge_contacts(connection, w, [(gone, kept)], now=after(5))
    assert await call == {"stopped": 2}
    async with database.transaction() as connection:
        assert await stop_contact_journeys(connection, w, gone, now=after(6)) is None


async def test_a_stopped_contacts_execution_ends(database, workspace_id, callers, temporal):
    scenario = Scenario(database, workspace_id)
    await scenario.publish()
    await scenario.publish("other", start={"kind": "event", "event": "Begun"}, stop=[])
    api = await callers(workspace_id, "secret")
    async with Outbox() as outbox, running_engine(database, temporal, outbox.channels) as engine:
        ann, bob = await scenario.contact("ann"), await scenario.contact("bob")
        for person in (ann, bob):
            await scenario.event(person, "Begun")
        await engine.dispatch()
        assert await api("POST", "/v1/contacts/ann/stop") == {"stopped": 2}
        assert await api("POST", "/v1/workflows/flow/stop") == {"stopped": 1}
        await engine.dispatch()
        ended = [j for j in await scenario.journeys() if j.state == "stopped"]
        assert len(ended) == 3
        for one in ended:
            await engine.finish(one.id)
    await drop_workspace(database, workspace_id)
