"""What is wrong with a draft, and what of it may surprise, for whoever draws it.

Shapes are judged first. Of a sketch, the finished parts are judged as well, so that one block that
is still empty does not hide what is wrong with the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.definition import Definition
from journeys.errors import InvalidInput, Issue
from journeys.parsing import MAX_ISSUES, parse_definition, parse_predicate
from journeys.segment_names import parameters
from journeys.sketches import finished_parts
from journeys.validation import SegmentKind, check_definition
from journeys.warnings import definition_warnings
from storage.repositories import workflows as repository
from storage.repositories.topics import topics_of_drafts


@dataclass(frozen=True)
class Review:
    """`issues` keep a draft from being published, `warnings` do not."""

    issues: Sequence[Issue]
    warnings: Sequence[Issue]


@dataclass(frozen=True)
class Names:
    """What a definition may name in its workspace."""

    templates: Mapping[str, str]
    takes: Mapping[str, list[str]]
    kinds: Mapping[str, SegmentKind]
    pools: set[str]
    topics: Mapping[str, Sequence[str]]

    def issues(
        self, definition: Definition, *, senders: frozenset[str] = frozenset(), drawing: bool = True
    ) -> list[Issue]:
        """What is wrong with a definition of the right shape."""
        return check_definition(
            definition,
            templates=self.templates,
            segments=self.kinds,
            parameters=self.takes,
            pools=self.pools,
            topics=self.topics,
            senders=senders,
            drawing=drawing,
        )


async def names_of(connection: AsyncConnection, workspace_id: UUID, *, keep: bool) -> Names:
    """The workspace's templates, segments and pools; `keep` holds them until the commit."""
    predicates = await repository.segment_predicates(connection, workspace_id, keep=keep)
    takes = {
        key: [] if predicate is None else parameters(parse_predicate(predicate))
        for key, predicate in predicates.items()
    }
    return Names(
        templates=await repository.template_channels(connection, workspace_id, keep=keep),
        takes=takes,
        kinds={key: _kind_of(predicates[key], names) for key, names in takes.items()},
        pools=await repository.pool_keys(connection, workspace_id, keep=keep),
        topics=await topics_of_drafts(connection, workspace_id, keep=keep),
    )


def _kind_of(predicate: dict[str, Any] | None, names: Sequence[str]) -> SegmentKind:
    if predicate is None:
        return "list"
    return "parameterised" if names else "dynamic"


async def review(
    connection: AsyncConnection, workspace_id: UUID, data: Mapping[str, Any]
) -> Review:
    """Judge a draft as it is; nothing is stored and nothing held."""
    names = await names_of(connection, workspace_id, keep=False)
    try:
        definition = parse_definition(data)
    except InvalidInput as error:
        return _review_sketch(data, error.issues, names)
    issues = names.issues(definition)
    return Review(issues[:MAX_ISSUES], definition_warnings(definition))


def _review_sketch(data: Mapping[str, Any], shapes: Sequence[Issue], names: Names) -> Review:
    parts = finished_parts(data)
    if parts is None:
        return Review(shapes, [])
    found = names.issues(parts.definition, senders=parts.senders, drawing=False)
    issues = [*shapes, *map(parts.issue, found)]
    warnings = [parts.issue(warning) for warning in definition_warnings(parts.definition)]
    return Review(issues[:MAX_ISSUES], warnings)
