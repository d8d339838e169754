"""One workspace's thousands of messages do not delay another's one; rates are the queue's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from sqlalchemy import insert
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from channels.protocol import Delivered, OutgoingMessage, Recipient
from runtime import slots
from runtime.send_rates import ensure_send_rates
from storage.tables import Workspace
from tests.support.leaving import drop_workspace
from tests.support.running import Engine, running_engine
from tests.support.scenario import Scenario
from workflows.names import send_queue

CROWD = 60
AT_ONCE = 2
OUT = {"id": "hello", "kind": "message", "channel": "email", "template": "hello"}


@dataclass
class Slow:
    """A provider that answers each message only when it is told to."""

    taken: list[str] = field(default_factory=list)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def address(self, recipient: Recipient) -> str:
        return recipient.email or ""

    async def send(self, message: OutgoingMessage) -> Delivered:
        self.taken.append(message.to)
        await self.gate.acquire()
        return Delivered(str(message.id))

    async def close(self) -> None:
        pass


@pytest.fixture
async def small(database, scenario) -> AsyncIterator[Scenario]:
    """Another workspace."""
    id_ = uuid4()
    async with database.transaction() as c:
        await c.execute(
            insert(Workspace).values(
                id=id_, name="small", timezone="UTC", paused=False, rules_revision=0
            )
        )
    yield Scenario(database, id_)
    await drop_workspace(database, id_)


async def backlog(client, queue: str) -> int:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            report_stats=True,
        )
    )
    return answer.stats.approximate_backlog_count


async def sending(scenario: Scenario, engine: Engine) -> int:
    """How many journeys of the workspace wait for their message to be sent."""
    found = await asyncio.gather(
        *(engine.execution(journey.id).describe() for journey in await scenario.journeys())
    )
    return sum(
        any(each.activity_type.name == "send" for each in one.raw_description.pending_activities)
        for one in found
    )


async def until(condition, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_a_welcome_overtakes_another_workspaces_crowd(
    database, temporal, scenario, small, monkeypatch
):
    monkeypatch.setattr(slots, "DELIVERIES", AT_ONCE)
    slow = Slow()
    for one in (scenario, small):
        await one.template()
        await one.publish(blocks=[OUT], stop=[])
    async with running_engine(database, temporal, {"email": slow}) as engine:
        for number in range(CROWD):
            await scenario.event(await scenario.contact(f"crowd-{number}"), "Begun")
        await engine.dispatch()
        queue = send_queue(engine.task_queue.rsplit("-", 1)[0], "email")

        async def crowded() -> bool:
            return (
                await sending(scenario, engine) == CROWD
                and await backlog(temporal, queue) >= CROWD - 2 * AT_ONCE
            )

        await until(crowded)
        await small.event(await small.contact("welcome"), "Begun")
        await engine.dispatch()
        waiting = await backlog(temporal, queue)

        async def queued() -> bool:
            return await sending(small, engine) == 1 and (
                await backlog(temporal, queue) > waiting or "welcome@example.com" in slow.taken
            )

        await until(queued)
        taken = len(slow.taken)
        for _ in range(CROWD + 1):
            slow.gate.release()
        await small.until_ended()
        await scenario.until_ended(CROWD, 60)
    behind = slow.taken.index("welcome@example.com") - taken
    assert behind < CROWD // 3, "by order of arrival it would have been the last of all"


async def test_the_rate_of_a_channel_is_kept_by_its_queue(temporal):
    prefix = f"rates-{uuid4().hex[:8]}"
    for _ in range(2):
        await ensure_send_rates(temporal, prefix, {"sms": 7.5})
    answer = await temporal.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=temporal.namespace,
            task_queue=TaskQueue(name=send_queue(prefix, "sms")),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            report_config=True,
        )
    )
    assert answer.config.queue_rate_limit.rate_limit.requests_per_second == 7.5
