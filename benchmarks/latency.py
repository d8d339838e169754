"""From the answer to an event until its mail arrives, beside a bare workflow's first activity."""

from __future__ import annotations

import asyncio
import random
import time
from statistics import median, quantiles
from uuid import uuid4

from temporalio.client import Client

from benchmarks.drawing import ONE_MESSAGE, identify, publish, track
from benchmarks.floor_workflows import JOURNEYS, FloorStart
from benchmarks.http import Connection, basic
from benchmarks.report import Figure, Section
from benchmarks.stack import Stack

WARM_UP = 10
PATIENCE_SECONDS = 30
POLL_SECONDS = 0.002
MILLISECOND = 1e6
"""In the nanoseconds that the clock counts."""


class Mails:
    """The sink's lines as they are written."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._file = stack.mails.open()
        self._file.read()

    async def arrival(self, recipient: str) -> int:
        """The moment (of `time.monotonic_ns`) at which this recipient's mail had arrived."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            line = self._file.readline()
            if line.startswith(f"{recipient} ") and line.endswith("\n"):
                return int(line.split()[1])
            await asyncio.sleep(POLL_SECONDS)
        self._stack.check()
        raise RuntimeError(f"no mail for {recipient} within {PATIENCE_SECONDS} s")


async def bare_start(client: Client) -> tuple[float, float]:
    """Milliseconds until the activity ran, from the call and from its answer."""
    called = time.monotonic_ns()
    handle = await client.start_workflow(FloorStart.run, "", id=str(uuid4()), task_queue=JOURNEYS)
    answered = time.monotonic_ns()
    ran = await handle.result()
    return (ran - called) / MILLISECOND, (ran - answered) / MILLISECOND


async def mail(connection: Connection, mails: Mails, user: str) -> float:
    """Milliseconds from the answer to the event until the mail had arrived."""
    call = connection.prepare("POST", "/v1/track", track(user, "Message Wanted"))
    await connection.send(call)
    answered = time.monotonic_ns()
    return (await mails.arrival(f"{user}@bench.example") - answered) / MILLISECOND


def p95(samples: list[float]) -> float:
    return quantiles(samples, n=20)[-1]


async def measure(stack: Stack, *, samples: int) -> Section:
    """One at a time, engine and bare start in turns, at moments that follow no rhythm."""
    chance = random.Random(1)
    client = await Client.connect(stack.temporal_address)
    keys = await stack.new_workspace("latency")
    users = [f"waiting-{number}" for number in range(samples + WARM_UP)]
    await publish(stack.api_url, keys, "one-message", ONE_MESSAGE)
    await identify(stack.api_url, keys, users)
    mails = Mails(stack)
    engine: list[float] = []
    from_call: list[float] = []
    from_answer: list[float] = []
    async with Connection(stack.api_url, basic(keys.write)) as connection:
        for user in users:
            called, answered = await bare_start(client)
            from_call.append(called)
            from_answer.append(answered)
            await asyncio.sleep(chance.uniform(0.02, 0.08))
            engine.append(await mail(connection, mails, user))
            await asyncio.sleep(chance.uniform(0.02, 0.08))
    engine, from_call, from_answer = (
        series[WARM_UP:] for series in (engine, from_call, from_answer)
    )
    return Section(
        "Latency",
        f"{samples} events one at a time: milliseconds from the 200 answer of `POST /v1/track` to "
        "the last byte of the mail's DATA at the sink. Beside it, in turns, a bare "
        "`start_workflow` until its one activity (on a queue of its own) runs, from the moment of "
        "the call; in the last line from the moment of its answer.",
        [
            Figure(
                "p50, ms",
                f"{median(engine):.1f}",
                f"{median(from_call):.1f}",
                median(engine) / median(from_call),
                at_most=3,
            ),
            Figure(
                "p95, ms",
                f"{p95(engine):.1f}",
                f"{p95(from_call):.1f}",
                p95(engine) / p95(from_call),
            ),
            Figure(
                "p50, ms, bare start from its answer",
                f"{median(engine):.1f}",
                f"{median(from_answer):.1f}",
                median(engine) / median(from_answer),
            ),
        ],
    )
