"""Messages and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import (
    AnySelect,
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.tables import Contact, Message, Workflow


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message with the names that its ids stand for."""

    id: UUID
    journey_id: UUID
    workflow: str
    contact_id: UUID
    user_id: str | None
    block: str
    visit: int
    channel: str
    template: str
    to: str | None
    subject: str | None
    state: str
    reason: str | None
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """All that is given must hold."""

    journey_id: UUID | None = None
    workflow_id: UUID | None = None
    contact_id: UUID | None = None
    state: str | None = None
    channel: str | None = None


_COLUMNS: tuple[Any, ...] = (
    col(Message.id),
    col(Message.journey_id),
    col(Workflow.key).label("workflow"),
    col(Message.contact_id),
    col(Contact.user_id),
    col(Message.block),
    col(Message.visit),
    col(Message.channel),
    col(Message.template),
    col(Message.to),
    col(Message.subject),
    col(Message.state),
    col(Message.reason),
    col(Message.created_at),
    col(Message.sent_at),
    col(Message.delivered_at),
    col(Message.opened_at),
    col(Message.clicked_at),
    col(Message.failed_at),
)


def _named() -> AnySelect:
    return (
        select(*_COLUMNS)
        .join(Workflow, col(Workflow.id) == col(Message.workflow_id))
        .join(Contact, col(Contact.id) == col(Message.contact_id))
    )


async def list_messages(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: MessageFilter
) -> Page[MessageRecord]:
    """The workspace's messages, newest first."""
    wanted = (
        (col(Message.journey_id), filter_.journey_id),
        (col(Message.workflow_id), filter_.workflow_id),
        (col(Message.contact_id), filter_.contact_id),
        (col(Message.state), filter_.state),
        (col(Message.channel), filter_.channel),
    )
    statement = _named().where(
        col(Message.workspace_id) == workspace_id,
        *(column == value for column, value in wanted if value is not None),
    )
    statement = newest_first(statement, col(Message.created_at), col(Message.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, MessageRecord), page, lambda m: Position(m.created_at, m.id))


async def find_message(
    connection: AsyncConnection, workspace_id: UUID, id_: UUID
) -> MessageRecord | None:
    """The message with this id."""
    statement = _named().where(col(Message.workspace_id) == workspace_id, col(Message.id) == id_)
    return record_or_none((await connection.execute(statement)).one_or_none(), MessageRecord)


async def messages_of_journey(connection: AsyncConnection, journey_id: UUID) -> list[MessageRecord]:
    """All messages of one journey, in the order of its blocks."""
    statement = _named().where(col(Message.journey_id) == journey_id).order_by(col(Message.visit))
    return records((await connection.execute(statement)).all(), MessageRecord)
