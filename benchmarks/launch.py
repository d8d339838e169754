"""Starts a second of a mass launch, beside a bare loop of `start_workflow` calls.

Only starting is compared: no worker takes what is started. The engine has a database of its own in
the cluster and queues of its own; its dispatcher and its bulk worker run in this process, where the
loop runs when it is its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from benchmarks.report import Figure, Section
from benchmarks.stack import Stack
from benchmarks.tally import Tally
from engine.dispatch.dispatcher import Dispatcher, running
from engine.dispatch.temporal_calls import AT_ONCE, MASS
from engine.launches.opening import LaunchWish, launch_workflow
from engine.publishing import publish
from engine.segments import create_segment
from engine.wakeup import Wakeup
from engine.workflows import create_workflow
from runtime.settings import Settings
from storage.database import Database
from storage.migrate import upgrade
from storage.tables import Workspace
from worker import build_workers
from workflows import names
from workflows.contracts import FEATURES, JourneyInput
from workflows.names import bulk_queue, journeys_queue

LANES_AT_ONCE = 4
CONCURRENCY = LANES_AT_ONCE * AT_ONCE
"""Calls that the engine has in flight at most; the loop has as many."""
RATE = 10_000.0
"""Members a second that the launch may take: more than can be started."""
CONCERNED = ("Temporal", "PostgreSQL", "load")
"""The processes that have to do with it; the engine's parts run in the load's."""
POLL_SECONDS = 0.25
PATIENCE_SECONDS = 600
WAITING = {
    "name": "A day asleep",
    "start": {"kind": "event", "event": "Waiting Wanted"},
    "blocks": [{"id": "wait", "kind": "timer", "wait": {"for": "P1D"}}],
}


async def own_database(stack: Stack) -> str:
    """The URL of a new, migrated database in the same cluster."""
    name = f"launch_{uuid4().hex[:8]}"
    connection = await asyncpg.connect(stack.database_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = make_url(stack.database_url).set(database=name).render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade, url)
    return url


async def populate(url: str, workspace: UUID, segment: UUID, count: int) -> None:
    """Contacts, all of them in the static segment."""
    contacts = [uuid4() for _ in range(count)]
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.copy_records_to_table(
                "contacts",
                records=[(id_, workspace, f"member-{id_}", "{}") for id_ in contacts],
                columns=["id", "workspace_id", "user_id", "fields"],
            )
            await connection.copy_records_to_table(
                "segment_members",
                records=[(workspace, segment, id_) for id_ in contacts],
                columns=["workspace_id", "segment_id", "contact_id"],
            )
        await connection.execute("ANALYZE contacts, segment_members")
    finally:
        await connection.close()


async def prepared(database: Database, count: int) -> UUID:
    """A workspace with so many members of a segment, and a workflow that is launched for it."""
    workspace = uuid4()
    now = datetime.now(UTC)
    async with database.transaction() as connection:
        await connection.execute(
            insert(Workspace).values(
                id=workspace, name="launch", timezone="UTC", paused=False, rules_revision=0
            )
        )
        segment = await create_segment(
            connection, workspace, key="everybody", name="Everybody", where=None, now=now
        )
        await create_workflow(connection, workspace, key="waiting", definition=WAITING, now=now)
        await publish(connection, workspace, "waiting", now=now)
    await populate(database.url, workspace, segment.id, count)
    return workspace


@contextlib.asynccontextmanager
async def engine(client: Client, database: Database, prefix: str) -> AsyncIterator[Wakeup]:
    """A dispatcher and the bulk worker of this prefix; what wakes the dispatcher."""
    workers = build_workers(client, database, {}, Settings(task_queue_prefix=prefix))
    [bulk] = [worker for worker in workers if worker.task_queue == bulk_queue(prefix)]

    async def connect() -> Client:
        return client

    wakeup = Wakeup()
    dispatcher = Dispatcher(
        database,
        connect,
        task_queue=journeys_queue(prefix),
        wakeup=wakeup,
        at_once=LANES_AT_ONCE,
    )
    async with bulk, running(dispatcher):
        yield wakeup


async def started(database: Database, workspace: UUID) -> int:
    """How many journeys Temporal has answered for."""
    async with database.statements() as connection:
        count: int = await connection.scalar(
            text("SELECT count(*) FROM journeys WHERE workspace_id = :w AND run_id IS NOT NULL"),
            {"w": workspace},
        )
        return count


async def last_start(client: Client, workspace: UUID, count: int) -> datetime:
    """The server's own moment at which the last one of so many started."""
    mine = f"{names.WORKSPACE.name} = '{workspace}'"
    while True:
        starts = [found.start_time async for found in client.list_workflows(mine)]
        if len(starts) == count:
            return max(starts)
        await asyncio.sleep(POLL_SECONDS)


async def settled(client: Client, queue: str, count: int) -> None:
    """Return once the tasks of so many starts lie in the queue: what a start leaves behind it in
    the server is its round's, not the next one's."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        report_stats=True,
    )
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = await client.workflow_service.describe_task_queue(request)
        lying = answer.stats.approximate_backlog_count
        if lying >= count:
            return
        if time.monotonic() > give_up:
            raise RuntimeError(f"only {lying} of {count} tasks came to lie in {queue}")
        await asyncio.sleep(POLL_SECONDS)


async def by_launch(tally: Tally, client: Client, database: Database, count: int) -> None:
    """From the launch's call to the last start, as the server dates it."""
    workspace = await prepared(database, count)
    give_up = time.monotonic() + PATIENCE_SECONDS
    prefix = f"launch-{uuid4().hex[:8]}"
    async with engine(client, database, prefix) as wakeup:
        with tally.watching():
            begin = datetime.now(UTC)
            async with database.transaction() as connection:
                wish = LaunchWish(segment="everybody", rate=RATE)
                await launch_workflow(connection, workspace, "waiting", wish, now=begin)
            wakeup.set()
            while (so_far := await started(database, workspace)) < count:
                if time.monotonic() > give_up:
                    raise RuntimeError(f"only {so_far} of {count} journeys were started")
                await asyncio.sleep(POLL_SECONDS)
            await settled(client, journeys_queue(prefix), count)
    end = await last_start(client, workspace, count)
    tally.add(count, (end - begin).total_seconds())


async def by_loop(tally: Tally, client: Client, count: int, **like_the_engine: Any) -> None:
    """From the first call to the last answer."""
    waiting = iter([str(uuid4()) for _ in range(count)])
    queue = journeys_queue(f"loop-{uuid4().hex[:8]}")

    async def work() -> None:
        for id_ in waiting:
            await client.start_workflow(
                "ContactJourney",
                JourneyInput(id_, 0, features=FEATURES),
                id=id_,
                task_queue=queue,
                **like_the_engine,
            )

    with tally.watching():
        begin = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        tally.add(count, time.perf_counter() - begin)
        await settled(client, queue, count)


def as_the_engine() -> dict[str, Any]:
    """What the engine's calls carry beyond an id, an input and a queue."""
    workspace = str(uuid4())
    return {
        "id_reuse_policy": WorkflowIDReusePolicy.REJECT_DUPLICATE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "static_summary": "waiting",
        "search_attributes": TypedSearchAttributes(
            [
                SearchAttributePair(names.WORKSPACE, workspace),
                SearchAttributePair(names.WORKFLOW, "waiting"),
                SearchAttributePair(names.CONTACT, str(uuid4())),
            ]
        ),
        "priority": Priority(priority_key=MASS, fairness_key=workspace),
    }


async def run_round(sides: Sequence[Tally], client: Client, database: Database, count: int) -> None:
    """The launch, the loop, the loop whose calls are the engine's."""
    launch, bare, alike = sides
    await by_launch(launch, client, database, count)
    await by_loop(bare, client, count)
    await by_loop(alike, client, count, **as_the_engine())


async def measure(stack: Stack, *, count: int, rounds: int) -> Section:
    """Rounds in turns, after a small one of each that is not counted."""
    client = await Client.connect(stack.temporal_address)
    database = Database(await own_database(stack))
    sides = launch, bare, alike = [Tally(stack, CONCERNED) for _ in range(3)]
    try:
        await run_round([Tally(stack, CONCERNED)] * 3, client, database, max(100, count // 10))
        for _ in range(rounds):
            await run_round(sides, client, database, count)
    finally:
        await database.close()
    return Section(
        "Mass launch",
        f"{rounds} rounds of {count:,} members of a segment, from the launch's call to the last "
        "start (the server's moment), while no worker takes what is started. Dispatcher and bulk "
        "worker run in one process, with a database of their own. Beside them a loop of "
        f"`start_workflow` in the same process, {CONCURRENCY} calls in flight as the dispatcher "
        "has, from the first call to the last answer: the same workflow type and input, with "
        "nothing but an id and a queue. Calls alike have the search attributes, the summary, the "
        "priority and the id policies of the engine's too. Processor time a start: launch "
        f"{launch.shares}; loop {bare.shares}; loop with calls alike {alike.shares}.",
        [
            Figure(
                "starts a second",
                f"{launch.rate:.0f}",
                f"{bare.rate:.0f}",
                launch.rate / bare.rate,
                at_least=0.8,
            ),
            Figure(
                "starts a second, calls alike",
                f"{launch.rate:.0f}",
                f"{alike.rate:.0f}",
                launch.rate / alike.rate,
            ),
            Figure(
                "processor time a start, ms",
                f"{launch.milliseconds:.1f}",
                f"{bare.milliseconds:.1f}",
                launch.milliseconds / bare.milliseconds,
            ),
        ],
    )
