"""Shared fixtures: real servers started once a run, a migrated database for each xdist worker.

The pytest process that distributes the tests starts PostgreSQL and Temporal and hands their
addresses to the workers, so that a run has one of each however many workers there are.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import insert
from temporalio.client import Client

from runtime.postgres import EmbeddedPostgres
from storage.database import Database
from storage.migrate import upgrade
from storage.tables import Workspace
from tests.support.hanging import waiting
from tests.support.temporal_server import TemporalServer

FAST_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


@dataclass
class Servers:
    postgres: EmbeddedPostgres
    temporal: TemporalServer


_servers: pytest.StashKey[Servers] = pytest.StashKey()
_loop: pytest.StashKey[asyncio.AbstractEventLoop] = pytest.StashKey()

LONGEST = {"slow": 3600, "browser": 900}
"""Seconds that a test with this mark may take before it counts as one that hangs."""


def pytest_sessionstart(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    directory = Path(tempfile.mkdtemp(prefix="sojourn-tests-"))
    postgres = EmbeddedPostgres(directory / "postgres", options=FAST_AND_FORGETFUL)
    postgres.start()
    temporal = TemporalServer(directory / "temporal.log")
    temporal.start()
    session.config.stash[_servers] = Servers(postgres, temporal)
    os.environ["SOJOURN_TEST_POSTGRES"] = postgres.url()
    os.environ["SOJOURN_TEST_TEMPORAL"] = temporal.address


def pytest_sessionfinish(session: pytest.Session) -> None:
    servers = session.config.stash.get(_servers, None)
    if servers is not None:
        servers.temporal.stop()
        servers.postgres.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark, seconds in LONGEST.items():
            if item.get_closest_marker(mark) and not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(seconds))


@pytest.fixture(scope="session", autouse=True)
async def _remembered_loop(request: pytest.FixtureRequest) -> None:
    request.config.stash[_loop] = asyncio.get_running_loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    loop = item.config.stash.get(_loop, None)
    if (
        call.excinfo is not None
        and loop is not None
        and "pytest-timeout" in str(call.excinfo.value)
    ):
        report.sections.append(("what the coroutines waited for", waiting(loop)))
    return report


@pytest.fixture(scope="session")
def database_url() -> str:
    """A migrated database of this worker's own."""
    server = os.environ["SOJOURN_TEST_POSTGRES"]
    name = f"sojourn_{uuid4().hex[:12]}"

    async def create() -> None:
        connection = await asyncpg.connect(server)
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()

    asyncio.run(create())
    url = server.rsplit("/", 1)[0] + f"/{name}"
    upgrade(url)
    return url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """The pool on this worker's database. Tests share it; each works in a workspace of its own."""
    database = Database(database_url, pool_size=20)
    yield database
    await database.close()


@pytest.fixture
async def workspace_id(database: Database) -> UUID:
    """A new workspace, so that tests see nothing of each other."""
    id_ = uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            insert(Workspace).values(
                id=id_, name="test", timezone="UTC", paused=False, rules_revision=0
            )
        )
    return id_


@pytest.fixture(scope="session")
async def temporal() -> Client:
    """A client of the run's Temporal dev server."""
    return await Client.connect(os.environ["SOJOURN_TEST_TEMPORAL"], identity="tests")
