"""An app that calls with a write key, and people who get messages in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from engine.keys import KeyKind, create_key
from engine.wakeup import Wakeup
from runtime.settings import Settings
from storage.database import Database
from tests.support.app_messages import AppPeople


@dataclass
class App:
    """Calls as an SDK makes them; a status other than the expected one fails the test."""

    http: httpx.AsyncClient

    async def __call__(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        answer = await self.raw(method, path, **options)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = await self.http.request(method, path, **options)
        assert answer.status_code < 500, (method, path, answer.text)
        return answer

    async def listed(self, user: str = "ann", **query: str) -> list[dict[str, Any]]:
        """The in-app messages of a user."""
        found = await self("GET", "/v1/in-app", params={"userId": user, **query})
        messages: list[dict[str, Any]] = found["data"]
        return messages

    async def tells(self, message: UUID | str, deed: str, status: int = 200, **body: Any) -> Any:
        """What became of an in-app message."""
        call = {"userId": "ann", **body}
        return await self("POST", f"/v1/in-app/{message}/{deed}", status, json=call)

    async def inbox(self, **query: Any) -> dict[str, Any]:
        """A page of the inbox."""
        found: dict[str, Any] = await self(
            "GET", "/v1/app-inbox", params={"userId": "ann", **query}
        )
        return found

    async def does(self, message: UUID | str, deed: str, status: int = 200, **body: Any) -> Any:
        """What the user does with a message of the inbox."""
        call = {"userId": "ann", **body}
        return await self("POST", f"/v1/app-inbox/{message}/{deed}", status, json=call)


@pytest.fixture
def people(database: Database, workspace_id: UUID) -> AppPeople:
    return AppPeople(database, workspace_id)


@pytest.fixture
def wakeup() -> Wakeup:
    return Wakeup()


@pytest.fixture
def service(database: Database, wakeup: Wakeup) -> FastAPI:
    return create_app(Settings(), database=database, wakeup=wakeup)


async def key_of(people: AppPeople, kind: KeyKind = "write") -> str:
    async with people.database.transaction() as connection:
        _, key = await create_key(connection, people.workspace_id, kind, "app")
    return key


def client(service: FastAPI, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(service), base_url="http://api", headers=headers
    )


@pytest.fixture
async def app(service: FastAPI, people: AppPeople) -> AsyncIterator[App]:
    async with client(service, await key_of(people)) as http:
        yield App(http)


@pytest.fixture
async def server(service: FastAPI, people: AppPeople) -> AsyncIterator[App]:
    """The customer's own backend, with a secret key."""
    async with client(service, await key_of(people, "secret")) as http:
        yield App(http)
