"""Journeys on the real Temporal server, with real mail: stops, pauses, races, crashes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowExecutionStatus

from engine.pausing import pause_workflow, resume_workflow
from engine.reconcile import reconcile
from engine.rules import rules_changed
from engine.stopping import stop_journey

HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}
WAIT = {"id": "wait", "kind": "timer", "wait": {"for": "PT1H"}}


async def begin(scenario, engine, user="ann", **properties):
    contact = await scenario.contact(user)
    await scenario.event(contact, "Begun", properties)
    await engine.dispatch()
    [journey] = [j for j in await scenario.journeys() if j.contact_id == contact]
    return journey


async def reaches(scenario, journey_id, block, seconds=10):
    async with asyncio.timeout(seconds):
        while True:
            [journey] = await scenario.rows("SELECT * FROM journeys WHERE id = :j", j=journey_id)
            if journey.block == block:
                return journey
            await asyncio.sleep(0.02)


async def test_an_event_becomes_a_mail(scenario, engine, outbox):
    await scenario.template(subject="Hi {{ event.plan }}")
    await scenario.publish(blocks=[HELLO])
    journey = await begin(scenario, engine, plan="gold")
    await engine.finish(journey.id)
    [mail] = outbox.messages
    assert (mail["To"], mail["Subject"]) == ("ann@example.com", "Hi gold")
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_kind) == ("completed", "completed")
    assert journey.run_id


async def test_a_stop_while_asleep_ends_the_journey_at_once(scenario, engine, outbox):
    await scenario.template()
    await scenario.publish(blocks=[{**WAIT, "next": "hello"}, HELLO])
    journey = await begin(scenario, engine)
    await reaches(scenario, journey.id, "wait")
    await scenario.event(journey.contact_id, "Done")
    await engine.dispatch()
    async with asyncio.timeout(5):
        await engine.finish(journey.id)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_detail) == ("stopped", "Done")
    assert await scenario.steps(journey.id) == [("wait", "stopped")]
    assert outbox.messages == []


async def test_a_stop_while_a_message_is_retrying_ends_it_and_nothing_is_sent(
    scenario, engine, outbox
):
    outbox.answer = lambda: "451 later"
    await scenario.template()
    await scenario.publish(blocks=[HELLO])
    journey = await begin(scenario, engine)
    async with asyncio.timeout(10):
        await outbox.arrived.wait()
    await scenario.event(journey.contact_id, "Done")
    await engine.dispatch()
    async with asyncio.timeout(5):
        await engine.finish(journey.id)
    outbox.answer = lambda: "250 kept"
    [message] = await scenario.rows("SELECT * FROM messages WHERE workspace_id = :w")
    assert (message.state, message.reason) == ("skipped", "stopped: event: Done")
    assert outbox.messages == []


async def test_a_stop_acknowledged_but_not_yet_dispatched_holds_the_message_back(
    scenario, engine, outbox
):
    await scenario.template()
    await scenario.publish(blocks=[{**WAIT, "wait": {"for": "PT1S"}, "next": "hello"}, HELLO])
    journey = await begin(scenario, engine)
    await reaches(scenario, journey.id, "wait")
    await scenario.event(journey.contact_id, "Done")
    await asyncio.sleep(1.5)
    assert outbox.messages == [], "the timer fired, but an acknowledged fact was still undecided"
    await engine.dispatch()
    await engine.finish(journey.id)
    assert outbox.messages == []


async def test_a_permanently_refused_message_does_not_stall_the_journey(scenario, engine, outbox):
    outbox.answer = lambda: "550 no such user"
    await scenario.template()
    await scenario.publish(
        blocks=[{**HELLO, "next": "sent", "else": "failed"}, {"id": "sent", "kind": "exit"},
                {"id": "failed", "kind": "exit", "reason": "could not be sent"}]
    )  # fmt: skip
    journey = await begin(scenario, engine)
    await engine.finish(journey.id)
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_detail) == ("completed", "could not be sent")
    [message] = await scenario.rows("SELECT * FROM messages WHERE workspace_id = :w")
    assert message.state == "failed"
    assert "550" in message.reason


async def test_a_contact_without_an_address_is_skipped_with_the_reason(scenario, engine, outbox):
    await scenario.template()
    await scenario.publish(blocks=[HELLO])
    contact = await scenario.contact("ann", email=None)
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    [journey] = await scenario.journeys()
    await engine.finish(journey.id)
    [message] = await scenario.rows("SELECT * FROM messages WHERE workspace_id = :w")
    assert message.state == "skipped"
    assert "email" in message.reason


async def test_pausing_holds_everybody_and_resuming_loses_nobody(scenario, engine, outbox):
    await scenario.template()
    workflow = await scenario.publish(
        blocks=[{**WAIT, "wait": {"for": "PT1S"}, "next": "hello"}, HELLO]
    )
    before = await begin(scenario, engine, "before")
    async with scenario.database.transaction() as connection:
        assert await pause_workflow(connection, scenario.workspace_id, workflow)
        await rules_changed(connection, scenario.workspace_id)
    meanwhile = await begin(scenario, engine, "meanwhile")
    async with asyncio.timeout(10):
        while not all(j.parked for j in await scenario.journeys()):
            await asyncio.sleep(0.05)
    assert outbox.messages == []
    async with scenario.database.transaction() as connection:
        assert await resume_workflow(
            connection, scenario.workspace_id, workflow, now=datetime.now(UTC), rate=50
        )
        await rules_changed(connection, scenario.workspace_id)
    for _ in range(3):
        await engine.dispatch()
        await asyncio.sleep(0.05)
    await asyncio.gather(engine.finish(before.id), engine.finish(meanwhile.id))
    assert {m["To"] for m in outbox.messages} == {"before@example.com", "meanwhile@example.com"}


async def test_resuming_releases_parked_journeys_one_after_the_other(scenario):
    workflow = await scenario.publish()
    now = datetime.now(UTC)
    for n in range(5):
        await scenario.contact(f"c{n}")
    await scenario.rows("""
        INSERT INTO journeys (id, workspace_id, workflow_id, version_id, contact_id, params,
                              key_hash, exclusive, state, visit, step, parked, depth)
        SELECT gen_random_uuid(), :w, v.workflow_id, v.id, c.id, '{}', gen_random_uuid(), true,
               'running', 1, 1, true, 0
        FROM contacts c, workflow_versions v WHERE c.workspace_id = :w AND v.workspace_id = :w
        RETURNING id
    """)
    async with scenario.database.transaction() as connection:
        await pause_workflow(connection, scenario.workspace_id, workflow)
        await resume_workflow(connection, scenario.workspace_id, workflow, now=now, rate=2)
    due = await scenario.rows("SELECT due_at FROM commands WHERE workspace_id = :w ORDER BY due_at")
    assert [(row.due_at - now).total_seconds() for row in due] == [0, 0.5, 1, 1.5, 2]


async def test_a_stop_reaches_a_journey_of_a_paused_workflow(scenario, engine):
    workflow = await scenario.publish()
    journey = await begin(scenario, engine)
    await reaches(scenario, journey.id, "wait")
    async with scenario.database.transaction() as connection:
        await pause_workflow(connection, scenario.workspace_id, workflow)
        await rules_changed(connection, scenario.workspace_id)
    await scenario.event(journey.contact_id, "Done")
    await engine.dispatch()
    await engine.finish(journey.id)
    [journey] = await scenario.journeys()
    assert journey.state == "stopped"


async def test_a_journey_can_be_stopped_by_hand(scenario, engine):
    await scenario.publish()
    journey = await begin(scenario, engine)
    async with scenario.database.transaction() as connection:
        assert await stop_journey(
            connection, scenario.workspace_id, journey.id, detail="by Eve", now=datetime.now(UTC)
        )
    await engine.dispatch()
    await engine.finish(journey.id)
    [journey] = await scenario.journeys()
    assert (journey.reason_kind, journey.reason_detail) == ("manual", "by Eve")


async def test_cancelling_in_temporal_is_recorded_as_the_end(scenario, engine):
    await scenario.publish()
    journey = await begin(scenario, engine)
    await reaches(scenario, journey.id, "wait")
    await engine.execution(journey.id).cancel()
    [journey] = await scenario.until_ended()
    assert (journey.state, journey.reason_kind) == ("stopped", "cancelled")


async def test_erasing_the_contact_ends_the_execution(scenario, engine):
    await scenario.publish(blocks=[{**WAIT, "wait": {"for": "PT1S"}}])
    journey = await begin(scenario, engine)
    await reaches(scenario, journey.id, "wait")
    await scenario.rows("DELETE FROM contacts WHERE id = :c RETURNING id", c=journey.contact_id)
    await engine.finish(journey.id)
    assert await scenario.journeys() == []


@pytest.mark.parametrize("lost", ["never started", "terminated"])
async def test_the_reconciler_restarts_a_journey_that_has_no_execution(
    scenario, engine, outbox, lost
):
    await scenario.template()
    await scenario.publish(blocks=[{**WAIT, "wait": {"for": "PT2S"}, "next": "hello"}, HELLO])
    if lost == "never started":
        contact = await scenario.contact()
        await scenario.event(contact, "Begun")
        await engine.dispatch()
        [journey] = await scenario.journeys()
        await engine.execution(journey.id).terminate()
    else:
        journey = await begin(scenario, engine)
        await reaches(scenario, journey.id, "wait")
        await engine.execution(journey.id).terminate()
    report = await look(scenario, engine)
    assert report.restarted >= 1
    await engine.dispatch()
    await scenario.until_ended()
    assert len(outbox.messages) == 1


async def look(scenario, engine):
    """Reconcile as if every journey were long overdue."""
    return await reconcile(
        scenario.database,
        engine.client,
        task_queue=engine.task_queue,
        now=datetime.now(UTC),
        overdue=timedelta(hours=-1),
    )


async def test_the_reconciler_stops_an_execution_whose_journey_has_ended(scenario, engine):
    await scenario.publish()
    journey = await begin(scenario, engine)
    await reaches(scenario, journey.id, "wait")
    await scenario.rows(
        "UPDATE journeys SET state = 'stopped' WHERE id = :j RETURNING id", j=journey.id
    )
    async with asyncio.timeout(15):
        while (
            await engine.execution(journey.id).describe()
        ).status == WorkflowExecutionStatus.RUNNING:
            await look(scenario, engine)
            await asyncio.sleep(0.2)


async def test_no_contact_data_enters_a_history(scenario, engine, outbox):
    await scenario.template()
    await scenario.publish(blocks=[HELLO])
    journey = await begin(scenario, engine, secret="swordfish")
    await engine.finish(journey.id)
    history = (await engine.execution(journey.id).fetch_history()).to_json()
    assert outbox.messages
    assert "swordfish" not in history
    assert "ann" not in history


async def test_a_whole_journey_costs_few_history_events(scenario, engine, outbox):
    await scenario.template()
    await scenario.publish(
        blocks=[
            {**HELLO, "next": "wait"},
            {**WAIT, "wait": {"for": "PT1S"}, "next": "can"},
            {"id": "can", "kind": "condition", "if": {"reachable": "email"}, "then": "again"},
            {**HELLO, "id": "again"},
        ]
    )
    journey = await begin(scenario, engine)
    await engine.finish(journey.id)
    history = await engine.execution(journey.id).fetch_history()
    assert len(history.events) == 25
    assert len(outbox.messages) == 2


async def test_advance_run_twice_gives_the_first_answer_and_changes_nothing(scenario, engine):
    from engine.advance import advance
    from engine.advance.bookkeeping import AdvanceCall
    from engine.advance.versions import Versions

    await scenario.publish()
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    from engine.dispatch.lane import decide_lane
    from engine.lanes import lane_of
    from engine.rules import RuleBooks

    async with scenario.database.transaction() as connection:
        await decide_lane(connection, lane_of(contact), RuleBooks(), now=datetime.now(UTC))
    [journey] = await scenario.journeys()
    answers = []
    for minutes in (0, 5):
        async with scenario.database.transaction() as connection:
            now = datetime.now(UTC) + timedelta(minutes=minutes)
            answers.append(await advance(connection, AdvanceCall(journey.id, 0, now), Versions()))
    assert answers[0] == answers[1]
    assert await scenario.steps(journey.id) == [("wait", None)]
    await scenario.rows("DELETE FROM commands WHERE journey_id = :j RETURNING seq", j=journey.id)


async def test_what_temporal_is_owed_waits_while_temporal_is_away(scenario, engine, database):
    from engine.dispatch.dispatcher import Dispatcher

    async def away():
        raise ConnectionError("Temporal does not answer")

    await scenario.publish(blocks=[{"id": "out", "kind": "exit"}])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    cut_off = Dispatcher(database, away, task_queue=engine.task_queue)
    await cut_off.drain()
    [journey] = await scenario.journeys()
    assert journey.state == "running"
    assert len(await scenario.rows("SELECT 1 FROM commands WHERE workspace_id = :w")) == 1
    await engine.dispatch()
    await engine.finish(journey.id)


async def test_a_fact_that_cannot_be_decided_on_is_set_aside_and_blocks_nobody(scenario, engine):
    await scenario.publish(blocks=[{"id": "out", "kind": "exit"}])
    contact = await scenario.contact()
    await scenario.rows(
        "UPDATE workflow_versions SET definition = definition WHERE false RETURNING id"
    )
    event = await scenario.event(contact, "Begun")
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("UPDATE facts SET kind = 'event', ref = :ref WHERE contact_id = :c"),
            {"ref": event, "c": contact},
        )
    await engine.dispatch()
    assert len(await scenario.journeys()) == 1


async def test_the_reconciler_comes_to_every_leftover_among_more_than_one_look_takes_in(
    scenario, engine, monkeypatch
):
    monkeypatch.setattr("engine.reconcile.LEFTOVERS", 2)
    await scenario.publish()
    first, *others, last = [await begin(scenario, engine, f"user{n}") for n in range(5)]
    for journey in (first, last):
        await scenario.rows("DELETE FROM contacts WHERE id = :c RETURNING id", c=journey.contact_id)
    async with asyncio.timeout(20):
        for journey in (first, last):
            while (
                await engine.execution(journey.id).describe()
            ).status == WorkflowExecutionStatus.RUNNING:
                await look(scenario, engine)
    for journey in others:
        await engine.execution(journey.id).terminate()
