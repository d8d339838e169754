"""Stops at every moment of a journey, on a real Temporal server, with several dispatchers.

What was decided before a message's row was written keeps the message back; at the end no execution
is left behind, and there is nothing for the reconciler to repair.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from temporalio.client import WorkflowExecutionStatus

from engine.reconcile import reconcile
from tests.support.outbox import Outbox
from tests.support.racing import Race, identify, people, track, utc_now

HELLO = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}
WAIT = {"id": "wait", "kind": "timer", "wait": {"for": "PT1S"}, "next": "hello"}
AT_ONCE = 40
"""Journeys of one wave: so few that their timers fire in time."""


class Hesitant(Outbox):
    """Takes a message for an address at the second attempt."""

    def __init__(self) -> None:
        super().__init__()
        self.tries: Counter[str] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        [address] = envelope.rcpt_tos
        self.tries[address] += 1
        if self.tries[address] < 2:
            return "451 not yet"
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def race(scenario) -> Race:
    return Race(scenario)


@pytest.mark.parametrize("rounds", [10, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("outbox", "blocks", "earliest", "latest"),
    [
        (Outbox, [HELLO], 0.0, 0.2),
        (Outbox, [WAIT, HELLO], 0.8, 1.5),
        (Hesitant, [HELLO], 0.2, 1.6),
    ],
    indirect=["outbox"],
    ids=["start-owed", "timer-fires", "send-retried"],
)
async def test_a_stop(race, engine, outbox, rounds, blocks, earliest, latest):  # noqa: PLR0917
    await race.scenario.template()
    await race.scenario.publish(blocks=blocks)
    begun: dict[str, int] = {}

    async def live(user: str) -> None:
        await race.send(identify(user, email=f"{user}@example.com"), track(user, "Begun"))
        await asyncio.sleep(earliest)
        await race.a_moment(latest - earliest)
        await race.send(track(user, "Done"))
        await race.decided(user)
        begun[user] = await message_rows(race, user)

    async def connect() -> Any:
        return engine.client

    async with race.deciding(connect, engine.task_queue):
        everybody = people(rounds)
        for first in range(0, rounds, AT_ONCE):
            wave = everybody[first : first + AT_ONCE]
            await asyncio.gather(*(live(user) for user in wave))
        await all_executions_ended(race, engine)
    assert await race.left_over() == []
    assert await race.outcomes() == {user: ["started"] for user in everybody}
    for user in everybody:
        sent: list[Message] = outbox.to(f"{user}@example.com")
        assert len(sent) <= begun[user] <= 1, user
    states = await race.states()
    assert {state for [state] in states.values()} <= {"event", "completed"}
    report = await reconcile(
        race.scenario.database, engine.client, task_queue=engine.task_queue, now=utc_now(),
        overdue=timedelta(0),
    )  # fmt: skip
    assert (report.restarted, report.woken) == (0, 0)
    assert await race.scenario.rows("SELECT kind FROM commands WHERE workspace_id = :w") == []


async def message_rows(race: Race, user: str) -> int:
    """Messages that were begun by now: one that the stop skipped may be on its way still."""
    rows = await race.scenario.rows(
        "SELECT 1 FROM messages m JOIN contacts c ON c.id = m.contact_id "
        "WHERE m.workspace_id = :w AND c.user_id = :user",
        user=user,
    )
    return len(rows)


async def all_executions_ended(race: Race, engine: Any) -> None:
    """Wait until no journey runs, in PostgreSQL and in Temporal."""
    async with asyncio.timeout(60):
        while any(journey.state == "running" for journey in await race.scenario.journeys()):
            await asyncio.sleep(0.02)
        while await race.scenario.rows("SELECT 1 FROM commands WHERE workspace_id = :w"):
            await asyncio.sleep(0.02)
        for journey in await race.scenario.journeys():
            while (
                journey.run_id is not None
                and (await engine.execution(journey.id).describe()).status
                == WorkflowExecutionStatus.RUNNING
            ):
                await asyncio.sleep(0.02)
