"""A workspace's segments as arriving facts meet them: indexed by what they mention, compiled once.

Live are the segments with a predicate and without parameters: their membership is stored. Static
lists change by hand; parameterised segments are asked with their parameters, whenever it matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Select, Uuid, any_, bindparam, null, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, array

from journeys.mentions import mentions
from journeys.predicates import Predicate, SegmentLeaf
from journeys.segment_names import parameters, values_in
from journeys.validation import parse_predicate
from storage.predicate_sql import SegmentSource, SqlContext, compile_predicate
from storage.predicate_sql.changes import changes_at
from storage.predicate_sql.context import CONTACTS
from storage.repositories.segments import SegmentRecord
from storage.tables.base import UTC_TIME

Interest = tuple[str, str]
AT_ONCE = 20
"""Segments asked in one statement: more would only make it slow to plan."""
VALUES_AT_ONCE = 2_000
"""Values that these compare with in all; a single segment may have as many."""


@dataclass(frozen=True)
class KnownSegment:
    """A live segment, or a static list."""

    id: UUID
    key: str
    live: bool
    backfilling: bool = False
    values: int = 0
    """How many values its predicate compares with."""


class SegmentBook:
    """The segments of one workspace that have members, at one revision of its rules.

    Raises InvalidInput for a predicate that cannot be asked: saving refuses it, so a newer release
    must have saved it.
    """

    def __init__(self, records: Sequence[SegmentRecord], zone: str) -> None:
        self.zone = zone
        self.source = SegmentSource(
            {r.key: r.id if r.definition is None else r.definition for r in records}
        )
        self.by_id: dict[UUID, KnownSegment] = {}
        self.by_key: dict[str, KnownSegment] = {}
        by_interest: dict[Interest, list[KnownSegment]] = defaultdict(list)
        for record in records:
            known, interests = self._read(record)
            if known is None:
                continue
            self.by_id[known.id] = self.by_key[known.key] = known
            for interest in interests:
                by_interest[interest].append(known)
        self.by_interest: dict[Interest, tuple[KnownSegment, ...]] = {
            interest: tuple(segments) for interest, segments in by_interest.items()
        }
        self.live = tuple(segment for segment in self.by_id.values() if segment.live)
        self._statements: dict[tuple[str, ...], Select[Any]] = {}

    def _read(self, record: SegmentRecord) -> tuple[KnownSegment | None, frozenset[Interest]]:
        if record.definition is None:
            return KnownSegment(record.id, record.key, live=False), frozenset()
        predicate = parse_predicate(record.definition)
        if parameters(predicate):
            return None, frozenset()
        leaf = SegmentLeaf(segment=record.key)
        compile_predicate(leaf, SqlContext(segments=self.source))
        backfilling = record.state == "backfilling"
        values = sum(values_in(leaf, self._predicate))
        known = KnownSegment(
            record.id, record.key, live=True, backfilling=backfilling, values=values
        )
        return known, mentions(leaf, self.source.get)

    def _predicate(self, key: str) -> Predicate | None:
        found = self.source.get(key)
        return None if isinstance(found, UUID) else found

    @property
    def interests(self) -> frozenset[Interest]:
        """The facts that may move a contact in or out of any of them."""
        if not self.live:
            return frozenset()
        return frozenset(self.by_interest) | {("contact", "*")}

    def statement(self, segments: Sequence[KnownSegment]) -> Select[Any]:
        """For each contact: is it in these segments, and when can time alone change that.

        Rows of `(contact_id, bool[], timestamptz[])`, both in the order of `segments`.
        """
        keys = tuple(segment.key for segment in segments)
        found = self._statements.get(keys)
        if found is None:
            context = SqlContext(segments=self.source)
            leaves = [SegmentLeaf(segment=key) for key in keys]
            holds = [compile_predicate(leaf, context) for leaf in leaves]
            instants = [changes_at(leaf, context) for leaf in leaves]
            statement: Select[Any] = select(
                CONTACTS.c.id,
                array[Any](holds, type_=Boolean()).label("holds"),
                array[Any](
                    [
                        sql_cast(null() if instant is None else instant, UTC_TIME)
                        for instant in instants
                    ],
                    type_=UTC_TIME,
                ).label("instants"),
            ).where(
                CONTACTS.c.workspace_id == bindparam("workspace", type_=Uuid()),
                CONTACTS.c.id == any_(bindparam("contacts", type_=ARRAY(Uuid()))),
            )
            found = self._statements[keys] = statement
        return found


def in_batches(segments: Sequence[KnownSegment]) -> Iterator[tuple[KnownSegment, ...]]:
    """As few batches as there can be of segments that one statement may ask about."""
    batch: list[KnownSegment] = []
    values = 0
    for segment in segments:
        if batch and (len(batch) == AT_ONCE or values + segment.values > VALUES_AT_ONCE):
            yield tuple(batch)
            batch, values = [], 0
        batch.append(segment)
        values += segment.values
    if batch:
        yield tuple(batch)


def asked_at(now: datetime, zone: str) -> Mapping[str, Any]:
    """What statements that hold predicates of segments are executed with."""
    return {
        "predicate_now": now,
        "predicate_workspace_zone": zone,
        "predicate_params": {},
        "predicate_journey_id": None,
        "predicate_journey_started_at": None,
    }
