"""API keys; their plain text is never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import Page, PageRequest, Position, cut, newest_first, records
from storage.tables import ApiKey


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key."""

    id: UUID
    kind: str
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS: tuple[Any, ...] = (
    col(ApiKey.id),
    col(ApiKey.kind),
    col(ApiKey.name),
    col(ApiKey.prefix),
    col(ApiKey.created_at),
    col(ApiKey.last_used_at),
    col(ApiKey.revoked_at),
)


async def list_keys(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest
) -> Page[KeyRecord]:
    """The workspace's keys, newest first, revoked ones too."""
    statement = select(*_COLUMNS).where(col(ApiKey.workspace_id) == workspace_id)
    statement = newest_first(statement, col(ApiKey.created_at), col(ApiKey.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, KeyRecord), page, lambda k: Position(k.created_at, k.id))
