"""Tests of workflows: real journeys that reach nobody but the tester and change nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import text

from engine.pausing import pause_workflow
from engine.promo_pools import create_pool, import_codes
from engine.rules import rules_changed
from engine.testing_workflows import TestLaunch, launch_test
from journeys.errors import InvalidInput, NotFound
from tests.support.scenario import definition
from tests.support.waiting import segment, settle, sits_in

OUT = {"id": "out", "kind": "exit", "reason": "done"}
MAIL = {"id": "mail", "kind": "message", "channel": "email", "template": "hello"}
DAY = {"id": "day", "kind": "timer", "wait": {"for": "P30D"}}


async def test_it(scenario, /, **launch):
    values = {"contact": "ann", "to": "tester@example.com", "longest_wait": 0, **launch}
    async with scenario.database.transaction() as connection:
        return await launch_test(
            connection, scenario.workspace_id, "flow", TestLaunch(**values), now=datetime.now(UTC)
        )


test_it.__test__ = False


async def draft(scenario, workflow, **parts):
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("UPDATE workflows SET definition = CAST(:d AS jsonb) WHERE id = :id"),
            {"d": orjson.dumps(definition(**parts)).decode(), "id": workflow},
        )


async def test_messages_go_to_the_tester_alone_and_waits_are_skipped(scenario, engine, outbox):
    await scenario.template(text="Hi {{ contact.userId }}, {{ event.plan }}")
    await scenario.publish(blocks=[{**DAY, "next": "mail"}, {**MAIL, "next": "out"}, OUT])
    await scenario.contact(fields={"name": "Ann"})
    journey_id = await test_it(scenario, params={"plan": "gold"})
    [journey] = await settle(scenario, engine, 1)
    assert (journey.id, journey.state) == (journey_id, "completed")
    assert await scenario.steps(journey_id) == [
        ("day", "passed"), ("mail", "sent"), ("out", "exit"),
    ]  # fmt: skip
    [message] = outbox.messages
    assert message["To"] == "tester@example.com"
    assert "gold" in message.as_string()
    assert await scenario.decisions() == []


async def test_a_contact_without_an_address_is_tested_as_well(scenario, engine, outbox):
    await scenario.template()
    await scenario.publish(blocks=[MAIL])
    await scenario.contact(email=None)
    await test_it(scenario)
    await settle(scenario, engine, 1)
    assert [message["To"] for message in outbox.messages] == ["tester@example.com"]


async def test_the_draft_is_tested_while_the_published_version_runs_on(scenario, engine):
    workflow = await scenario.publish(blocks=[OUT])
    new = {**OUT, "reason": "from the draft"}
    await draft(scenario, workflow, blocks=[new])
    contact = await scenario.contact()
    for _ in range(2):
        await test_it(scenario)
    await scenario.event(contact, "Begun")
    journeys = await settle(scenario, engine, 3)
    assert sorted(j.reason_detail for j in journeys) == [
        "done", "from the draft", "from the draft",
    ]  # fmt: skip
    versions = await scenario.rows(
        "SELECT version FROM workflow_versions WHERE workspace_id = :w ORDER BY version"
    )
    assert [row.version for row in versions] == [1, None], "one draft is kept once"


async def test_a_version_is_tested_by_its_number(scenario, engine):
    await scenario.publish(blocks=[{**OUT, "reason": "one"}])
    await scenario.publish(blocks=[{**OUT, "reason": "two"}])
    await scenario.contact()
    await test_it(scenario, version=1)
    [journey] = await settle(scenario, engine, 1)
    assert journey.reason_detail == "one"
    with pytest.raises(NotFound, match="version 3"):
        await test_it(scenario, version=3)


async def test_nothing_about_anybody_is_changed(scenario, engine):
    await segment(scenario, "vip")
    now = datetime.now(UTC)
    async with scenario.database.transaction() as connection:
        await create_pool(connection, scenario.workspace_id, key="spring", name="Spring", now=now)
        await import_codes(connection, scenario.workspace_id, "spring", ["A"], now=now)
    await scenario.publish(
        blocks=[
            {"id": "set", "kind": "update", "set": {"plan": "gold"}, "add_to": ["vip"],
             "next": "tell"},
            {"id": "tell", "kind": "emit", "event": "Told", "next": "take"},
            {"id": "take", "kind": "promo", "pool": "spring", "as": "code", "next": "out"},
            OUT,
        ]
    )  # fmt: skip
    contact = await scenario.contact(fields={"plan": "free"})
    journey = await test_it(scenario)
    await settle(scenario, engine, 1)
    assert await scenario.steps(journey) == [
        ("set", "test: the contact is not changed"),
        ("tell", "test: Told is not recorded"),
        ("take", "test: no code is taken"),
        ("out", "exit"),
    ]
    [person] = await scenario.rows("SELECT fields FROM contacts WHERE id = :c", c=contact)
    assert person.fields == {"plan": "free"}
    for table in ("segment_members", "events", "entries", "facts"):
        assert await scenario.rows(f"SELECT 1 FROM {table} WHERE workspace_id = :w") == []
    [code] = await scenario.rows("SELECT * FROM promo_codes WHERE workspace_id = :w")
    assert code.taken_at is None


async def test_it_neither_stops_nor_stands_in_the_way(scenario, engine):
    """A stop event and a start of the same contact come while the test runs."""
    once = {"kind": "event", "event": "Begun", "reentry": {"mode": "once"}, "overlap": "skip"}
    await scenario.publish(start=once, blocks=[DAY])
    contact = await scenario.contact()
    test = await test_it(scenario, longest_wait=3600)
    await engine.dispatch()
    await sits_in(scenario, "day")
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    await scenario.event(contact, "Done")
    await engine.dispatch()
    journeys = {journey.id: journey for journey in await scenario.journeys()}
    real = next(journey for id_, journey in journeys.items() if id_ != test)
    assert (real.state, real.reason_kind) == ("stopped", "event")
    assert journeys[test].state == "running"
    assert await scenario.decisions() == ["started"]


async def test_waits_may_last_a_little(scenario, engine):
    await scenario.publish(blocks=[{**DAY, "next": "out"}, OUT])
    await scenario.contact()
    await test_it(scenario, longest_wait=1)
    [journey] = await settle(scenario, engine, 1)
    assert 1 <= (journey.ended_at - journey.started_at).total_seconds() < 15
    assert await scenario.steps(journey.id) == [("day", "done"), ("out", "exit")]


async def test_an_event_answers_the_wait_of_a_tested_draft(scenario, engine):
    """Nothing that is published mentions the event: the test is why it is listened for."""
    wait = {"id": "wait", "kind": "wait_for", "event": "Replied", "timeout": "P1D",
            "then": "out"}  # fmt: skip
    workflow = await scenario.publish(blocks=[OUT])
    await draft(scenario, workflow, blocks=[wait, OUT])
    contact = await scenario.contact()
    await test_it(scenario, longest_wait=3600)
    await engine.dispatch()
    await sits_in(scenario, "wait")
    await scenario.event(contact, "Replied")
    [journey] = await settle(scenario, engine, 1)
    assert journey.reason_detail == "done"


async def test_it_runs_while_its_workflow_is_paused(scenario, engine, outbox):
    await scenario.template()
    workflow = await scenario.publish(blocks=[{**DAY, "next": "mail"}, MAIL])
    await scenario.contact()
    async with scenario.database.transaction() as connection:
        await pause_workflow(connection, scenario.workspace_id, workflow)
        await rules_changed(connection, scenario.workspace_id)
    await test_it(scenario)
    [journey] = await settle(scenario, engine, 1)
    assert journey.state == "completed"
    assert len(outbox.messages) == 1


async def test_hours_are_a_wait_like_others(scenario, engine, outbox):
    hour = (datetime.now(UTC).hour + 5) % 24
    hours = {"from": f"{hour:02}:00", "to": f"{hour:02}:59"}
    await scenario.template()
    await scenario.publish(blocks=[{**MAIL, "allowed_hours": hours}])
    await scenario.contact(timezone="UTC")
    await test_it(scenario)
    await settle(scenario, engine, 1)
    assert len(outbox.messages) == 1


@pytest.mark.parametrize(
    ("event", "path"),
    [
        ({"event": "Other", "params": {"n": 1}}, "$.event.event"),
        ({"params": {"n": 0}}, "$.event.properties"),
    ],
    ids=["name", "where"],
)
async def test_an_event_that_would_not_start_the_workflow_is_refused(scenario, event, path):
    where = [{"param": "n", "op": ">=", "value": 1}]
    await scenario.publish(start={"kind": "event", "event": "Begun", "where": where}, blocks=[OUT])
    await scenario.contact()
    with pytest.raises(InvalidInput) as refused:
        await test_it(scenario, **event)
    assert [issue.path for issue in refused.value.issues] == [path]
    assert await test_it(scenario, event="Begun", params={"n": 1})


async def test_a_draft_that_is_wrong_or_nobodys_is_refused(scenario):
    workflow = await scenario.publish(blocks=[OUT])
    with pytest.raises(NotFound, match="contact 'bob'"):
        await test_it(scenario, contact="bob")
    await draft(scenario, workflow, blocks=[MAIL])
    with pytest.raises(InvalidInput):
        await test_it(scenario)
