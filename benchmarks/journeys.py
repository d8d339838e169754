"""Journeys a second and the size of their histories, beside the same journey written by hand."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import mean
from uuid import uuid4

from temporalio.client import Client, WorkflowExecutionStatus

from benchmarks.drawing import JOURNEY, identify, publish, track
from benchmarks.floor_workflows import JOURNEYS, FloorJourney
from benchmarks.http import Connection, basic, send_all
from benchmarks.report import Figure, Section
from benchmarks.stack import Keys, Stack

POLL_SECONDS = 0.25
PATIENCE_SECONDS = 600
SLEEP_SECONDS = 1.0
"""As long as the drawing's timer."""
SAMPLE = 20
UNHURRIED = 5
"""Journeys whose histories are measured with the processor at rest: in the rounds a wait of a
second may be over before the engine comes to it, and a wait that is over costs no timer."""


@dataclass
class Side:
    """The engine or the floor: how it starts a round of journeys, and what they took."""

    workflow_type: str
    start: Callable[[int], Awaitable[None]]
    seconds: float = 0.0
    processor: Counter[str] = field(default_factory=Counter)
    """Seconds of processor time by process."""


async def _count(client: Client, workflow_type: str, more: str) -> int:
    answer = await client.count_workflows(f"WorkflowType = '{workflow_type}' AND {more}")
    return answer.count


async def _last_end(client: Client, workflow_type: str, since: datetime) -> datetime:
    """The server's own moment at which the last journey ended."""
    query = f"WorkflowType = '{workflow_type}' AND CloseTime >= '{since.isoformat()}'"
    ends = [found.close_time async for found in client.list_workflows(query)]
    return max(end for end in ends if end is not None)


async def run_round(client: Client, stack: Stack, side: Side, count: int) -> None:
    """Start so many journeys and add the seconds from the first start to the last end."""
    completed = "ExecutionStatus = 'Completed'"
    wanted = await _count(client, side.workflow_type, completed) + count
    give_up = time.monotonic() + PATIENCE_SECONDS
    processor = Counter(stack.cpu_seconds())
    begin = datetime.now(UTC)
    await side.start(count)
    while (done := await _count(client, side.workflow_type, completed)) < wanted:
        stack.check()
        if time.monotonic() > give_up:
            raise RuntimeError(f"{wanted - done} of {count} {side.workflow_type} did not end")
        await asyncio.sleep(POLL_SECONDS)
    side.processor.update(stack.cpu_seconds())
    side.processor.subtract(processor)
    side.seconds += (await _last_end(client, side.workflow_type, begin) - begin).total_seconds()


async def histories(client: Client, workflow_type: str, limit: int) -> tuple[float, float]:
    """Mean number of events and of bytes in the histories of the latest journeys."""
    sizes: list[tuple[int, int]] = []
    query = f"WorkflowType = '{workflow_type}' AND ExecutionStatus = 'Completed'"
    async for found in client.list_workflows(query, limit=limit):
        handle = client.get_workflow_handle(found.id, run_id=found.run_id)
        description = await handle.describe()
        assert description.status is WorkflowExecutionStatus.COMPLETED
        info = description.raw_description.workflow_execution_info
        sizes.append((info.history_length, info.history_size_bytes))
    return mean(events for events, _ in sizes), mean(size for _, size in sizes)


def the_floor(client: Client, concurrency: int) -> Side:
    async def start(count: int) -> None:
        names = iter([str(uuid4()) for _ in range(count)])

        async def work() -> None:
            for name in names:
                await client.start_workflow(
                    FloorJourney.run, args=[name, SLEEP_SECONDS], id=name, task_queue=JOURNEYS
                )

        await asyncio.gather(*(work() for _ in range(concurrency)))

    return Side("FloorJourney", start)


def the_engine(stack: Stack, keys: Keys, users: list[str], concurrency: int) -> Side:
    waiting = list(users)

    async def start(count: int) -> None:
        authorization = basic(keys.write)
        connection = Connection(stack.api_url, authorization)
        calls = [
            connection.prepare("POST", "/v1/track", track(waiting.pop(), "Journey Wanted"))
            for _ in range(count)
        ]
        await send_all(stack.api_url, authorization, calls, connections=concurrency)

    return Side("ContactJourney", start)


def _shares(side: Side, journeys: int) -> str:
    """Who used the processor, in milliseconds a journey, the greatest first."""
    shares = ((name, 1000 * seconds / journeys) for name, seconds in side.processor.most_common())
    return ", ".join(f"{name} {share:.0f} ms" for name, share in shares if share >= 0.5)


def _mails(stack: Stack) -> int:
    return len(stack.mails.read_text().splitlines())


async def measure(stack: Stack, *, count: int, rounds: int, concurrency: int) -> Section:
    """Rounds in turns (the floor first), after a small one of each that is not counted."""
    client = await Client.connect(stack.temporal_address)
    keys = await stack.new_workspace("journeys")
    warm_up = max(10, count // 10)
    users = [f"walker-{number}" for number in range(count * rounds + warm_up + UNHURRIED)]
    await publish(stack.api_url, keys, "walk", JOURNEY)
    await identify(stack.api_url, keys, users)
    floor = the_floor(client, concurrency)
    engine = the_engine(stack, keys, users, concurrency)
    mails_before = _mails(stack)
    for side in (floor, engine):
        await run_round(client, stack, side, warm_up)
        side.seconds, side.processor = 0.0, Counter()
    for _ in range(rounds):
        await run_round(client, stack, floor, count)
        await run_round(client, stack, engine, count)
    hurried_engine, hurried_floor = [
        (await histories(client, side.workflow_type, SAMPLE))[0] for side in (engine, floor)
    ]
    engine_rate, floor_rate = (count * rounds / side.seconds for side in (engine, floor))
    engine_cpu, floor_cpu = (
        1000 * side.processor.total() / (count * rounds) for side in (engine, floor)
    )
    for side in (floor, engine):
        await run_round(client, stack, side, UNHURRIED)
    mails = _mails(stack) - mails_before
    if mails != 2 * len(users):
        raise RuntimeError(f"{mails} mails arrived of {2 * len(users)}")
    engine_events, engine_bytes = await histories(client, engine.workflow_type, UNHURRIED)
    floor_events, floor_bytes = await histories(client, floor.workflow_type, UNHURRIED)
    return Section(
        "Journeys",
        f"Message, timer of {SLEEP_SECONDS:g} s, condition, message: {rounds} rounds of {count} "
        f"journeys, started over {concurrency} connections, from the first start to the last end. "
        "Engine: one `POST /v1/track` a journey, mail over SMTP to a sink. Floor: a hand-written "
        "workflow of the same shape, whose sends are empty activities on a queue of their own and "
        "whose read is an empty local activity; no database, no mail. Processor time of all "
        f"processes together, a journey: engine {_shares(engine, count * rounds)}; floor "
        f"{_shares(floor, count * rounds)}. Histories are those of {UNHURRIED} journeys with the "
        "processor at rest; in the rounds, where a wait may be over before it is come to, they had "
        f"{hurried_engine:.1f} (engine) and {hurried_floor:.1f} (floor) events.",
        [
            Figure(
                "journeys a second",
                f"{engine_rate:.1f}",
                f"{floor_rate:.1f}",
                engine_rate / floor_rate,
                at_least=0.8,
            ),
            Figure(
                "processor time a journey, ms",
                f"{engine_cpu:.0f}",
                f"{floor_cpu:.0f}",
                engine_cpu / floor_cpu,
            ),
            Figure(
                "history events a journey",
                f"{engine_events:.1f}",
                f"{floor_events:.1f}",
                engine_events / floor_events,
                at_most=1.15,
            ),
            Figure(
                "history bytes a journey",
                f"{engine_bytes:,.0f}",
                f"{floor_bytes:,.0f}",
                engine_bytes / floor_bytes,
            ),
        ],
    )
