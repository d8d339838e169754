"""Segments of a scenario, followed by hand: tests decide when facts, clock and backfill run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from engine.dispatch.lane import decide_lane
from engine.lanes import LOCK_SPACE
from engine.membership.backfill import Progress, backfill, backfill_page
from engine.membership.clearing import clear
from engine.rule_lock import hold_rules
from engine.rules import RuleBooks
from engine.segment_clock import tick
from engine.segments import change_members, create_segment, get_segment, save_segment
from storage.database import Database
from tests.support.ingesting import send_calls
from tests.support.scenario import Scenario

PREMIUM = {"field": "plan", "op": "=", "value": "premium"}


def track(user: str, event: str, at: datetime | None = None, **properties: Any) -> dict[str, Any]:
    """A call of `/v1/track`."""
    call = {"type": "track", "userId": user, "event": event, "properties": properties}
    return call if at is None else {**call, "timestamp": at.isoformat()}


def identify(user: str, **traits: Any) -> dict[str, Any]:
    """A call of `/v1/identify`."""
    return {"type": "identify", "userId": user, "traits": traits}


def entry(segment: str) -> dict[str, Any]:
    """A start by entering a segment."""
    return {"kind": "segment", "segment": segment, "schedule": "entry"}


_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


async def until_waiting(database: Database, count: int) -> None:
    """Until so many wait for a lock; each look is a transaction, within one it does not change."""
    async with asyncio.timeout(15):
        while True:
            async with database.transaction() as connection:
                if await connection.scalar(_WAITING) == count:
                    return
            await asyncio.sleep(0.01)


@dataclass
class Segments:
    """The live segments of one workspace."""

    scenario: Scenario
    books: RuleBooks = field(default_factory=RuleBooks)

    async def make(
        self, key: str, where: dict[str, Any] | None, *, now: datetime | None = None, **more: Any
    ) -> None:
        """Make a segment and look through everybody."""
        now = now or datetime.now(UTC)
        async with self.scenario.database.transaction() as connection:
            await create_segment(
                connection, self.scenario.workspace_id, key=key, name=key, where=where, now=now,
                **more,
            )  # fmt: skip
        await self.backfill(key, now=now)

    async def save(
        self, key: str, where: dict[str, Any], *, now: datetime | None = None, **more: Any
    ) -> None:
        """Change a segment's predicate; everybody is still to be looked through."""
        async with self.scenario.database.transaction() as connection:
            await hold_rules(connection, self.scenario.workspace_id)
            await save_segment(
                connection, self.scenario.workspace_id, key, name=key, where=where,
                now=now or datetime.now(UTC), **more,
            )  # fmt: skip

    async def backfill(self, key: str, *, now: datetime | None = None) -> int:
        """Look through everybody, as the activity does; how many contacts that were."""
        segment = await self.id_of(key)
        await clear(self.scenario.database, segment)
        return await backfill(
            self.scenario.database,
            segment,
            self.books,
            clock=lambda: now or datetime.now(UTC),
        )

    async def page(self, key: str, *, now: datetime | None = None) -> Progress:
        """Look through the next page of a backfill."""
        segment = await self.id_of(key)
        async with self.scenario.database.transaction() as connection:
            return await backfill_page(
                connection, segment, self.books, clock=lambda: now or datetime.now(UTC)
            )

    async def id_of(self, key: str) -> UUID:
        """A segment's id."""
        async with self.scenario.database.transaction() as connection:
            return (await get_segment(connection, self.scenario.workspace_id, key)).id

    async def state_of(self, key: str) -> str:
        """`backfilling` or `live`."""
        async with self.scenario.database.transaction() as connection:
            return (await get_segment(connection, self.scenario.workspace_id, key)).state

    async def put(self, key: str, *users: str, settle: bool = True) -> None:
        """Put contacts on a static list."""
        await self._change_list(key, add=users)
        if settle:
            await self.settle()

    async def take(self, key: str, *users: str, settle: bool = True) -> None:
        """Take contacts off a static list."""
        await self._change_list(key, remove=users)
        if settle:
            await self.settle()

    async def _change_list(
        self, key: str, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        now = datetime.now(UTC)
        async with self.scenario.database.transaction() as connection:
            await change_members(
                connection, self.scenario.workspace_id, key, add=add, remove=remove, now=now
            )

    async def journeys_of(self, user: str) -> list[Any]:
        """The journeys of one contact."""
        return await self.scenario.rows(
            "SELECT j.* FROM journeys j JOIN contacts c ON c.id = j.contact_id "
            "WHERE j.workspace_id = :w AND c.user_id = :user ORDER BY j.started_at",
            user=user,
        )

    async def send(self, *calls: dict[str, Any], now: datetime | None = None) -> None:
        """Store calls as ingestion does, and let the segments follow."""
        await send_calls(self.scenario.database, self.scenario.workspace_id, *calls)
        await self.settle(now=now)

    async def settle(self, *, now: datetime | None = None) -> None:
        """Decide on every queued fact."""
        now = now or datetime.now(UTC)
        lanes = [
            row.lane
            for row in await self.scenario.rows(
                "SELECT DISTINCT lane FROM facts WHERE workspace_id = :w ORDER BY lane"
            )
        ]
        for lane in lanes:
            async with self.scenario.database.engine.connect() as connection:
                taken = {"space": LOCK_SPACE, "lane": lane}
                await connection.exec_driver_sql(
                    "SELECT pg_advisory_lock({space}, {lane})".format(**taken)
                )
                await connection.commit()
                try:
                    while True:
                        async with connection.begin():
                            run = await decide_lane(connection, lane, self.books, now=now)
                        assert not run.failures
                        if not run.facts:
                            break
                finally:
                    await connection.exec_driver_sql(
                        "SELECT pg_advisory_unlock({space}, {lane})".format(**taken)
                    )
                    await connection.commit()

    async def pass_time(self, now: datetime) -> datetime | None:
        """Let the clock strike for all that fell due by now; when it strikes next."""
        while True:
            async with self.scenario.database.transaction() as connection:
                _, wakes_at = await tick(connection, self.scenario.workspace_id, now=now)
            await self.settle(now=now)
            if wakes_at is None or wakes_at > now:
                rows = await self.scenario.rows(
                    "SELECT min(due_at) AS due FROM segment_instants WHERE workspace_id = :w"
                )
                if rows[0].due is None or rows[0].due > now:
                    return rows[0].due

    async def members(self, key: str) -> set[str]:
        """The userIds of those who are in a segment now."""
        rows = await self.scenario.rows(
            "SELECT c.user_id FROM segment_members m JOIN segments s ON s.id = m.segment_id "
            "JOIN contacts c ON c.id = m.contact_id WHERE s.workspace_id = :w AND s.key = :key",
            key=key,
        )
        return {row.user_id for row in rows}

    async def stays(self, key: str) -> list[tuple[str, datetime, datetime]]:
        """Memberships that ended: userId, from, to; in the order of their ends."""
        rows = await self.scenario.rows(
            "SELECT c.user_id, t.entered_at, t.left_at FROM segment_stays t "
            "JOIN segments s ON s.id = t.segment_id JOIN contacts c ON c.id = t.contact_id "
            "WHERE s.workspace_id = :w AND s.key = :key ORDER BY t.left_at, t.id",
            key=key,
        )
        return [tuple(row) for row in rows]
