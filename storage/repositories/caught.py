"""What the local inbox caught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.tables import CaughtMessage


@dataclass(frozen=True)
class CaughtSummary:
    """One line of the list."""

    id: UUID
    channel: str
    sender: str | None
    to: str
    subject: str | None
    text: str | None
    received_at: datetime


@dataclass(frozen=True)
class Caught(CaughtSummary):
    """All of one caught message. `raw` is the source of a mail; other channels have none."""

    html: str | None
    headers: Mapping[str, str]
    raw: bytes | None


_SUMMARY = (
    CaughtMessage.id,
    CaughtMessage.channel,
    CaughtMessage.sender,
    CaughtMessage.to,
    CaughtMessage.subject,
    CaughtMessage.text,
    CaughtMessage.received_at,
)


async def keep(connection: AsyncConnection, message: Caught) -> None:
    """Add a message; the same id again changes nothing."""
    await connection.execute(
        insert(CaughtMessage)
        .values(
            id=message.id,
            channel=message.channel,
            sender=message.sender,
            to=message.to,
            subject=message.subject,
            text=message.text,
            html=message.html,
            headers=dict(message.headers),
            raw=message.raw,
            received_at=message.received_at,
        )
        .on_conflict_do_nothing()
    )


async def newest(
    connection: AsyncConnection,
    *,
    limit: int,
    to: str | None = None,
    after: datetime | None = None,
    channel: str | None = None,
    search: str | None = None,
) -> list[CaughtSummary]:
    """The newest messages, newest first: to one address (any case), received after an instant.

    `search` is a part of the recipient or the subject.
    """
    query = select(*map(col, _SUMMARY)).order_by(
        col(CaughtMessage.received_at).desc(), col(CaughtMessage.id).desc()
    )
    if to is not None:
        query = query.where(func.lower(col(CaughtMessage.to)) == to.lower())
    if after is not None:
        query = query.where(col(CaughtMessage.received_at) > after)
    if channel is not None:
        query = query.where(col(CaughtMessage.channel) == channel)
    if search is not None:
        query = query.where(
            col(CaughtMessage.to).icontains(search, autoescape=True)
            | col(CaughtMessage.subject).icontains(search, autoescape=True)
        )
    rows = await connection.execute(query.limit(limit))
    return [CaughtSummary(**row) for row in rows.mappings()]


async def find(connection: AsyncConnection, id_: UUID) -> Caught | None:
    """One message."""
    row = (
        (
            await connection.execute(
                select(
                    *map(col, _SUMMARY),
                    col(CaughtMessage.html),
                    col(CaughtMessage.headers),
                    col(CaughtMessage.raw),
                ).where(col(CaughtMessage.id) == id_)
            )
        )
        .mappings()
        .one_or_none()
    )
    return Caught(**row) if row is not None else None


async def keep_newest(connection: AsyncConnection, count: int) -> None:
    """Forget all but the newest `count` messages."""
    oldest_kept = (
        select(col(CaughtMessage.received_at), col(CaughtMessage.id))
        .order_by(col(CaughtMessage.received_at).desc(), col(CaughtMessage.id).desc())
        .offset(count - 1)
        .limit(1)
        .subquery()
    )
    await connection.execute(
        delete(CaughtMessage).where(
            tuple_(col(CaughtMessage.received_at), col(CaughtMessage.id))
            < select(oldest_kept.c.received_at, oldest_kept.c.id).scalar_subquery()
        )
    )


async def forget_all(connection: AsyncConnection) -> None:
    """Empty the inbox."""
    await connection.execute(delete(CaughtMessage))


async def forget(connection: AsyncConnection, id_: UUID) -> bool:
    """Forget one message; False when there is none."""
    result = await connection.execute(
        delete(CaughtMessage).where(col(CaughtMessage.id) == id_).returning(col(CaughtMessage.id))
    )
    return result.first() is not None
