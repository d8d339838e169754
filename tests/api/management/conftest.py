"""Callers of the management API: the owner of a workspace, and a stranger from another one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from api.app import create_app
from engine.keys import create_key
from engine.wakeup import Wakeup
from runtime.settings import Settings
from storage.database import Database
from storage.tables import Workspace


@dataclass
class Api:
    """One caller. Every answer is checked to be no 5xx."""

    http: httpx.AsyncClient
    workspace_id: UUID

    async def __call__(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        answer = await self.raw(method, path, **options)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = await self.http.request(method, path, **options)
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
        return answer


@pytest.fixture
def wakeup() -> Wakeup:
    return Wakeup()


@pytest.fixture
def app(database: Database, wakeup: Wakeup) -> FastAPI:
    return create_app(Settings(), database=database, wakeup=wakeup)


@pytest.fixture
async def callers(app: FastAPI, database: Database) -> AsyncIterator[Any]:
    """Makes a caller with a key of the given kind."""
    async with AsyncExitStack() as stack:

        async def caller(workspace_id: UUID, kind: str) -> Api:
            async with database.transaction() as connection:
                _, key = await create_key(connection, workspace_id, kind, "test")
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://api",
                headers={"Authorization": f"Bearer {key}"},
            )
            return Api(await stack.enter_async_context(client), workspace_id)

        yield caller


@pytest.fixture
async def api(callers: Any, workspace_id: UUID) -> Api:
    return await callers(workspace_id, "secret")


@pytest.fixture
async def writer(callers: Any, workspace_id: UUID) -> Api:
    return await callers(workspace_id, "write")


@pytest.fixture
async def stranger(callers: Any, database: Database) -> Api:
    id_ = uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            insert(Workspace).values(
                id=id_, name="other", timezone="UTC", paused=False, rules_revision=0
            )
        )
    return await callers(id_, "secret")
