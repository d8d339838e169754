from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.support.outbox import Outbox
from tests.support.running import Engine, running_engine
from tests.support.scenario import Scenario


@pytest.fixture
def scenario(database, workspace_id) -> Scenario:
    return Scenario(database, workspace_id)


@pytest.fixture(scope="session")
async def time_skipping_server() -> AsyncIterator[WorkflowEnvironment]:
    """One per xdist worker: its clock is global, so tests of one worker share it one by one."""
    program = shutil.which("temporal-test-server", path=str(Path(sys.executable).parent))
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=program
    ) as environment:
        yield environment


@pytest.fixture
async def outbox() -> AsyncIterator[Outbox]:
    """A real SMTP server that keeps what it receives, and the email channel that delivers to it."""
    async with Outbox() as outbox:
        yield outbox


@pytest.fixture
async def skipping(database, time_skipping_server, outbox) -> AsyncIterator[Engine]:
    """The engine on the time-skipping server."""
    async with running_engine(database, time_skipping_server.client, outbox.channels) as engine:
        yield engine


@pytest.fixture
async def engine(database, temporal, outbox) -> AsyncIterator[Engine]:
    """The engine on the real Temporal server."""
    async with running_engine(database, temporal, outbox.channels) as engine:
        yield engine
