"""The tree of a predicate as one boolean SQL expression, its segments inlined."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, false, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.errors import InvalidInput
from journeys.predicates import (
    AllOf,
    AnyOf,
    EventLeaf,
    FieldLeaf,
    MessageLeaf,
    Not,
    NowLeaf,
    OrderLeaf,
    ParamLeaf,
    Predicate,
    ReachableLeaf,
    SegmentLeaf,
)
from journeys.scope import STARTING_EVENT, Scope
from storage.predicate_sql.context import CONTACTS, NO_SEGMENTS, SegmentSource, SqlContext
from storage.predicate_sql.leaves import Leaves
from storage.predicate_sql.values import Condition

MAX_DEPTH = 50
MAX_PARTS = 1000
"""Parts of a predicate, those of the segments it names included."""


def compile_predicate(predicate: Predicate, context: SqlContext) -> Condition:
    """The predicate as an expression over a row of `context.contact`: true or false, never null.

    Raises InvalidInput if it names an unknown segment or one that contains itself, if it is nested
    deeper than 50 or has more than 1,000 parts, or if a text in it cannot exist in PostgreSQL.
    """
    return Compiler(context).compile(predicate, STARTING_EVENT, (), 0)


def compile_filter(predicate: Predicate, context: SqlContext) -> Condition:
    """The predicate for a WHERE that searches contacts: what is null here is false there.

    The same contacts pass as with `compile_predicate`, but indexes can find them. It must not be
    negated.
    """
    return Compiler(context, searching=True).compile(predicate, STARTING_EVENT, (), 0)


class Compiler:
    """Compiles one predicate and counts its parts.

    `searching`: null is as good as false to whoever asks, except inside a `not`.
    """

    def __init__(self, context: SqlContext, *, searching: bool = False) -> None:
        self._context = context
        self._searching = searching
        self._null_is_false = searching
        self._parts = 0

    def compile(  # noqa: C901, PLR0911, PLR0912 (one a leaf)
        self, predicate: Predicate, scope: Scope, inside: tuple[str, ...], depth: int
    ) -> Condition:
        """Compile a part that stands in `scope`, so deep, in the segments `inside`."""
        self._parts += 1
        if depth > MAX_DEPTH:
            raise InvalidInput(f"a predicate must not be nested deeper than {MAX_DEPTH}")
        if self._parts > MAX_PARTS:
            raise InvalidInput(
                f"a predicate must not have more than {MAX_PARTS} parts, its segments included"
            )
        leaves = Leaves(
            self._context,
            scope,
            searching=self._searching,
            null_is_false=self._null_is_false,
        )
        match predicate:
            case AllOf(all=parts):
                compiled = (self.compile(part, scope, inside, depth + 1) for part in parts)
                return and_(true(), *compiled)
            case AnyOf(any=parts):
                compiled = (self.compile(part, scope, inside, depth + 1) for part in parts)
                return or_(false(), *compiled)
            case Not(not_=part):
                return not_(self._definite(part, scope, inside, depth + 1))
            case SegmentLeaf():
                return self._segment(predicate, scope, inside, depth)
            case FieldLeaf():
                return leaves.field(predicate)
            case ParamLeaf():
                return leaves.param(predicate)
            case EventLeaf():
                return leaves.event(predicate)
            case OrderLeaf(order=query):
                return leaves.order(query)
            case MessageLeaf(message=query):
                return leaves.message(query)
            case ReachableLeaf(reachable=channel):
                return leaves.reachable(channel)
            case NowLeaf(now=query):
                return leaves.now(query)

    def _definite(
        self, predicate: Predicate, scope: Scope, inside: tuple[str, ...], depth: int
    ) -> Condition:
        outside, self._null_is_false = self._null_is_false, False
        try:
            return self.compile(predicate, scope, inside, depth)
        finally:
            self._null_is_false = outside

    def _segment(
        self, leaf: SegmentLeaf, scope: Scope, inside: tuple[str, ...], depth: int
    ) -> Condition:
        if leaf.segment in inside:
            raise InvalidInput(f"segment {leaf.segment!r} contains itself")
        segment = self._context.segments.get(leaf.segment)
        if isinstance(segment, UUID):
            return Leaves(self._context, scope).static_segment(segment)
        bound = scope.inside(leaf.params)
        return self.compile(segment, bound, (*inside, leaf.segment), depth + 1)


class PreparedPredicate:
    """A predicate compiled once, to be asked about one contact at a time."""

    def __init__(self, predicate: Predicate, segments: SegmentSource) -> None:
        condition = compile_predicate(predicate, SqlContext(segments=segments))
        self._statement = select(condition).where(
            CONTACTS.c.workspace_id == bindparam("predicate_workspace_id", type_=Uuid()),
            CONTACTS.c.id == bindparam("predicate_contact_id", type_=Uuid()),
        )

    async def holds(
        self,
        connection: AsyncConnection,
        *,
        workspace_id: UUID,
        contact_id: UUID,
        now: datetime,
        workspace_zone: str = "UTC",
        params: Mapping[str, Any] | None = None,
        journey_id: UUID | None = None,
        journey_started_at: datetime | None = None,
    ) -> bool:
        """Whether it holds for the contact at `now`; false if there is no such contact."""
        answer = await connection.scalar(
            self._statement,
            {
                "predicate_workspace_id": workspace_id,
                "predicate_contact_id": contact_id,
                "predicate_now": now,
                "predicate_workspace_zone": workspace_zone,
                "predicate_params": params or {},
                "predicate_journey_id": journey_id,
                "predicate_journey_started_at": journey_started_at,
            },
        )
        return bool(answer)


def prepare(predicate: Predicate, segments: SegmentSource = NO_SEGMENTS) -> PreparedPredicate:
    """Compile a predicate for single contacts. Raises InvalidInput as `compile_predicate` does."""
    return PreparedPredicate(predicate, segments)
