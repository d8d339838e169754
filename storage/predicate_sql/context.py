"""What a compiled predicate refers to beside the contact's row, and where segments come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import DateTime, FromClause, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from journeys.errors import InvalidInput
from journeys.predicates import Predicate
from storage.tables import Contact, Segment

CONTACTS: FromClause = Contact.__table__  # type: ignore[attr-defined]

_PREDICATE: TypeAdapter[Predicate] = TypeAdapter(Predicate)


class SegmentSource:
    """A workspace's segments by key: a predicate (parsed when first asked for) or a list's id."""

    def __init__(self, segments: Mapping[str, Predicate | Mapping[str, Any] | UUID]) -> None:
        self._segments = dict(segments)

    def get(self, key: str) -> Predicate | UUID:
        """The segment of this key. Raises InvalidInput if there is none, or it cannot be read."""
        segment = self._segments.get(key)
        if segment is None:
            raise InvalidInput(f"there is no segment {key!r}")
        if isinstance(segment, Mapping):
            try:
                segment = self._segments[key] = _PREDICATE.validate_python(segment)
            except ValidationError as error:
                raise InvalidInput(f"segment {key!r} cannot be read: {error}") from error
        return segment


NO_SEGMENTS = SegmentSource({})


async def load_segments(connection: AsyncConnection, workspace_id: UUID) -> SegmentSource:
    """All segments of a workspace."""
    rows = await connection.execute(
        select(Segment.id, Segment.key, Segment.definition).where(  # type: ignore[call-overload]
            Segment.workspace_id == workspace_id
        )
    )
    return SegmentSource(
        {row.key: row.id if row.definition is None else row.definition for row in rows}
    )


def _param(name: str, type_: Any) -> ColumnElement[Any]:
    return bindparam(name, type_=type_)


@dataclass(frozen=True, kw_only=True)
class SqlContext:
    """SQL expressions that a predicate may use; by default, parameters of these names to bind.

    They may also be columns of a statement that the predicate is put into, such as a journey's
    `params`. `contact` is the `contacts` table or an alias of it, in the FROM of that statement.
    """

    segments: SegmentSource = NO_SEGMENTS
    contact: FromClause = CONTACTS
    now: ColumnElement[Any] = field(
        default_factory=lambda: _param("predicate_now", DateTime(timezone=True))
    )
    workspace_zone: ColumnElement[Any] = field(
        default_factory=lambda: _param("predicate_workspace_zone", Text())
    )
    params: ColumnElement[Any] = field(default_factory=lambda: _param("predicate_params", JSONB()))
    """A `jsonb` object: the starting event's properties."""
    journey_id: ColumnElement[Any] = field(
        default_factory=lambda: _param("predicate_journey_id", Uuid())
    )
    journey_started_at: ColumnElement[Any] = field(
        default_factory=lambda: _param("predicate_journey_started_at", DateTime(timezone=True))
    )
