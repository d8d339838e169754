"""Who is a member, worked out when it is asked, by one statement for the whole workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, func, select, text
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from journeys.predicates import Predicate
from storage.predicate_sql import SegmentSource, SqlContext, compile_filter, compile_predicate
from storage.repositories.contacts import ContactFilter, ContactRecord, conditions
from storage.repositories.keyset import Page, PageRequest, Position, cut, newest_first, records
from storage.tables import Contact, Workspace

_COLUMNS: tuple[Any, ...] = tuple(getattr(Contact, name) for name in ContactRecord.__slots__)


@dataclass(frozen=True)
class Audience:
    """The contacts of a workspace for whom a predicate holds at `now`."""

    workspace_id: UUID
    segments: SegmentSource
    workspace_zone: str
    now: datetime
    params: Mapping[str, Any] = field(default_factory=dict)

    def condition(self, predicate: Predicate) -> ColumnElement[bool]:
        """The predicate over a row of `contacts`. Raises InvalidInput as compiling it does."""
        return compile_predicate(predicate, SqlContext(segments=self.segments))

    def filter(self, predicate: Predicate) -> ColumnElement[bool]:
        """The same for a WHERE, so that indexes can find who passes."""
        return compile_filter(predicate, SqlContext(segments=self.segments))

    @property
    def parameters(self) -> dict[str, Any]:
        """What statements that hold such conditions are executed with."""
        return {
            "predicate_now": self.now,
            "predicate_workspace_zone": self.workspace_zone,
            "predicate_params": dict(self.params),
            "predicate_journey_id": None,
            "predicate_journey_started_at": None,
        }


async def workspace_zone(connection: AsyncConnection, workspace_id: UUID) -> str:
    """The time zone of a workspace."""
    statement = select(col(Workspace.timezone)).where(col(Workspace.id) == workspace_id)
    return str((await connection.execute(statement)).scalar_one())


async def limit_statements(connection: AsyncConnection, seconds: float) -> None:
    """Let PostgreSQL cancel (57014) what takes longer, until the transaction ends."""
    await connection.execute(
        text("SELECT set_config('statement_timeout', :ms, true)"),
        {"ms": str(max(1, int(seconds * 1000)))},
    )


async def count(connection: AsyncConnection, audience: Audience, predicate: Predicate) -> int:
    """How many there are."""
    statement = (
        select(func.count())
        .select_from(Contact)
        .where(
            col(Contact.workspace_id) == audience.workspace_id,
            audience.filter(predicate),
        )
    )
    return int((await connection.execute(statement, audience.parameters)).scalar_one())


async def members(
    connection: AsyncConnection,
    audience: Audience,
    predicate: Predicate,
    page: PageRequest,
    filter_: ContactFilter | None = None,
) -> Page[ContactRecord]:
    """A page of them, the newest contacts first; `filter_` must hold, too."""
    statement = select(*_COLUMNS).where(
        col(Contact.workspace_id) == audience.workspace_id,
        audience.filter(predicate),
        *conditions(filter_ or ContactFilter()),
    )
    statement = newest_first(statement, col(Contact.created_at), col(Contact.id), page)
    rows = (await connection.execute(statement, audience.parameters)).all()
    return cut(records(rows, ContactRecord), page, lambda c: Position(c.created_at, c.id))


async def holding(
    connection: AsyncConnection,
    audience: Audience,
    predicates: Sequence[Predicate],
    contact_id: UUID,
) -> list[bool]:
    """Which of the predicates hold for one contact, in one statement.

    An array, because a statement has at most 1,664 columns.
    """
    if not predicates:
        return []
    conditions = [audience.condition(predicate) for predicate in predicates]
    statement = select(array[Any](conditions, type_=Boolean())).where(col(Contact.id) == contact_id)
    answer: Any = await connection.scalar(statement, audience.parameters)
    return [False] * len(predicates) if answer is None else list(answer)
