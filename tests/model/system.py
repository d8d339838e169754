"""The engine itself, on PostgreSQL, moved by hand: facts, clock, dispatch, and walks in one order.

Temporal is left out: what it would be asked is in `commands`, and what it would remember, the time
at which a journey is due, is in the journey's row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from engine.advance import advance
from engine.advance.bookkeeping import AdvanceCall
from engine.advance.versions import Versions
from engine.segments import change_members
from tests.model.rules import SEGMENTS, WORKFLOWS
from tests.support.ingesting import send_calls, upsert_orders
from tests.support.scenario import Scenario
from tests.support.segments import Segments

RULES = {"workspaces", "workflows", "workflow_versions", "segments", "interests", "segment_clocks"}

_READY = """
    SELECT j.id, j.step, w.key, c.user_id, j.started_at, coalesce(j.params ->> 'n', '') AS n
    FROM journeys j JOIN workflows w ON w.id = j.workflow_id JOIN contacts c ON c.id = j.contact_id
    WHERE j.workspace_id = :w AND j.state = 'running' AND (
        j.due_at <= :now OR EXISTS (
            SELECT FROM commands o WHERE o.journey_id = j.id AND o.kind IN ('start', 'wake')
        )
    )
"""

_NEXT = """
    SELECT min(due_at) AS due FROM (
        SELECT due_at FROM segment_instants WHERE workspace_id = :w
        UNION ALL SELECT due_at FROM journeys WHERE workspace_id = :w AND state = 'running'
    ) d WHERE due_at > :after AND due_at <= :until
"""

_TOLD = {
    "members": """
        SELECT s.key, c.user_id, m.entered_at FROM segment_members m
        JOIN segments s ON s.id = m.segment_id JOIN contacts c ON c.id = m.contact_id
        WHERE m.workspace_id = :w
    """,
    "stays": """
        SELECT s.key, c.user_id, m.entered_at, m.left_at FROM segment_stays m
        JOIN segments s ON s.id = m.segment_id JOIN contacts c ON c.id = m.contact_id
        WHERE m.workspace_id = :w
    """,
    "decisions": """
        SELECT w.key, c.user_id, d.outcome FROM entry_decisions d
        JOIN workflows w ON w.id = d.workflow_id JOIN contacts c ON c.id = d.contact_id
        WHERE d.workspace_id = :w
    """,
    "journeys": """
        SELECT c.user_id, w.key, j.started_at, coalesce(j.params ->> 'n', ''), j.state,
               coalesce(j.reason_kind, ''),
               CASE WHEN j.reason_kind = 'exit' THEN coalesce(j.reason_detail, '') ELSE '' END,
               coalesce(j.block, ''),
               coalesce(CASE WHEN j.state = 'running' THEN j.due_at END, j.ended_at, j.started_at)
        FROM journeys j JOIN workflows w ON w.id = j.workflow_id
        JOIN contacts c ON c.id = j.contact_id WHERE j.workspace_id = :w
    """,
}
"""A running journey shows when it is due, an ended one when it ended."""

Facts = Mapping[str, Sequence[tuple[Any, ...]]]
"""What can be compared, by what it is: sorted rows."""


@dataclass
class System:
    """One workspace with the rules of the model's world."""

    scenario: Scenario
    segments: Segments
    versions: Versions = field(default_factory=Versions)

    @classmethod
    async def with_rules(cls, scenario: Scenario) -> System:
        """Publish everything, for nobody yet."""
        segments = Segments(scenario)
        for key, where in SEGMENTS.items():
            if where is None:
                await segments.make(key, None)
        for key, where in SEGMENTS.items():
            if where is not None:
                await segments.make(key, where)
        for key, workflow in WORKFLOWS.items():
            await scenario.publish(key, **workflow)
        return cls(scenario, segments)

    async def forget_everybody(self) -> None:
        """As before the first fact."""
        async with self.scenario.database.transaction() as connection:
            for table in reversed(SQLModel.metadata.sorted_tables):
                if "workspace_id" in table.c and table.name not in RULES:
                    await connection.execute(
                        table.delete().where(table.c.workspace_id == self.scenario.workspace_id)
                    )

    async def call(self, calls: Sequence[dict[str, Any]], now: datetime) -> None:
        """One batch of calls arrives."""
        await send_calls(self.scenario.database, self.scenario.workspace_id, *calls, now=now)

    async def order(self, orders: Sequence[dict[str, Any]], now: datetime) -> None:
        """One batch of orders arrives."""
        await upsert_orders(self.scenario.database, self.scenario.workspace_id, *orders, now=now)

    async def change_list(self, key: str, user: str, on: bool, now: datetime) -> None:
        """Somebody edits a static list."""
        async with self.scenario.database.transaction() as connection:
            await change_members(
                connection, self.scenario.workspace_id, key,
                add=[user] if on else [], remove=[] if on else [user], now=now,
            )  # fmt: skip

    async def act(self, now: datetime) -> None:
        """Decide on what is new, then let one journey after the other go on, until nobody can."""
        while True:
            await self.segments.settle(now=now)
            ready = sorted(
                await self.scenario.rows(_READY, now=now),
                key=lambda row: (row.user_id, row.key, row.started_at, row.n),
            )
            if not ready:
                break
            async with self.scenario.database.transaction() as connection:
                await connection.execute(
                    text("DELETE FROM commands WHERE journey_id = :j"), {"j": ready[0].id}
                )
                await advance(
                    connection, AdvanceCall(ready[0].id, ready[0].step, now), self.versions
                )

    async def pass_time(self, now: datetime) -> None:
        """The clock of the segments strikes, and timers fire."""
        await self.segments.pass_time(now)
        await self.act(now)

    async def next_change(self, after: datetime, until: datetime) -> datetime | None:
        """For when the system has set itself an alarm."""
        [row] = await self.scenario.rows(_NEXT, after=after, until=until)
        due: datetime | None = row.due
        return due

    async def told(self) -> Facts:
        """All that can be seen from outside."""
        async with self.scenario.database.transaction() as connection:
            return {
                what: sorted(
                    tuple(row)
                    for row in await connection.execute(
                        text(sql), {"w": self.scenario.workspace_id}
                    )
                )
                for what, sql in _TOLD.items()
            }
