"""A worker process: journeys and their bookkeeping on one queue, each channel on one of its own.

It also runs a dispatcher, so that acknowledged facts are acted on while no API process is up.
On SIGTERM it takes no new work, lets what runs finish for 30 s, then exits.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import structlog
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from activities.registry import bulk_activities, journey_activities, send_activities
from channels.pool import ChannelPool, fixed_pool
from channels.protocol import Channel
from channels.registry import open_pool
from engine.advance.versions import Versions
from engine.dispatch.dispatcher import STANDBY_SECONDS, Dispatcher, running
from runtime import slots
from runtime.sandbox import workflow_runner
from runtime.schedules import ensure_schedules
from runtime.send_rates import ensure_send_rates
from runtime.settings import Settings
from runtime.shutdown import unless
from runtime.temporal_client import TemporalClient
from storage.database import Database
from workflows.names import bulk_queue, journeys_queue, send_queue
from workflows.registry import BULK_WORKFLOWS, WORKFLOWS

Pool = ChannelPool | Mapping[str, Channel]
log = structlog.get_logger(__name__)


def build_workers(
    client: Client, database: Database, channels: Pool, settings: Settings
) -> list[Worker]:
    """The workers of one process: one for journeys, one for bulk work, one for each channel."""
    versions = Versions()
    pool = channels if isinstance(channels, ChannelPool) else fixed_pool(channels)
    pollers = PollerBehaviorAutoscaling(minimum=1, initial=2, maximum=10)
    workers = [
        Worker(
            client,
            task_queue=journeys_queue(settings.task_queue_prefix),
            workflows=WORKFLOWS,
            activities=journey_activities(database, client, versions),
            workflow_runner=workflow_runner(),
            max_cached_workflows=settings.max_cached_workflows,
            workflow_task_executor=ThreadPoolExecutor(slots.WORKFLOW_THREADS, "workflow"),
            max_concurrent_workflow_tasks=slots.WORKFLOW_TASKS,
            max_concurrent_local_activities=slots.LOCAL_ACTIVITIES,
            workflow_task_poller_behavior=pollers,
            graceful_shutdown_timeout=slots.GRACE,
        ),
        Worker(
            client,
            task_queue=bulk_queue(settings.task_queue_prefix),
            workflows=BULK_WORKFLOWS,
            activities=bulk_activities(database, launch_rate=settings.launch_rate),
            workflow_runner=workflow_runner(),
            max_concurrent_activities=slots.BULK_ACTIVITIES,
            graceful_shutdown_timeout=slots.GRACE,
        ),
    ]
    sending = send_activities(database, pool, versions)
    workers += [
        Worker(
            client,
            task_queue=send_queue(settings.task_queue_prefix, channel),
            activities=sending,
            max_concurrent_activities=slots.DELIVERIES,
            activity_task_poller_behavior=pollers,
            graceful_shutdown_timeout=slots.GRACE,
        )
        for channel in pool.names
    ]
    return workers


async def run_worker(settings: Settings, *, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then drain and close in order."""
    temporal = TemporalClient(settings)
    client = await unless(stop, temporal.get(patience=slots.PATIENCE))
    if client is None:
        log.info("worker.stopped")
        return
    database = Database(settings.database_url, pool_size=settings.database_pool)
    channels = open_pool(settings, database)
    dispatcher = Dispatcher(
        database,
        temporal.get,
        task_queue=journeys_queue(settings.task_queue_prefix),
        at_once=settings.dispatch_lanes,
        poll=STANDBY_SECONDS,
    )
    try:
        async with contextlib.AsyncExitStack() as stack:
            workers = build_workers(client, database, channels, settings)
            for worker in workers:
                await stack.enter_async_context(worker)
            if settings.dispatch_lanes:
                await stack.enter_async_context(running(dispatcher))
            await ensure_schedules(client, settings.task_queue_prefix)
            await ensure_send_rates(client, settings.task_queue_prefix, settings.send_rates)
            # what was imported stays: the collector need not look through it again and again
            gc.collect()
            gc.freeze()
            log.info("worker.ready", channels=channels.names)
            await stop.wait()
            log.info("worker.draining")
            # all at once: one after the other, each would have its own 30 s
            await asyncio.gather(*(worker.shutdown() for worker in workers))
    finally:
        await channels.close()
        await database.close()
    log.info("worker.stopped")
