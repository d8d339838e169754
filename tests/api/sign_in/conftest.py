"""People at their browsers: each with a session of their own and the header that goes with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.app import create_app
from engine.keys import create_key
from engine.users.accounts import invite
from engine.users.links import make_link, take_up
from engine.users.roles import Role
from engine.users.sessions import Lifetime, csrf_token, start_session
from engine.wakeup import Wakeup
from runtime.settings import Settings
from storage.database import Database

PASSWORD = "correct horse battery"
HASH = PasswordHash((Argon2Hasher(),)).hash(PASSWORD)
"""Made once: it takes as long as it should."""
FIRST = timedelta(hours=1)
CSRF = "X-CSRF-Token"


@dataclass
class Browser:
    """One browser. After signing in it sends the CSRF token with every request."""

    http: httpx.AsyncClient
    address: str = "198.51.100.7"

    async def __call__(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        answer = await self.raw(method, path, **options)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = await self.http.request(method, path, **options)
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer

    def trust(self, session: dict[str, Any]) -> dict[str, Any]:
        self.http.headers[CSRF] = session["csrf_token"]
        return session

    async def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        body = {"email": email, "password": password}
        return self.trust(await self("POST", "/v1/session", json=body))

    async def take_up(self, token: str, **body: Any) -> dict[str, Any]:
        body = {"name": "Ada", "password": PASSWORD, **body}
        return self.trust(await self("POST", f"/v1/invitations/{token}", json=body))


@dataclass
class Office:
    """A workspace, and the people who come to it."""

    database: Database
    workspace_id: UUID
    browser: Callable[..., Browser]

    async def user(self, role: Role, email: str | None = None) -> Browser:
        """Somebody invited who took it up, and is signed in."""
        now, browser = datetime.now(UTC), self.browser()
        async with self.database.transaction() as connection:
            _, link = await invite(
                connection, self.workspace_id, email or new_email(), role, now=now
            )
            user = await take_up(
                connection, link, email=None, name="Ada", password_hash=HASH, now=now
            )
            token = await start_session(
                connection, user.id,
                role=role, password_hash=HASH,
                lifetime=Lifetime(timedelta(days=7), timedelta(days=30)), now=now,
            )  # fmt: skip
        assert token is not None
        browser.http.cookies.set("sojourn_session", token)
        browser.trust({"csrf_token": csrf_token(token)})
        return browser

    async def first_link(self) -> str:
        async with self.database.transaction() as connection:
            return await make_link(
                connection, self.workspace_id, None, lifetime=FIRST, now=datetime.now(UTC)
            )

    async def key(self, kind: Any) -> str:
        async with self.database.transaction() as connection:
            return (await create_key(connection, self.workspace_id, kind, "test"))[1]


def new_email() -> str:
    return f"{uuid4().hex[:12]}@example.com"


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(Settings(inbox_enabled=True), database=database, wakeup=Wakeup())


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Callable[..., Browser]]:
    """Opens a browser, at a network address of its own unless one is given."""
    async with AsyncExitStack() as stack:

        def open_browser(
            *, at: str | None = None, base: str = "http://sojourn.example", on: FastAPI = app
        ) -> Browser:
            address = at or str(uuid4())
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(on, client=(address, 1)), base_url=base
            )
            stack.push_async_callback(client.aclose)
            return Browser(client, address)

        yield open_browser


@pytest.fixture
async def office(database: Database, workspace_id: UUID, browser: Any) -> Office:
    return Office(database, workspace_id, browser)
