"""The walker's questions, answered from PostgreSQL inside the walk's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.advance.choosing import candidates, first_reached
from engine.advance.message_states import has_reached
from engine.advance.orders import bound_order
from engine.advance.state import JourneyState
from engine.advance.versions import LoadedVersion
from engine.advance.waiting import Since, first_answer, first_entry, sent_at, started_by
from engine.advance.walk import Choice
from engine.emitting import Emission, emit, filled
from engine.promo import CodeWanted, take_code
from engine.updating import Update, update
from journeys.choosing import choose
from journeys.definition import (
    BestOfBlock,
    EmitBlock,
    FirstReachableBlock,
    PromoBlock,
    UpdateBlock,
    WaitForBlock,
)
from journeys.predicates import Predicate, SegmentLeaf
from storage.contact_fields import read_field

LONGEST_OUTCOME = 500
"""Characters of a step's outcome: a block may refuse many values."""

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
        self._params = {**(state.variables or {}), **state.params}
        """The starting event's properties; behind them, what this journey's blocks left."""

    async def holds(self, block_id: str, predicate: Predicate) -> bool:
        """Evaluate a condition by one indexed query."""
        return await self._version.condition(block_id, predicate).holds(
            self._connection,
            contact_id=self._state.contact_id,
            now=self._now,
            workspace_zone=self._state.workspace_zone,
            params=self._params,
            workspace_id=self._state.workspace_id,
            journey_id=self._state.id,
            journey_started_at=self._state.started_at,
        )

    async def choose(self, block: BestOfBlock | FirstReachableBlock, visit: int) -> Choice | str:
        """The first way that reaches the contact; or a message that may be the best."""
        if isinstance(block, FirstReachableBlock):
            ways = [one.channel for one in block.channels]
            first = await first_reached(self._connection, ways, self._state.contact_id)
            if first is None:
                return "unreachable"
            return Choice(ways[first], block.channels[first].template)
        found = await candidates(
            self._connection,
            block,
            workspace_id=self._state.workspace_id,
            contact_id=self._state.contact_id,
            now=self._now,
        )
        if not found:
            return "nothing_new"
        chance = Random(f"{self._state.id}:{visit}")  # noqa: S311  (no secret)
        return Choice(block.channel, choose(found, chance).template)

    async def fields(self, name: str) -> Mapping[str, Any]:
        """A field of the contact, built-in or custom; what a dotted name leads into."""
        found = {name: await read_field(self._connection, self._state.contact_id, name)}
        root = name.partition(".")[0]
        if found[name] is None and root != name:
            found = {root: await read_field(self._connection, self._state.contact_id, root)}
        return found

    async def order(self) -> Mapping[str, Any]:
        """The order that the starting event is about, else the contact's latest."""
        return await bound_order(
            self._connection,
            workspace_id=self._state.workspace_id,
            contact_id=self._state.contact_id,
            params=self._state.params,
        )

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
        """What the block waits for, if it happened in time."""
        if block.segment is not None:
            return await self._joined(block, block.segment, since, until)
        if block.message is not None:
            reached = await has_reached(self._connection, block.message, self._state.id, until)
            return since if reached else None
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

    async def _joined(
        self, block: WaitForBlock, segment: str, since: Since, until: datetime
    ) -> Since | None:
        """As a condition sees it now; and what the dispatcher wrote down since the last wait."""
        entry = await first_entry(
            self._connection,
            segment,
            since,
            until,
            workspace_id=self._state.workspace_id,
            contact_id=self._state.contact_id,
            began_at=self._state.started_at,
        )
        if entry is not None:
            return entry
        member = self._now <= until and await self.holds(block.id, SegmentLeaf(segment=segment))
        return since if member else None

    async def emit(self, block: EmitBlock, visit: int, depth: int) -> str:
        """Record the block's event, unless too many emit blocks led to it."""
        emission = Emission(
            journey_id=self._state.id,
            workspace_id=self._state.workspace_id,
            contact_id=self._state.contact_id,
            visit=visit,
            name=block.event,
            properties=filled(block.properties, self._params),
            depth=depth,
        )
        emitted = await emit(self._connection, emission, now=self._now)
        return "emitted" if emitted else "refused: too deep"

    async def update(self, block: UpdateBlock, depth: int) -> tuple[str, str | None]:
        """Change the contact; what cannot be applied is left out and told."""
        wanted = Update(
            workspace_id=self._state.workspace_id,
            workflow_id=self._state.workflow_id,
            contact_id=self._state.contact_id,
            block=block,
            params=self._params,
            depth=depth,
        )
        updated = await update(self._connection, wanted, now=self._now)
        outcome = f"refused: {'; '.join(updated.refused)}" if updated.refused else "updated"
        return outcome[:LONGEST_OUTCOME], updated.timezone

    async def take_code(self, block: PromoBlock, visit: int) -> tuple[str, str | None]:
        """Take the oldest free code of the pool."""
        wanted = CodeWanted(
            workspace_id=self._state.workspace_id,
            pool=block.pool,
            journey_id=self._state.id,
            block=block.id,
            visit=visit,
        )
        code = await take_code(self._connection, wanted, now=self._now)
        if code is None:
            return "empty", None
        if block.as_ not in self._state.params:
            self._params[block.as_] = code
        return "taken", code
