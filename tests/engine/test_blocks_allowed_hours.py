"""The hours in which a message may leave are looked at at every try, not only before the first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest
from sqlalchemy import text

from channels.errors import TransientFailure
from channels.protocol import (
    Channel,
    Delivered,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from engine.sending import deliver
from tests.support.ingesting import send_calls
from tests.support.outbox import Outbox
from tests.support.waiting import begin, settle, sits_in

OUT = {"id": "out", "kind": "exit"}


class Flaky(Outbox):
    """An outbox whose channel fails for the moment while `failing` is set."""

    failing = True

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.channels["email"] = _Failing(self, self.channels["email"])
        return self


@dataclass
class _Failing:
    outbox: Flaky
    channel: Channel

    def address(self, recipient: Recipient) -> str | Unreachable:
        return self.channel.address(recipient)

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        if self.outbox.failing:
            self.outbox.arrived.set()
            raise TransientFailure("busy")
        return await self.channel.send(message)

    async def close(self) -> None:
        await self.channel.close()


pytestmark = pytest.mark.parametrize("outbox", [Flaky], indirect=True, ids=["flaky"])


def hello(begins, ends):
    now = datetime.now(UTC)
    hours = {
        "from": (now + timedelta(hours=begins)).strftime("%H:%M"),
        "to": (now + timedelta(hours=ends)).strftime("%H:%M"),
    }
    return {"id": "hello", "kind": "message", "channel": "email", "template": "hello",
            "allowed_hours": hours, "next": "out"}  # fmt: skip


async def test_a_message_whose_hours_end_while_it_is_retried_waits_for_the_next_window(
    scenario, engine, outbox
):
    await scenario.template()
    await scenario.publish(blocks=[hello(-3, 3), OUT])
    contact = await scenario.contact(timezone="UTC")
    journey = await begin(scenario, engine, contact)
    async with asyncio.timeout(10):
        await outbox.arrived.wait()
    async with scenario.database.transaction() as connection:  # unseen: nothing wakes the journey
        await connection.execute(
            text("UPDATE contacts SET timezone = 'Pacific/Auckland' WHERE id = :c"), {"c": contact}
        )
    outbox.failing = False
    async with asyncio.timeout(20):
        while (await scenario.journeys())[0].due_at is None:
            await asyncio.sleep(0.05)
    journey = await sits_in(scenario, "hello")
    assert journey.due_at > datetime.now(UTC) + timedelta(hours=1)
    assert outbox.messages == []
    [message] = await scenario.rows(
        "SELECT state FROM messages WHERE journey_id = :j", j=journey.id
    )
    assert message.state == "queued"
    await send_calls(
        scenario.database, scenario.workspace_id,
        {"type": "identify", "userId": "ann", "traits": {"timezone": "UTC"}},
    )  # fmt: skip
    await settle(scenario, engine, 1)
    assert len(outbox.messages) == 1
    sent = await scenario.rows("SELECT id FROM messages WHERE journey_id = :j", j=journey.id)
    assert len(sent) == 1, "it is the same message"


@pytest.mark.parametrize(("begins", "outcome"), [(-3, "sent"), (3, "held")])
async def test_a_message_that_stood_in_a_queue_is_held_once_its_hours_are_over(
    scenario, engine, outbox, begins, outcome
):
    await scenario.template()
    await scenario.publish(blocks=[hello(-3, 3), OUT])
    journey = await begin(scenario, engine, await scenario.contact(timezone="UTC"))
    async with asyncio.timeout(10):
        await outbox.arrived.wait()
    [message] = await scenario.rows("SELECT id FROM messages WHERE journey_id = :j", j=journey.id)
    outbox.failing = False
    now = datetime.now(UTC) + timedelta(hours=begins + 1)
    assert await deliver(scenario.database, outbox.channels, message.id, now=now) == outcome
