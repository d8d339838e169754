"""Stored membership of segments, as the management API reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, cast, func, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.contacts import ContactRecord
from storage.repositories.keyset import Page, PageRequest, Position, cut, newest_first, records
from storage.tables import Contact, SegmentBackfill, SegmentMember, SegmentStay

_CONTACT: tuple[Any, ...] = tuple(getattr(Contact, name) for name in ContactRecord.__slots__)
MOST_STAYS = 200
"""Ended memberships of one contact that are listed, the newest."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many contacts a backfill has looked at, and how many there were when it began."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Member:
    """A contact in a segment; since when, None while that is not known yet."""

    contact: ContactRecord
    entered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Move:
    """A contact came into a segment, or went."""

    at: datetime
    id: UUID
    contact_id: UUID
    user_id: str | None
    entered: bool


@dataclass(frozen=True, slots=True)
class MoveFilter:
    """All that is given must hold; `from_` is included, `to` is not."""

    contact_id: UUID | None = None
    from_: datetime | None = None
    to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A membership of a segment that ended."""

    segment_id: UUID
    entered_at: datetime
    left_at: datetime


async def progress_of(
    connection: AsyncConnection, segments: Sequence[UUID]
) -> dict[UUID, Progress]:
    """By segment: how far its backfill is; segments without one are left out."""
    if not segments:
        return {}
    rows = await connection.execute(
        select(
            col(SegmentBackfill.segment_id), col(SegmentBackfill.done), col(SegmentBackfill.total)
        ).where(col(SegmentBackfill.segment_id).in_(segments))
    )
    # contacts that came meanwhile are looked at too
    return {row[0]: Progress(min(row[1], row[2]), row[2]) for row in rows.all()}


async def count_members(connection: AsyncConnection, segment_id: UUID) -> int:
    """How many are in the segment."""
    statement = (
        select(func.count())
        .select_from(SegmentMember)
        .where(col(SegmentMember.segment_id) == segment_id)
    )
    return int((await connection.execute(statement)).scalar_one())


async def list_members(
    connection: AsyncConnection, segment_id: UUID, page: PageRequest
) -> Page[Member]:
    """A page of who is in the segment, those first who entered last."""
    statement = newest_first(
        select(*_CONTACT, col(SegmentMember.entered_at))
        .join(SegmentMember, col(SegmentMember.contact_id) == col(Contact.id))
        .where(col(SegmentMember.segment_id) == segment_id),
        col(SegmentMember.entered_at),
        col(SegmentMember.contact_id),
        page,
    )
    rows = [tuple(row) for row in (await connection.execute(statement)).all()]
    found = [Member(ContactRecord(*row[:-1]), row[-1]) for row in rows]
    return cut(found, page, lambda m: Position(m.entered_at or m.contact.created_at, m.contact.id))


async def list_moves(
    connection: AsyncConnection, segment_id: UUID, page: PageRequest, filter_: MoveFilter
) -> Page[Move]:
    """A page of who came into the segment and who went, newest first."""
    member, stay = SegmentMember, SegmentStay
    sources: list[tuple[Any, Any, Any, Any, bool]] = [
        (member, col(member.entered_at), col(member.contact_id), col(member.segment_id), True),
        (stay, col(stay.entered_at), _id_of("in"), col(stay.segment_id), True),
        (stay, col(stay.left_at), _id_of("out"), col(stay.segment_id), False),
    ]
    parts = []
    for table, at, id_, segment, entered in sources:
        part = select(
            at.label("at"), id_.label("id"), table.contact_id.label("contact_id"),
            literal(entered).label("entered"),
        ).where(segment == segment_id)  # fmt: skip
        if filter_.contact_id is not None:
            part = part.where(table.contact_id == filter_.contact_id)
        if filter_.from_ is not None:
            part = part.where(at >= filter_.from_)
        if filter_.to is not None:
            part = part.where(at < filter_.to)
        # each part is cut by itself, so that an index gives its newest rows
        parts.append(newest_first(part, at, id_, page).subquery())
    moves: Any = union_all(*(select(part) for part in parts)).subquery().c
    statement = newest_first(
        select(moves.at, moves.id, moves.contact_id, col(Contact.user_id), moves.entered).join(
            Contact, col(Contact.id) == moves.contact_id
        ),
        moves.at,
        moves.id,
        page,
    )
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, Move), page, lambda move: Position(move.at, move.id))


def _id_of(side: str) -> Any:
    """A name for one end of a stay, to page by."""
    return cast(func.md5(func.concat(side, ":", col(SegmentStay.id))), Uuid())


async def entries_of(connection: AsyncConnection, contact_id: UUID) -> dict[UUID, datetime]:
    """By segment that the contact is in: since when."""
    rows = await connection.execute(
        select(col(SegmentMember.segment_id), col(SegmentMember.entered_at)).where(
            col(SegmentMember.contact_id) == contact_id
        )
    )
    return {row[0]: row[1] for row in rows.all()}


_STAYS = text("""
    SELECT segment_id, entered_at, left_at FROM segment_stays WHERE contact_id = :contact
    ORDER BY left_at DESC, id DESC LIMIT :most
""")


async def stays_of(connection: AsyncConnection, contact_id: UUID) -> list[Stay]:
    """The contact's memberships that ended last, newest first."""
    rows = await connection.execute(_STAYS, {"contact": contact_id, "most": MOST_STAYS})
    return records(rows.all(), Stay)
