"""Samples of what contacts and events hold, by index: whatever their number, the cost is the same.

A sample shows what is there, not how much of it; what is very rare may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

EVENTS = 1_000
CONTACTS = 1_000
_COLUMNS = """
    c.user_id AS "userId", c.email, c.phone, c.timezone, c.locale, c.created_at, c.updated_at,
    c.last_seen_at, c.fields
"""

_EVENTS = text("""
    SELECT properties FROM events
    WHERE workspace_id = :workspace AND name = :name AND depth >= 0
    ORDER BY timestamp DESC LIMIT :most
""").columns(properties=JSONB)

_CONTACTS = text(f"""
    (SELECT {_COLUMNS} FROM contacts c WHERE c.workspace_id = :workspace
     ORDER BY c.created_at DESC, c.id DESC LIMIT :most)
    UNION ALL
    (SELECT {_COLUMNS} FROM contacts c WHERE c.workspace_id = :workspace AND c.id >= :pivot
     ORDER BY c.id LIMIT :most)
    UNION ALL
    (SELECT {_COLUMNS} FROM contacts c WHERE c.workspace_id = :workspace AND c.id < :pivot
     ORDER BY c.id DESC LIMIT :most)
""").columns(fields=JSONB)  # noqa: S608  (nothing but the text above)
"""The newest ones, and some of any age: ids are random."""


async def event_properties(
    connection: AsyncConnection, workspace_id: UUID, name: str
) -> list[Mapping[str, Any]]:
    """The properties of the newest events of this name."""
    found = await connection.execute(
        _EVENTS, {"workspace": workspace_id, "name": name, "most": EVENTS}
    )
    return list(found.scalars())


async def contact_fields(
    connection: AsyncConnection, workspace_id: UUID
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The built-in and the custom fields of some contacts, nulls left out."""
    found = await connection.execute(
        _CONTACTS, {"workspace": workspace_id, "pivot": uuid4(), "most": CONTACTS // 2}
    )
    people: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for row in found:
        built_in = {name: value for name, value in row._mapping.items() if value is not None}  # noqa: SLF001
        custom = built_in.pop("fields")
        people.append((built_in, custom))
    return people
