"""Events, as the management API reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
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
from storage.tables import Contact, Event


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event; without a contact it happened to a thing."""

    id: UUID
    contact_id: UUID | None
    user_id: str | None
    kind: str
    name: str
    properties: dict[str, Any]
    context: dict[str, Any] | None
    message_id: str
    timestamp: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EventFilter:
    """All that is given must hold; the time range is that of receipt."""

    contact_id: UUID | None = None
    name: str | None = None
    kind: str | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None


_COLUMNS: tuple[Any, ...] = (
    col(Event.id),
    col(Event.contact_id),
    col(Contact.user_id),
    col(Event.kind),
    col(Event.name),
    col(Event.properties),
    col(Event.context),
    col(Event.message_id),
    col(Event.timestamp),
    col(Event.received_at),
)


def _named() -> AnySelect:
    return select(*_COLUMNS).outerjoin(Contact, col(Contact.id) == col(Event.contact_id))


def _conditions(filter_: EventFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filter_.contact_id is not None:
        conditions.append(col(Event.contact_id) == filter_.contact_id)
    if filter_.name is not None:
        conditions.append(col(Event.name) == filter_.name)
    if filter_.kind is not None:
        conditions.append(col(Event.kind) == filter_.kind)
    if filter_.received_from is not None:
        conditions.append(col(Event.received_at) >= filter_.received_from)
    if filter_.received_to is not None:
        conditions.append(col(Event.received_at) < filter_.received_to)
    return conditions


async def list_events(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: EventFilter
) -> Page[EventRecord]:
    """The workspace's events, the one received last first."""
    statement = _named().where(col(Event.workspace_id) == workspace_id, *_conditions(filter_))
    statement = newest_first(statement, col(Event.received_at), col(Event.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, EventRecord), page, lambda e: Position(e.received_at, e.id))


async def find_event(
    connection: AsyncConnection, workspace_id: UUID, id_: UUID
) -> EventRecord | None:
    """The event with this id."""
    statement = _named().where(col(Event.workspace_id) == workspace_id, col(Event.id) == id_)
    return record_or_none((await connection.execute(statement)).one_or_none(), EventRecord)
