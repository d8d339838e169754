"""Reading one field of one contact by the name that definitions use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BUILT_IN = {
    "userId": "user_id",
    "user_id": "user_id",
    "email": "email",
    "phone": "phone",
    "timezone": "timezone",
    "locale": "locale",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "last_seen_at": "last_seen_at",
}
"""Names of fields that have a column, and that column."""


async def read_field(connection: AsyncConnection, contact_id: UUID, name: str) -> Any:
    """The value of a built-in or custom field; None when missing."""
    column = BUILT_IN.get(name)
    if column is not None:
        return await connection.scalar(
            text(f"SELECT {column} FROM contacts WHERE id = :id"),  # noqa: S608  (a fixed name)
            {"id": contact_id},
        )
    return await connection.scalar(
        text("SELECT fields -> CAST(:name AS text) FROM contacts WHERE id = :id"),
        {"id": contact_id, "name": name},
    )
