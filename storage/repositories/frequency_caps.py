"""Frequency caps of a workspace."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import (
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.repositories.refs import Lock, as_uuid, locked
from storage.tables import FrequencyCap


@dataclass(frozen=True, slots=True)
class CapRecord:
    """At most `limit` messages in a `period`; an empty channel means all together."""

    id: UUID
    key: str
    channel: str
    limit: int
    period: str
    created_at: datetime
    updated_at: datetime


_COLUMNS: tuple[Any, ...] = tuple(
    col(getattr(FrequencyCap, name)) for name in CapRecord.__dataclass_fields__
)


async def list_caps(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest
) -> Page[CapRecord]:
    """The workspace's caps, newest first."""
    found = newest_first(
        select(*_COLUMNS).where(col(FrequencyCap.workspace_id) == workspace_id),
        col(FrequencyCap.created_at),
        col(FrequencyCap.id),
        page,
    )
    rows = (await connection.execute(found)).all()
    return cut(records(rows, CapRecord), page, lambda one: Position(one.created_at, one.id))


async def find_cap(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> CapRecord | None:
    """The cap with this id or key, its row locked if asked for."""
    id_ = as_uuid(ref)
    found = select(*_COLUMNS).where(
        col(FrequencyCap.workspace_id) == workspace_id,
        col(FrequencyCap.key) == ref if id_ is None else col(FrequencyCap.id) == id_,
    )
    row = (await connection.execute(locked(found, lock))).one_or_none()
    return record_or_none(row, CapRecord)


async def insert_cap(connection: AsyncConnection, workspace_id: UUID, record: CapRecord) -> bool:
    """Insert it; False, and nothing written, when the key is in use."""
    inserted = (
        upsert(FrequencyCap)
        .values(workspace_id=workspace_id, **asdict(record))
        .on_conflict_do_nothing(index_elements=["workspace_id", "key"])
        .returning(col(FrequencyCap.id))
    )
    return (await connection.execute(inserted)).one_or_none() is not None


async def update_cap(connection: AsyncConnection, record: CapRecord) -> None:
    """Write a locked cap anew."""
    await connection.execute(
        update(FrequencyCap).where(col(FrequencyCap.id) == record.id).values(**asdict(record))
    )


async def delete_cap(connection: AsyncConnection, id_: UUID) -> None:
    """Delete it; what it counted stays counted for the others."""
    await connection.execute(delete(FrequencyCap).where(col(FrequencyCap.id) == id_))
