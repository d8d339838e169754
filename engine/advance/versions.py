"""Published versions as the walker needs them, parsed once per process (they never change)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.advance.state import JourneyState
from journeys.definition import Definition
from journeys.predicates import Predicate
from storage.predicate_sql import PreparedPredicate, SegmentSource, load_segments, prepare

MAX_KEPT = 500


@dataclass
class LoadedVersion:
    """A parsed definition, with its conditions compiled as they are met."""

    definition: Definition
    segments: SegmentSource
    conditions: dict[str, PreparedPredicate] = field(default_factory=dict)

    def condition(self, block_id: str, predicate: Predicate) -> PreparedPredicate:
        """The block's predicate as a prepared statement."""
        prepared = self.conditions.get(block_id)
        if prepared is None:
            prepared = self.conditions[block_id] = prepare(predicate, self.segments)
        return prepared


class Versions:
    """A bounded cache by version and the workspace's rules revision (segments may change)."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, int], LoadedVersion] = OrderedDict()

    async def get(self, connection: AsyncConnection, state: JourneyState) -> LoadedVersion:
        """The version that a journey runs."""
        key = (state.version_id, state.rules_revision)
        version = self._kept.get(key)
        if version is None:
            data = await connection.scalar(
                text("SELECT definition FROM workflow_versions WHERE id = :id"),
                {"id": state.version_id},
            )
            version = LoadedVersion(
                Definition.model_validate(data),
                await load_segments(connection, state.workspace_id),
            )
            self._kept[key] = version
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return version
