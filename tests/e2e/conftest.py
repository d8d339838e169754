from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from engine.dispatch.dispatcher import Dispatcher, running
from tests.api.ingest.support import Api, serving
from tests.support.leaving import drop_workspace
from tests.support.outbox import Outbox
from tests.support.quiet import quiet_others
from tests.support.running import Engine, running_engine


@pytest.fixture
async def outbox() -> AsyncIterator[Outbox]:
    async with Outbox() as outbox:
        yield outbox


@pytest.fixture
async def api(database, workspace_id) -> AsyncIterator[Api]:
    """The application, called with a secret key; its workspace is gone afterwards."""
    await quiet_others(database, workspace_id)
    async with serving(database, workspace_id) as api:
        yield api
    await drop_workspace(database, workspace_id)


@pytest.fixture
async def workers(database, temporal, outbox) -> AsyncIterator[Engine]:
    """Workers for every queue, without a dispatcher that runs."""
    async with running_engine(database, temporal, outbox.channels) as engine:
        yield engine


@pytest.fixture
async def system(api, workers, temporal) -> AsyncIterator[Api]:
    """API, dispatcher and workers together, as `sojourn dev` runs them."""

    async def connect() -> Client:
        return temporal

    dispatcher = Dispatcher(api.database, connect, task_queue=workers.task_queue, wakeup=api.wakeup)
    async with running(dispatcher):
        yield api
