"""One bulk stop of many sleeping journeys, beside a loop of signals to hand-written workflows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from benchmarks import parking
from benchmarks.floor_workflows import JOURNEYS, FloorParked
from benchmarks.http import Connection, bearer
from benchmarks.report import Figure, Section
from benchmarks.stack import Keys, Stack
from benchmarks.tally import Tally
from runtime.settings import settings
from workflows.names import WORKSPACE

CONCURRENCY = 80
"""Signals in flight, as many as one dispatcher has."""
SETTLE_SECONDS = 3
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 1800
WARM_UP = 100
A_MONTH = timedelta(days=30).total_seconds()


async def ends(client: Client, stack: Stack, mine: str, count: int) -> list[datetime]:
    """The server's own moments at which so many executions closed."""
    closed = f"{mine} AND ExecutionStatus = 'Completed'"
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (so_far := (await client.count_workflows(closed)).count) < count:
        stack.check()
        if time.monotonic() > give_up:
            raise RuntimeError(f"only {so_far} of {count} executions were stopped")
        await asyncio.sleep(POLL_SECONDS)
    moments = [found.close_time async for found in client.list_workflows(closed)]
    return [moment for moment in moments if moment is not None]


async def by_one_call(tally: Tally, client: Client, stack: Stack, keys: Keys, count: int) -> None:
    """From the call to the last execution's end."""
    with tally.watching():
        begin = datetime.now(UTC)
        async with Connection(stack.api_url, bearer(keys.secret)) as api:
            answer = await api.request("POST", f"/v1/workflows/{parking.KEY}/stop")
        if answer["stopped"] != count:
            raise RuntimeError(f"{answer['stopped']} of {count} journeys were stopped")
        mine = f"WorkflowType = 'ContactJourney' AND {WORKSPACE.name} = '{keys.workspace}'"
        closed = await ends(client, stack, mine, count)
    tally.add(count, (max(closed) - begin).total_seconds())


async def by_signals(tally: Tally, client: Client, stack: Stack, parked: list[str]) -> None:
    """From the first signal to the last execution's end."""
    with tally.watching():
        begin = datetime.now(UTC)
        await _at_once(parked, lambda id_: client.get_workflow_handle(id_).signal("stop"))
        mine = f"WorkflowType = 'FloorParked' AND CloseTime >= '{begin.isoformat()}'"
        closed = await ends(client, stack, mine, len(parked))
    tally.add(len(parked), (max(closed) - begin).total_seconds())


async def parked_by_hand(client: Client, stack: Stack, count: int) -> list[str]:
    """The ids of so many hand-written workflows, once they are asleep."""
    ids = [str(uuid4()) for _ in range(count)]
    await _at_once(
        ids,
        lambda id_: client.start_workflow(FloorParked.run, A_MONTH, id=id_, task_queue=JOURNEYS),
    )
    while await _backlog(client):
        stack.check()
        await asyncio.sleep(POLL_SECONDS)
    return ids


async def _at_once(ids: Sequence[str], call: Callable[[str], Awaitable[object]]) -> None:
    waiting = iter(ids)

    async def work() -> None:
        for id_ in waiting:
            await call(id_)

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))


async def _backlog(client: Client) -> int:
    """Workflow tasks of the floor that no worker has taken yet."""
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=JOURNEYS),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            report_stats=True,
        )
    )
    return answer.stats.approximate_backlog_count


async def run_round(
    floor: Tally, engine: Tally, client: Client, stack: Stack, count: int, *, engine_first: bool
) -> None:
    """Park on both sides, then stop on one after the other.

    The server slows down with every execution that it keeps, so the sides take turns to begin.
    """
    keys = await parking.parked(stack, count)
    by_hand = await parked_by_hand(client, stack, count)
    await asyncio.sleep(SETTLE_SECONDS)
    if engine_first:
        await by_one_call(engine, client, stack, keys, count)
    await by_signals(floor, client, stack, by_hand)
    if not engine_first:
        await by_one_call(engine, client, stack, keys, count)


async def measure(stack: Stack, *, count: int, rounds: int) -> Section:
    """Rounds in turns, after a small one that is not counted."""
    client = await Client.connect(stack.temporal_address)
    floor = Tally(stack, ("Temporal", "floor", "load"))
    engine = Tally(stack, ("Temporal", "worker", "API", "PostgreSQL"))
    await run_round(Tally(stack, ()), Tally(stack, ()), client, stack, WARM_UP, engine_first=False)
    for number in range(rounds):
        await run_round(floor, engine, client, stack, count, engine_first=number % 2 == 1)
    return Section(
        "Stops",
        f"{count:,} journeys asleep on a timer of 30 days, ended by one "
        f"`POST /v1/workflows/{{key}}/stop`, from the call to the last execution's end (the "
        f"server's moment){_in_rounds(rounds)}. Beside it {CONCURRENCY} loops that signal as many "
        "hand-written workflows, which wait for a signal or 30 days and then return. Both have "
        f"their worker, with a cache of {settings().max_cached_workflows:,} executions: the others "
        "are replayed before they stop. Processor time a stop: engine "
        f"{engine.shares}; floor {floor.shares}.",
        [
            Figure(
                "stops a second",
                f"{engine.rate:.1f}",
                f"{floor.rate:.1f}",
                engine.rate / floor.rate,
                at_least=0.8,
            ),
            Figure(
                "processor time a stop, ms",
                f"{engine.milliseconds:.1f}",
                f"{floor.milliseconds:.1f}",
                engine.milliseconds / floor.milliseconds,
            ),
        ],
    )


def _in_rounds(rounds: int) -> str:
    return "" if rounds == 1 else f", {rounds} rounds in turns"
