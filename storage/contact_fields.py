"""Reading one field of one contact by the name that definitions use."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.evaluation import BUILT_IN_FIELDS


async def read_field(connection: AsyncConnection, contact_id: UUID, name: str) -> Any:
    """The value of a built-in or custom field; None when missing."""
    column = BUILT_IN_FIELDS.get(name)
    if column is not None:
        return await connection.scalar(
            text(f"SELECT {column} FROM contacts WHERE id = :id"),  # noqa: S608  (a fixed name)
            {"id": contact_id},
        )
    return await connection.scalar(
        text("SELECT fields -> CAST(:name AS text) FROM contacts WHERE id = :id"),
        {"id": contact_id, "name": name},
    )
