"""Message templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from storage.tables import Template, Workflow


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """A template; `content` holds only the parts that were given."""

    id: UUID
    key: str
    channel: str
    content: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """A workflow that may send a template."""

    key: str
    name: str
    state: str


_COLUMNS: tuple[Any, ...] = (
    col(Template.id),
    col(Template.key),
    col(Template.channel),
    col(Template.content),
    col(Template.created_at),
    col(Template.updated_at),
)


async def list_templates(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, *, channel: str | None
) -> Page[TemplateRecord]:
    """The workspace's templates, newest first."""
    statement = select(*_COLUMNS).where(col(Template.workspace_id) == workspace_id)
    if channel is not None:
        statement = statement.where(col(Template.channel) == channel)
    statement = newest_first(statement, col(Template.created_at), col(Template.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, TemplateRecord), page, lambda t: Position(t.created_at, t.id))


async def named_uses(
    connection: AsyncConnection, workspace_id: UUID, keys: Sequence[str]
) -> list[Use]:
    """These workflows, by name."""
    statement = (
        select(col(Workflow.key), col(Workflow.name), col(Workflow.state))
        .where(col(Workflow.workspace_id) == workspace_id, col(Workflow.key).in_(keys))
        .order_by(col(Workflow.name), col(Workflow.key))
    )
    return records((await connection.execute(statement)).all(), Use)


async def find_template(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> TemplateRecord | None:
    """The template with this id or key, its row locked if asked for.

    Locking it for `delete` waits for drafts that are being saved with it.
    """
    id_ = as_uuid(ref)
    statement = select(*_COLUMNS).where(
        col(Template.workspace_id) == workspace_id,
        col(Template.key) == ref if id_ is None else col(Template.id) == id_,
    )
    return record_or_none(
        (await connection.execute(locked(statement, lock))).one_or_none(), TemplateRecord
    )


async def insert_template(
    connection: AsyncConnection, workspace_id: UUID, record: TemplateRecord
) -> bool:
    """Insert it; False, and nothing written, when the key is in use."""
    statement = (
        upsert(Template)
        .values(
            workspace_id=workspace_id,
            id=record.id,
            key=record.key,
            channel=record.channel,
            content=record.content,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )
        .on_conflict_do_nothing(index_elements=["workspace_id", "key"])
        .returning(col(Template.id))
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def update_content(
    connection: AsyncConnection, id_: UUID, *, content: dict[str, Any], now: datetime
) -> None:
    """Replace the content of a locked template."""
    await connection.execute(
        update(Template).where(col(Template.id) == id_).values(content=content, updated_at=now)
    )


async def delete_template(connection: AsyncConnection, id_: UUID) -> None:
    """Delete a locked template."""
    await connection.execute(delete(Template).where(col(Template.id) == id_))
