"""Topics that contacts subscribe to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
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
from storage.tables import Topic


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """A topic; no `channels` means any."""

    id: UUID
    key: str
    name: str
    description: str
    channels: list[str]
    subscribed: bool
    transactional: bool
    created_at: datetime
    updated_at: datetime


_COLUMNS: tuple[Any, ...] = tuple(
    col(getattr(Topic, name)) for name in TopicRecord.__dataclass_fields__
)


async def list_topics(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest
) -> Page[TopicRecord]:
    """The workspace's topics, newest first."""
    found = newest_first(
        select(*_COLUMNS).where(col(Topic.workspace_id) == workspace_id),
        col(Topic.created_at),
        col(Topic.id),
        page,
    )
    rows = (await connection.execute(found)).all()
    return cut(records(rows, TopicRecord), page, lambda one: Position(one.created_at, one.id))


async def all_topics(connection: AsyncConnection, workspace_id: UUID) -> list[TopicRecord]:
    """All of them, by their names."""
    found = select(*_COLUMNS).where(col(Topic.workspace_id) == workspace_id)
    rows = (await connection.execute(found.order_by(col(Topic.name), col(Topic.key)))).all()
    return records(rows, TopicRecord)


async def topics_of_drafts(
    connection: AsyncConnection, workspace_id: UUID, *, keep: bool
) -> dict[str, list[str]]:
    """The topics' channels by their keys. With `keep`, none can be deleted before the commit."""
    found = select(col(Topic.key), col(Topic.channels)).where(
        col(Topic.workspace_id) == workspace_id
    )
    found = found.order_by(col(Topic.key))
    rows = await connection.execute(
        found.with_for_update(key_share=True, read=True) if keep else found
    )
    return {row.key: list(row.channels) for row in rows}


async def find_topic(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> TopicRecord | None:
    """The topic with this id or key, its row locked if asked for."""
    id_ = as_uuid(ref)
    found = select(*_COLUMNS).where(
        col(Topic.workspace_id) == workspace_id,
        col(Topic.key) == ref if id_ is None else col(Topic.id) == id_,
    )
    row = (await connection.execute(locked(found, lock))).one_or_none()
    return record_or_none(row, TopicRecord)


async def insert_topic(
    connection: AsyncConnection, workspace_id: UUID, record: TopicRecord
) -> bool:
    """Insert it; False, and nothing written, when the key is in use."""
    inserted = (
        upsert(Topic)
        .values(workspace_id=workspace_id, **asdict(record))
        .on_conflict_do_nothing(index_elements=["workspace_id", "key"])
        .returning(col(Topic.id))
    )
    return (await connection.execute(inserted)).one_or_none() is not None


async def update_topic(connection: AsyncConnection, record: TopicRecord) -> None:
    """Write a locked topic anew."""
    await connection.execute(
        update(Topic).where(col(Topic.id) == record.id).values(**asdict(record))
    )


async def delete_topic(
    connection: AsyncConnection, workspace_id: UUID, record: TopicRecord
) -> None:
    """Delete a locked topic with what contacts said of it."""
    await connection.execute(delete(Topic).where(col(Topic.id) == record.id))
    await connection.execute(
        text("DELETE FROM subscriptions WHERE workspace_id = :workspace AND topic = :topic"),
        {"workspace": workspace_id, "topic": record.key},
    )
