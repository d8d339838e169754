"""Segments for tests: three contacts, and short words for making segments and reading members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from storage.database import Database
from tests.api.management.drawings import definition
from tests.api.management.rows import after, contact, event

PREMIUM = {"field": "plan", "op": "=", "value": "premium"}
READER = {"event": "Read", "where": [{"param": "book", "op": "=", "value": {"param": "book_id"}}]}


async def three_people(api: Any, database: Database) -> dict[str, UUID]:
    """Three contacts, the newest last: ada and cy are premium, and only ada has read a book."""
    async with database.transaction() as connection:
        w = api.workspace_id
        ada = await contact(connection, w, "ada", fields={"plan": "premium"}, created_at=after(1))
        bob = await contact(connection, w, "bob", fields={"plan": "free"}, created_at=after(2))
        cy = await contact(connection, w, None, fields={"plan": "premium"}, created_at=after(3))
        await event(connection, w, ada, name="Read", properties={"book": "b1"})
    return {"ada": ada, "bob": bob, "cy": cy}


async def make(api: Any, key: str, where: Any = None, status: int = 201, **more: Any) -> Any:
    body = {"key": key, "name": key.title(), "where": where, **more}
    return await api("POST", "/v1/segments", status, json=body)


async def member_ids(api: Any, key: str) -> list[str]:
    return [one["id"] for one in (await api("GET", f"/v1/segments/{key}/contacts"))["data"]]


def branching(predicate: dict[str, Any]) -> dict[str, Any]:
    return definition(
        blocks=[
            {"id": "if", "kind": "condition", "if": predicate, "then": "yes", "else": "no"},
            {"id": "yes", "kind": "exit"},
            {"id": "no", "kind": "exit"},
        ]
    )
