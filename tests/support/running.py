"""A worker and a dispatcher on a real Temporal server, for as long as a test needs them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import Client, WorkflowHandle

from channels.protocol import Channel
from engine.dispatch.dispatcher import Dispatcher
from runtime.settings import Settings
from storage.database import Database
from worker import build_workers
from workflows.names import journeys_queue


@dataclass
class Engine:
    """Dispatch by hand, so that a test decides when facts are acted on."""

    client: Client
    dispatcher: Dispatcher
    task_queue: str
    skipping: Callable[[], AbstractAsyncContextManager[None]] = contextlib.nullcontext
    """On a time-skipping server: lets its clock run ahead while something is awaited."""

    async def dispatch(self) -> None:
        """Decide on everything committed and make the calls owed."""
        while await self.dispatcher.drain():
            pass

    def execution(self, journey_id: UUID) -> WorkflowHandle[Any, Any]:
        """The Temporal execution of a journey."""
        return self.client.get_workflow_handle(str(journey_id))

    async def finish(self, journey_id: UUID) -> None:
        """Wait for the execution's end; a time-skipping server skips to it."""
        async with self.skipping(), asyncio.timeout(30):
            await self.execution(journey_id).result()


@contextlib.asynccontextmanager
async def running_engine(
    database: Database,
    client: Client,
    channels: Mapping[str, Channel],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    skipping: Callable[[], AbstractAsyncContextManager[None]] = contextlib.nullcontext,
    **settings: Any,
) -> AsyncIterator[Engine]:
    """Workers of all queues under a prefix of their own, and a dispatcher for them."""
    options = Settings(task_queue_prefix=f"test-{uuid4().hex[:8]}", **settings)
    queue = journeys_queue(options.task_queue_prefix)

    async def connect() -> Client:
        return client

    async with contextlib.AsyncExitStack() as stack:
        for worker in build_workers(client, database, channels, options):
            await stack.enter_async_context(worker)
        dispatcher = Dispatcher(database, connect, task_queue=queue, clock=clock)
        yield Engine(client, dispatcher, queue, skipping)
