"""The walker's questions, answered from PostgreSQL inside the walk's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.advance.state import JourneyState
from engine.advance.versions import LoadedVersion
from engine.advance.waiting import Since, first_answer, sent_at, started_by
from engine.emitting import Emission, emit, filled
from journeys.definition import EmitBlock, WaitForBlock
from journeys.predicates import Predicate
from storage.contact_fields import read_field

_PASSED = text("""
    SELECT EXISTS (
        SELECT FROM journey_steps WHERE journey_id = :id AND block = :block AND outcome = 'passed'
    )
""")


class DatabaseWorld:
    """One journey's contact, as committed before this transaction's statements."""

    def __init__(
        self,
        connection: AsyncConnection,
        state: JourneyState,
        version: LoadedVersion,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._state = state
        self._version = version
        self._now = now

    async def holds(self, block_id: str, predicate: Predicate) -> bool:
        """Evaluate a condition by one indexed query."""
        return await self._version.condition(block_id, predicate).holds(
            self._connection,
            contact_id=self._state.contact_id,
            now=self._now,
            workspace_zone=self._state.workspace_zone,
            params=self._state.params,
            workspace_id=self._state.workspace_id,
            journey_id=self._state.id,
            journey_started_at=self._state.started_at,
        )

    async def field(self, name: str) -> Any:
        """A field of the contact, built-in or custom."""
        return await read_field(self._connection, self._state.contact_id, name)

    async def passed_before(self, block_id: str) -> bool:
        """Whether an earlier visit of this timer did not wait."""
        found = await self._connection.scalar(_PASSED, {"id": self._state.id, "block": block_id})
        return bool(found)

    async def began_at(self) -> datetime:
        """When the starting event arrived, or the journey was started without one."""
        return await started_by(self._connection, self._state.id) or self._state.started_at

    async def sent_at(self, visit: int) -> datetime | None:
        """When the message of a visit was handed over."""
        return await sent_at(self._connection, self._state.id, visit)

    async def answer(self, block: WaitForBlock, since: Since, until: datetime) -> Since | None:
        """The event that the block waits for, if it arrived in time."""
        return await first_answer(
            self._connection,
            block,
            since,
            until,
            journey_id=self._state.id,
            contact_id=self._state.contact_id,
            params=self._state.params,
            now=self._now,
        )

    async def emit(self, block: EmitBlock, visit: int, depth: int) -> bool:
        """Record the block's event; False if too many emit blocks led to it."""
        emission = Emission(
            journey_id=self._state.id,
            workspace_id=self._state.workspace_id,
            contact_id=self._state.contact_id,
            visit=visit,
            name=block.event,
            properties=filled(block.properties, self._state.params),
            depth=depth,
        )
        return await emit(self._connection, emission, now=self._now)
