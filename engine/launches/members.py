"""Who a launch takes: the members of its segment at one moment, by the order of their ids.

A segment without parameters has its members stored. Those who entered since that moment are left
out, and those who left since are taken, so that a launch that lasts hours takes whom it counted.
A parameterised one is evaluated, a window of contacts at a time, on what is known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from engine.segments import audience
from journeys.predicates import Predicate
from journeys.validation import parse_predicate
from storage.faults import sqlstate
from storage.repositories import audiences
from storage.repositories.audiences import limit_statements
from storage.tables import Contact

WINDOW = 5_000
"""Contacts that a predicate is asked about at once: a segment may have members far apart."""
COUNT_SECONDS = 5.0
"""For counting by a predicate: a launch that cannot tell how many there are goes on without."""
CANCELED = "57014"
NOBODY = UUID(int=0)
"""Before the first contact."""

_COUNT = text("""
    SELECT count(*) AS total, max(entered_at) AS latest
    FROM segment_members WHERE segment_id = :segment
""")

_STORED = text("""
    SELECT contact_id FROM (
        (SELECT contact_id FROM segment_members
         WHERE segment_id = :segment AND contact_id > :cursor AND entered_at <= :at
         ORDER BY contact_id LIMIT :size)
        UNION
        (SELECT contact_id FROM segment_stays
         WHERE segment_id = :segment AND contact_id > :cursor
           AND entered_at <= :at AND left_at > :at
         ORDER BY contact_id LIMIT :size)
    ) m ORDER BY contact_id LIMIT :size
""")


@dataclass(frozen=True)
class Count:
    """How many members there are, null when counting takes too long, and as of when."""

    total: int | None
    at: datetime


@dataclass(frozen=True)
class Members:
    """Some members, the contact up to which was looked, and whether that was the last one."""

    contacts: Sequence[UUID]
    cursor: UUID
    done: bool


class StoredMembers:
    """Those of a segment without parameters."""

    def __init__(self, segment_id: UUID) -> None:
        self._segment_id = segment_id

    async def count(self, connection: AsyncConnection, now: datetime) -> Count:
        """All of them; clocks may differ, so the moment is not before the last one's entry."""
        row = (await connection.execute(_COUNT, {"segment": self._segment_id})).one()
        return Count(row.total, max(now, row.latest or now))

    async def page(
        self, connection: AsyncConnection, at: datetime, cursor: UUID | None, size: int
    ) -> Members:
        """The next ones behind the cursor."""
        found = list(
            (
                await connection.execute(
                    _STORED,
                    {
                        "segment": self._segment_id,
                        "cursor": cursor or NOBODY,
                        "at": at,
                        "size": size,
                    },
                )
            ).scalars()
        )
        return Members(found, found[-1] if found else cursor or NOBODY, len(found) < size)


class EvaluatedMembers:
    """Those for whom a segment's predicate holds with these parameters."""

    def __init__(
        self, workspace_id: UUID, definition: Mapping[str, Any], params: Mapping[str, Any]
    ) -> None:
        self._workspace_id = workspace_id
        self._predicate: Predicate = parse_predicate(definition)
        self._params = params

    async def count(self, connection: AsyncConnection, now: datetime) -> Count:
        """All of them, if that can be told in a few seconds."""
        whole = await audience(connection, self._workspace_id, now=now, params=self._params)
        try:
            async with connection.begin_nested():
                await limit_statements(connection, COUNT_SECONDS)
                total = await audiences.count(connection, whole, self._predicate)
        except DBAPIError as error:
            if sqlstate(error) != CANCELED:
                raise
            return Count(None, now)
        return Count(total, now)

    async def page(
        self, connection: AsyncConnection, at: datetime, cursor: UUID | None, size: int
    ) -> Members:
        """The next ones behind the cursor within one window, however many that are."""
        begin = cursor or NOBODY
        mine = col(Contact.workspace_id) == self._workspace_id
        window = (
            select(col(Contact.id))
            .where(mine, col(Contact.id) > begin)
            .order_by(col(Contact.id))
            .limit(WINDOW)
            .subquery()
        )
        looked_at = list((await connection.execute(select(window.c.id))).scalars())
        if not looked_at:
            return Members((), begin, done=True)
        last = looked_at[-1]
        whole = await audience(connection, self._workspace_id, now=at, params=self._params)
        statement = (
            select(col(Contact.id))
            .where(
                mine,
                col(Contact.id) > begin,
                col(Contact.id) <= last,
                whole.condition(self._predicate),
            )
            .order_by(col(Contact.id))
            .limit(size)
        )
        found = list((await connection.execute(statement, whole.parameters)).scalars())
        if len(found) == size:
            return Members(found, found[-1], done=False)
        return Members(found, last, len(looked_at) < WINDOW)
