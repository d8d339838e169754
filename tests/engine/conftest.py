from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, UnlockTimeSkippingRequest
from temporalio.testing import WorkflowEnvironment

from tests.support.leaving import drop_workspace
from tests.support.outbox import Outbox
from tests.support.quiet import quiet_others
from tests.support.running import Engine, running_engine
from tests.support.scenario import Scenario
from workflows.names import SEARCH_ATTRIBUTES


@pytest.fixture
async def scenario(database, workspace_id) -> AsyncIterator[Scenario]:
    """A workspace that is gone afterwards, so that no later dispatcher acts on what it left."""
    await quiet_others(database, workspace_id)
    yield Scenario(database, workspace_id)
    await drop_workspace(database, workspace_id)


@pytest.fixture
async def time_skipping_server() -> AsyncIterator[WorkflowEnvironment]:
    """One per test: its clock is global, and what a test skipped would lie ahead of the next one's
    rows. It starts in an eighth of a second."""
    program = shutil.which("temporal-test-server", path=str(Path(sys.executable).parent))
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=program
    ) as environment:
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=environment.client.namespace,
                search_attributes={
                    key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
                    for key in SEARCH_ATTRIBUTES
                },
            )
        )
        yield environment


@pytest.fixture
async def outbox(request: pytest.FixtureRequest) -> AsyncIterator[Outbox]:
    """A real SMTP server that keeps what it receives, and the email channel that delivers to it.

    A test may ask for another class of it by an indirect parameter.
    """
    async with getattr(request, "param", Outbox)() as outbox:
        yield outbox


@pytest.fixture
async def skipping(scenario, database, time_skipping_server, outbox) -> AsyncIterator[Engine]:
    """The engine on the time-skipping server; it stops before the workspace goes away."""
    service = time_skipping_server.client.test_service

    @contextlib.asynccontextmanager
    async def unlocked() -> AsyncIterator[None]:
        await service.unlock_time_skipping(UnlockTimeSkippingRequest())
        try:
            yield
        finally:
            await service.lock_time_skipping(LockTimeSkippingRequest())

    async with running_engine(
        database, time_skipping_server.client, outbox.channels, skipping=unlocked
    ) as engine:
        yield engine


@pytest.fixture
async def engine(scenario, database, temporal, outbox) -> AsyncIterator[Engine]:
    """The engine on the real Temporal server; it stops before the workspace goes away."""
    async with running_engine(database, temporal, outbox.channels) as engine:
        yield engine
