"""The dispatcher as a service of the API process: woken by the request that committed the facts."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from api.dependencies import Backend
from engine.dispatch.dispatcher import Dispatcher, running
from runtime.temporal_client import TemporalClient
from workflows.names import journeys_queue


def dispatching(backend: Backend) -> AbstractAsyncContextManager[Any]:
    """Dispatch while the API runs, unless the settings say that others do."""
    settings = backend.settings
    if not settings.dispatch_lanes:
        return nullcontext()
    temporal = backend.temporal or TemporalClient(settings)
    return running(
        Dispatcher(
            backend.database,
            temporal.get,
            task_queue=journeys_queue(settings.task_queue_prefix),
            wakeup=backend.wakeup,
            at_once=settings.dispatch_lanes,
        )
    )
