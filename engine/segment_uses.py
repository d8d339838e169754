"""What names a segment, and so keeps it from being deleted."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.segment_names import segments_in, segments_of_workflow
from journeys.sketches import whole
from journeys.validation import parse_predicate
from storage.repositories import segments as repository
from storage.repositories.segments import SegmentRecord


@dataclass(frozen=True)
class SegmentUses:
    """The keys of what names a segment, in their order."""

    segments: list[str]
    workflows: list[str]
    """With drafts, running versions, and older ones on which journeys still run."""


async def uses_of(
    connection: AsyncConnection, workspace_id: UUID, record: SegmentRecord
) -> SegmentUses:
    """Find the segments and workflows that name this one."""
    segments = {
        other.key
        for other in await repository.all_segments(connection, workspace_id)
        if other.definition is not None
        and other.id != record.id
        and record.key in segments_in(parse_predicate(other.definition))
    }
    workflows = {
        found.workflow
        for found in await repository.definitions_mentioning(connection, workspace_id, record.key)
        if (drawn := whole(found.definition)) and record.key in segments_of_workflow(drawn)
    }
    return SegmentUses(sorted(segments), sorted(workflows))
