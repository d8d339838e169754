"""An application on the test database, and a client that speaks to it as an SDK would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from api.app import create_app
from engine.keys import create_key
from engine.wakeup import Wakeup
from runtime.settings import Settings
from storage.database import Database


class Api:
    """One workspace, reached over HTTP with a key."""

    def __init__(
        self, client: httpx.AsyncClient, database: Database, workspace_id: UUID, wakeup: Wakeup
    ) -> None:
        self.client = client
        self.database = database
        self.workspace_id = workspace_id
        self.wakeup = wakeup

    async def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return await self.client.post(path, json=body, **options)

    async def ok(self, path: str, body: Any, **options: Any) -> dict[str, Any]:
        answer = await self.post(path, body, **options)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def batch(self, *items: dict[str, Any], **common: Any) -> dict[str, Any]:
        return await self.ok("/v1/batch", {"batch": list(items), **common})

    async def rows(self, sql: str, **parameters: Any) -> list[Any]:
        """The rows of a query, in which `:w` is the workspace."""
        async with self.database.transaction() as connection:
            found = await connection.execute(text(sql), {"w": self.workspace_id, **parameters})
            return list(found.all())

    async def value(self, sql: str, **parameters: Any) -> Any:
        return (await self.rows(sql, **parameters))[0][0]

    async def run(self, sql: str, **parameters: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(text(sql), {"w": self.workspace_id, **parameters})

    async def insert(self, table: str, **values: Any) -> None:
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        await self.run(
            f"INSERT INTO {table} (workspace_id, {columns}) VALUES (:w, {places})", **values
        )

    async def other_workspace(self) -> UUID:
        """Another tenant of the same database."""
        other = uuid4()
        await self.run(
            "INSERT INTO workspaces (id, name, timezone, paused, rules_revision) "
            "VALUES (:other, 'other', 'UTC', false, 0)",
            other=other,
        )
        return other

    async def contact(self, user_id: str) -> Any:
        rows = await self.rows(
            "SELECT * FROM contacts WHERE workspace_id = :w AND user_id = :u", u=user_id
        )
        assert len(rows) == 1
        return rows[0]

    async def event_names(self, user_id: str) -> list[str]:
        rows = await self.rows(
            "SELECT e.name FROM events e JOIN contacts c ON c.id = e.contact_id "
            "WHERE c.workspace_id = :w AND c.user_id = :u AND e.kind NOT IN ('identify', 'alias') "
            "ORDER BY e.name",
            u=user_id,
        )
        return [name for (name,) in rows]

    async def interest(self, kind: str, name: str) -> None:
        await self.run("INSERT INTO interests VALUES (:w, :kind, :name)", kind=kind, name=name)

    async def facts(self) -> list[Any]:
        return await self.rows(
            "SELECT f.kind, f.change, f.lane, f.contact_id, f.ref, e.name "
            "FROM facts f LEFT JOIN events e ON e.id = f.ref "
            "WHERE f.workspace_id = :w ORDER BY f.seq"
        )


@asynccontextmanager
async def serving(
    database: Database,
    workspace_id: UUID,
    *,
    kind: str = "secret",
    settings: Settings | None = None,
) -> AsyncIterator[Api]:
    """An application around `database`, called with a new key of this kind."""
    async with database.transaction() as connection:
        _, key = await create_key(connection, workspace_id, kind, "test")  # type: ignore[arg-type]
    wakeup = Wakeup()
    app = create_app(settings or Settings(), database=database, wakeup=wakeup)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api", auth=(key, "")
    ) as client:
        yield Api(client, database, workspace_id, wakeup)
