"""Contacts as the management API reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, union_all
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
from storage.repositories.refs import as_uuid
from storage.tables import Contact, Identity


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact."""

    id: UUID
    user_id: str | None
    email: str | None
    phone: str | None
    timezone: str | None
    locale: str | None
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """All that is given must hold; `search` is looked for in ids, address, phone and names."""

    email: str | None = None
    user_id: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    search: str | None = None


_COLUMNS: tuple[Any, ...] = (
    col(Contact.id),
    col(Contact.user_id),
    col(Contact.email),
    col(Contact.phone),
    col(Contact.timezone),
    col(Contact.locale),
    col(Contact.fields),
    col(Contact.created_at),
    col(Contact.updated_at),
    col(Contact.last_seen_at),
)


def conditions(filter_: ContactFilter) -> list[ColumnElement[bool]]:
    """What a row of `contacts` must meet."""
    found: list[ColumnElement[bool]] = []
    if filter_.email is not None:
        found.append(func.lower(col(Contact.email)) == filter_.email.lower())
    if filter_.user_id is not None:
        found.append(col(Contact.user_id) == filter_.user_id)
    if filter_.created_from is not None:
        found.append(col(Contact.created_at) >= filter_.created_from)
    if filter_.created_to is not None:
        found.append(col(Contact.created_at) < filter_.created_to)
    if filter_.search is not None:
        fields = col(Contact.fields)
        places: tuple[Any, ...] = (
            col(Contact.user_id),
            col(Contact.email),
            col(Contact.phone),
            fields["name"].astext,
            fields["first_name"].astext,
            fields["last_name"].astext,
        )
        found.append(or_(*(p.icontains(filter_.search, autoescape=True) for p in places)))
    return found


async def list_contacts(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: ContactFilter
) -> Page[ContactRecord]:
    """The workspace's contacts, newest first."""
    statement = select(*_COLUMNS).where(
        col(Contact.workspace_id) == workspace_id, *conditions(filter_)
    )
    statement = newest_first(statement, col(Contact.created_at), col(Contact.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, ContactRecord), page, lambda c: Position(c.created_at, c.id))


async def contact_id(connection: AsyncConnection, workspace_id: UUID, ref: str) -> UUID | None:
    """The contact whose `userId` (present or former) or id this is; the `userId` goes first."""
    own = select(col(Identity.contact_id)).where(
        col(Identity.workspace_id) == workspace_id,
        col(Identity.kind) == "user",
        col(Identity.value) == ref,
    )
    id_ = as_uuid(ref)
    if id_ is None:
        return (await connection.execute(own)).scalar_one_or_none()
    by_id = select(col(Contact.id)).where(
        col(Contact.workspace_id) == workspace_id, col(Contact.id) == id_
    )
    return (await connection.execute(union_all(own, by_id))).scalars().first()


async def get_contact(connection: AsyncConnection, id_: UUID) -> ContactRecord | None:
    """The contact with this id, as `contact_id` found it."""
    statement = select(*_COLUMNS).where(col(Contact.id) == id_)
    return record_or_none((await connection.execute(statement)).one_or_none(), ContactRecord)
