"""Suppressed addresses of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import Page, PageRequest, Position, cut, newest_first, records
from storage.tables import Suppression


@dataclass(frozen=True, slots=True)
class SuppressionRecord:
    """An address to which nothing is sent; None when only its hash is left."""

    id: UUID
    channel: str
    address: str | None
    reason: str
    message_id: UUID | None
    at: datetime


_COLUMNS: tuple[Any, ...] = tuple(
    col(getattr(Suppression, name)) for name in SuppressionRecord.__dataclass_fields__
)


async def list_suppressions(
    connection: AsyncConnection,
    workspace_id: UUID,
    page: PageRequest,
    *,
    channel: str | None = None,
    reason: str | None = None,
    hash_: bytes | None = None,
) -> Page[SuppressionRecord]:
    """The newest first; all that is given must hold."""
    found = select(*_COLUMNS).where(col(Suppression.workspace_id) == workspace_id)
    if channel is not None:
        found = found.where(col(Suppression.channel) == channel)
    if reason is not None:
        found = found.where(col(Suppression.reason) == reason)
    if hash_ is not None:
        found = found.where(col(Suppression.hash) == hash_)
    found = newest_first(found, col(Suppression.at), col(Suppression.id), page)
    rows = (await connection.execute(found)).all()
    return cut(records(rows, SuppressionRecord), page, lambda one: Position(one.at, one.id))


async def delete_suppression(connection: AsyncConnection, workspace_id: UUID, id_: UUID) -> bool:
    """Send there again; False when there is no such one."""
    removed = await connection.execute(
        delete(Suppression).where(
            col(Suppression.workspace_id) == workspace_id, col(Suppression.id) == id_
        )
    )
    return bool(removed.rowcount)
