"""The command line as a user runs it, against a real API on a real database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from api.app import create_app
from engine.keys import create_key
from engine.wakeup import Wakeup
from runtime.ports import free_port
from runtime.settings import Settings


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Sojourn:
    """Runs `sojourn` with this environment."""

    env: dict[str, str]

    async def __call__(self, *arguments: object, **more: str) -> Ran:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("SOJOURN_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "cli.main", *map(str, arguments),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**inherited, "COLUMNS": "200", **self.env, **more},
        )  # fmt: skip
        out, err = await process.communicate()
        ran = Ran(process.returncode or 0, out.decode(), err.decode())
        assert "Traceback" not in ran.err, ran.err
        return ran


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield


@pytest.fixture(scope="session")
async def api_url(database_url, database) -> AsyncIterator[str]:
    port = free_port()
    app = create_app(Settings(database_url=database_url), database=database, wakeup=Wakeup())
    server = Server(uvicorn.Config(app, port=port, log_config=None))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


@pytest.fixture
async def secret_key(database, workspace_id) -> str:
    async with database.transaction() as connection:
        _, plain = await create_key(connection, workspace_id, "secret", "test")
    return plain


@pytest.fixture
def sojourn(database_url, api_url, secret_key) -> Sojourn:
    return Sojourn(
        {
            "SOJOURN_DATABASE_URL": database_url,
            "SOJOURN_TEMPORAL_ADDRESS": os.environ["SOJOURN_TEST_TEMPORAL"],
            "SOJOURN_URL": api_url,
            "SOJOURN_SECRET_KEY": secret_key,
            "SOJOURN_INFO_FILE": "/nonexistent",
        }
    )
