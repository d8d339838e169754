"""Paging by key: each page starts behind the last row of the one before, however deep it lies.

A position is the pair (time, id) that the page indexes are built on, so a page costs its own rows
and rows written meanwhile neither shift nor repeat what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, tuple_
from sqlalchemy.orm import Mapped

T = TypeVar("T")
AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Position:
    """Behind which row a page begins."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class PageRequest:
    """At most `limit` rows, from the newest on or behind `after`."""

    limit: int = 50
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, newest first, and where the next page begins (None after the last row)."""

    items: list[T]
    next: Position | None


def newest_first(
    statement: AnySelect, at: Mapped[datetime], id_: Mapped[UUID], page: PageRequest
) -> AnySelect:
    """Limit a statement to one page and one row more, which tells whether there is a next page."""
    if page.after is not None:
        statement = statement.where(tuple_(at, id_) < (page.after.at, page.after.id))
    return statement.order_by(at.desc(), id_.desc()).limit(page.limit + 1)


def cut(rows: Sequence[T], page: PageRequest, position: Callable[[T], Position]) -> Page[T]:
    """A page of the rows read by a statement from `newest_first`."""
    items = list(rows[: page.limit])
    return Page(items, position(items[-1]) if len(rows) > page.limit else None)


def records(rows: Sequence[AnyRow], record: type[T]) -> list[T]:
    """The rows as records whose fields are named as the columns."""
    return [record(**row._mapping) for row in rows]  # noqa: SLF001  (a public name of SQLAlchemy)


def record_or_none(row: AnyRow | None, record: type[T]) -> T | None:
    """The row as a record, or None."""
    return None if row is None else record(**row._mapping)  # noqa: SLF001
