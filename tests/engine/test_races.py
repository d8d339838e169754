"""Two things at the same moment, in every order: at most one journey, no message after a stop."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text
from temporalio.client import WorkflowExecutionStatus

from engine.contacts import erase_contact
from engine.ingest import Stale, parse_items, store
from engine.ingest.items import Envelope as Call
from engine.pausing import pause_workflow, resume_workflow
from engine.stopping import stop_journey
from storage.faults import is_passing
from tests.support.outbox import Outbox

HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}
WAIT = {"id": "wait", "kind": "timer", "wait": {"for": "PT1S"}, "next": "hello"}


class SlowOutbox(Outbox):
    """Says when it is handed a message, and answers only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.handed = asyncio.Event()
        self.let = asyncio.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.handed.set()
        await self.let.wait()
        return await super().handle_DATA(server, session, envelope)


async def ingest(scenario, *items: tuple[str, str]) -> None:
    """One batch of (userId, event), stored as the API stores it."""
    now = datetime.now(UTC)
    calls = [
        {"type": "track", "userId": user, "event": name, "messageId": str(uuid4())}
        for user, name in items
    ]
    parsed, rejected = parse_items(calls, Call(scenario.workspace_id, now))
    assert rejected == []
    while True:
        try:
            async with scenario.database.transaction() as connection:
                await store(connection, scenario.workspace_id, parsed, now=now)
        except Exception as error:
            if not isinstance(error, Stale) and not is_passing(error):
                raise
        else:
            return


async def settled(scenario, engine, seconds: float = 15) -> None:
    """Dispatch until every journey's row has ended, then see that its execution has too."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                await engine.dispatch()
                journeys = await scenario.journeys()
                if all(j.state != "running" for j in journeys):
                    break
                await asyncio.sleep(0.02)
            for journey in journeys:
                if journey.run_id is not None:
                    while await status(engine, journey.id) == WorkflowExecutionStatus.RUNNING:
                        await engine.dispatch()
                        await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError("\n".join(await left_behind(scenario, engine))) from None


async def left_behind(scenario, engine) -> list[str]:
    """What has not ended: rows that run or are owed, executions that run and what they wait for."""
    left = []
    for table, which in (
        ("journeys", "state = 'running'"),
        ("commands", "true"),
        ("facts", "true"),
    ):
        rows = await scenario.rows(
            f"SELECT to_jsonb(t) AS row FROM {table} t WHERE workspace_id = :w AND {which}"
        )
        left += [f"{table}: {row.row}" for row in rows]
    for journey in await scenario.journeys():
        if journey.run_id is not None:
            found = await engine.execution(journey.id).describe()
            if found.status == WorkflowExecutionStatus.RUNNING:
                told = found.raw_description
                left.append(
                    f"execution of {journey.id} ({journey.state}, {journey.block}): "
                    f"{told.pending_activities} {told.pending_workflow_task}"
                )
    return left


async def status(engine, journey_id: UUID) -> WorkflowExecutionStatus:
    return (await engine.execution(journey_id).describe()).status


async def test_start_and_stop_in_any_order_of_arrival_and_any_timing_of_dispatch(
    scenario, engine, outbox
):
    """Fifty people; what counts is who was told last: a stop after the start means no message."""
    await scenario.template()
    await scenario.publish(blocks=[WAIT, HELLO])
    chance = random.Random(7)
    people = {}
    for n in range(50):
        user = f"user{n}"
        order = ["Begun", "Done"]
        chance.shuffle(order)
        people[user] = (order, chance.random() < 0.5)
        await scenario.contact(user)

    async def live(user: str, order: list[str], together: bool) -> None:
        if together:
            await ingest(scenario, *((user, name) for name in order))
            return
        for name in order:
            await ingest(scenario, (user, name))
            await asyncio.sleep(chance.random() * 0.02)

    await asyncio.gather(
        *(live(user, *how) for user, how in people.items()),
        *(engine.dispatch() for _ in range(3)),
    )
    await settled(scenario, engine)
    stopped = {user for user, (order, _) in people.items() if order[-1] == "Done"}
    journeys = await scenario.journeys()
    assert len({j.contact_id for j in journeys}) == len(journeys) == 50
    assert {m["To"].split("@")[0] for m in outbox.messages} == set(people) - stopped
    assert len(outbox.messages) == 50 - len(stopped)


async def test_a_stop_as_the_timer_fires(scenario, engine, outbox):
    """Whichever is first: a stop that was dispatched before the message left keeps it back."""
    await scenario.template()
    await scenario.publish(blocks=[WAIT, HELLO])
    users = [f"user{n}" for n in range(20)]
    for user in users:
        contact = await scenario.contact(user)
        await scenario.event(contact, "Begun")
    began = asyncio.get_running_loop().time()
    await engine.dispatch()
    sent_before_stop: dict[str, int] = {}

    async def stop(n: int, user: str) -> None:
        moment = began + 0.85 + n * 0.02
        await asyncio.sleep(max(0, moment - asyncio.get_running_loop().time()))
        await ingest(scenario, (user, "Done"))
        await engine.dispatch()
        sent_before_stop[user] = await queued_or_sent(scenario, user)

    await asyncio.gather(*(stop(n, user) for n, user in enumerate(users)))
    await settled(scenario, engine)
    for user in users:
        assert len(outbox.to(f"{user}@example.com")) <= sent_before_stop[user] <= 1, user
    assert len(await scenario.journeys()) == len(users)


async def queued_or_sent(scenario, user: str) -> int:
    """Messages of this contact that were sent, or handed to the provider before they were skipped.

    A message skipped by the stop may be on its way: then its row says so once it arrived.
    """
    rows = await scenario.rows(
        "SELECT m.state FROM messages m JOIN contacts c ON c.id = m.contact_id "
        "WHERE m.workspace_id = :w AND c.user_id = :u",
        u=user,
    )
    return len(rows)


@pytest.mark.parametrize("outbox", [SlowOutbox], indirect=True)
async def test_a_stop_while_the_provider_has_the_message(scenario, engine, outbox):
    """It is not unsent, and nothing follows it; the row says what happened."""
    await scenario.template()
    await scenario.publish(blocks=[{**HELLO, "next": "again"}, {**HELLO, "id": "again"}])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    async with asyncio.timeout(10):
        await outbox.handed.wait()
    await ingest(scenario, ("ann", "Done"))
    await engine.dispatch()
    outbox.let.set()
    await settled(scenario, engine)
    async with asyncio.timeout(5):
        while [m.state for m in await messages(scenario)] != ["sent"]:
            await asyncio.sleep(0.02)
    assert len(outbox.messages) == 1
    [journey] = await scenario.journeys()
    assert (journey.state, journey.reason_detail) == ("stopped", "Done")


async def messages(scenario):
    return await scenario.rows("SELECT * FROM messages WHERE workspace_id = :w")


@pytest.mark.parametrize("reentry", [{"mode": "once"}, {"mode": "after", "after": "P1D"}])
async def test_many_batches_for_one_contact_at_once_start_one_journey(
    scenario, engine, outbox, reentry
):
    await scenario.template()
    await scenario.publish(
        blocks=[HELLO], start={"kind": "event", "event": "Begun", "reentry": reentry}
    )
    dispatching = asyncio.create_task(keep_dispatching(engine))
    try:
        await asyncio.gather(
            *(ingest(scenario, ("new", "Begun"), ("other", "Begun")) for _ in range(10))
        )
        await scenario.rows(
            "UPDATE contacts SET email = user_id || '@example.com' WHERE workspace_id = :w "
            "RETURNING id"
        )
    finally:
        dispatching.cancel()
        await asyncio.wait([dispatching])
    await settled(scenario, engine)
    journeys = await scenario.journeys()
    assert len(journeys) == 2
    assert await scenario.decisions() == ["reentry"] * 18 + ["started"] * 2


async def keep_dispatching(engine) -> None:
    while True:
        await engine.dispatch()
        await asyncio.sleep(0.005)


async def test_pausing_resuming_stopping_and_erasing_at_once_leave_nobody_behind(
    scenario, engine, outbox
):
    await scenario.template()
    workflow = await scenario.publish(blocks=[WAIT, HELLO])
    chance = random.Random(11)
    for n in range(30):
        await scenario.contact(f"user{n}")

    async def person(n: int) -> None:
        await asyncio.sleep(chance.random())
        await ingest(scenario, (f"user{n}", "Begun"))
        await asyncio.sleep(chance.random() * 1.2)
        match n % 3:
            case 0:
                await ingest(scenario, (f"user{n}", "Done"))
            case 1:
                async with scenario.database.transaction() as connection:
                    await erase_contact(
                        connection, scenario.workspace_id, f"user{n}", now=datetime.now(UTC)
                    )
            case _:
                pass

    async def operator() -> None:
        for _ in range(8):
            async with scenario.database.transaction() as connection:
                await pause_workflow(connection, scenario.workspace_id, workflow)
            await asyncio.sleep(chance.random() * 0.2)
            async with scenario.database.transaction() as connection:
                await resume_workflow(
                    connection, scenario.workspace_id, workflow, now=datetime.now(UTC), rate=1000
                )
            await asyncio.sleep(chance.random() * 0.2)

    dispatching = asyncio.create_task(keep_dispatching(engine))
    try:
        await asyncio.gather(operator(), *(person(n) for n in range(30)))
    finally:
        dispatching.cancel()
        await asyncio.wait([dispatching])
    await settled(scenario, engine)
    journeys = await scenario.journeys()
    assert len(journeys) == 20, "those that were not erased"
    for n in range(2, 30, 3):
        assert len(outbox.to(f"user{n}@example.com")) == 1, "nobody who goes on is lost"
    assert all(len(outbox.to(f"user{n}@example.com")) <= 1 for n in range(30))
    executions = await scenario.rows("SELECT 1 FROM commands WHERE workspace_id = :w")
    assert executions == []


async def test_two_stops_at_once_give_one_reason(scenario, engine):
    await scenario.publish(blocks=[{**WAIT, "wait": {"for": "PT1H"}}, HELLO])
    contact = await scenario.contact()
    await scenario.event(contact, "Begun")
    await engine.dispatch()
    [journey] = await scenario.journeys()

    async def by_hand() -> bool:
        async with scenario.database.transaction() as connection:
            return await stop_journey(
                connection, scenario.workspace_id, journey.id, now=datetime.now(UTC)
            )

    assert sorted(await asyncio.gather(*(by_hand() for _ in range(5)))) == [False] * 4 + [True]
    await settled(scenario, engine)
    async with scenario.database.transaction() as connection:
        owed = await connection.scalar(
            text("SELECT count(*) FROM commands WHERE journey_id = :j"), {"j": journey.id}
        )
    assert owed == 0
