"""The dispatcher's loop: find lanes with work, hold one at a time, decide, then call Temporal.

A lane is held by a session-level advisory lock on the connection that works on it, so a process
that dies lets go of its lanes at once and any other process goes on where it stood.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from engine.dispatch.lane import decide_lane, oldest_fact, set_aside
from engine.dispatch.temporal_calls import TemporalCalls, owed_calls, record_made
from engine.lanes import LANES, LOCK_SPACE
from engine.rules import RuleBooks, RulesUnreadable
from engine.wakeup import Wakeup
from storage.database import Database
from storage.faults import is_passing

POLL_SECONDS = 0.5
"""How often other processes' commits and due commands are looked for."""
STANDBY_SECONDS = 2.0
"""The same in a process that takes over when no other dispatches: it stays out of their way."""
BATCH = 200
ROUNDS = 5
"""Batches of one lane before the others' turn: a lane with a backlog must not keep them waiting."""

log = structlog.get_logger(__name__)

_LANES_WITH_WORK = text("""
    SELECT lane FROM generate_series(0, :lanes - 1) AS lane
    WHERE EXISTS (SELECT FROM facts f WHERE f.lane = lane.lane)
       OR EXISTS (SELECT FROM commands c WHERE c.lane = lane.lane AND c.due_at <= :now)
""")

Connect = Callable[[], Awaitable[Client]]


class Dispatcher:
    """Drains lanes until cancelled. Any number of processes may each run one."""

    def __init__(
        self,
        database: Database,
        connect: Connect,
        *,
        task_queue: str,
        wakeup: Wakeup | None = None,
        at_once: int = 4,
        poll: float = POLL_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._connect = connect
        self._task_queue = task_queue
        self._wakeup = wakeup or Wakeup()
        self._at_once = at_once
        self._poll = poll
        self._clock = clock
        self._books = RuleBooks()
        self._temporal_away_until = 0.0

    async def run(self) -> None:
        """Work until cancelled; what fails is logged and tried again."""
        pause = self._poll
        while True:
            try:
                worked = await self.drain()
                pause = self._poll
            except Exception as error:
                if is_passing(error):
                    log.warning("dispatch.database_away", error=str(error).splitlines()[0])
                else:
                    log.exception("dispatch.failed")
                worked, pause = 0, min(pause * 2, 10.0)
            if not worked:
                await self._wakeup.wait(pause)

    async def drain(self) -> int:
        """Work once on each lane with something to do; how many facts and calls were handled."""
        async with self._database.engine.connect() as connection:
            lanes = list(
                (
                    await connection.execute(
                        _LANES_WITH_WORK, {"lanes": LANES, "now": self._clock()}
                    )
                ).scalars()
            )
        if not lanes:
            return 0
        gate = asyncio.Semaphore(self._at_once)

        async def work(lane: int) -> int:
            async with gate:
                return await self._hold_and_work(lane)

        results = await asyncio.gather(*(work(lane) for lane in lanes), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        if errors:
            raise errors[0]
        return sum(result for result in results if isinstance(result, int))

    async def _hold_and_work(self, lane: int) -> int:
        async with self._database.engine.connect() as connection:
            async with _never_kept(connection):
                held = await connection.scalar(
                    text("SELECT pg_try_advisory_lock(:space, :lane)"),
                    {"space": LOCK_SPACE, "lane": lane},
                )
                await connection.commit()
            if not held:
                return 0
            try:
                return await self._work(connection, lane)
            finally:
                await self._let_go(connection, lane)

    async def _let_go(self, connection: AsyncConnection, lane: int) -> None:
        async with _never_kept(connection):
            await connection.rollback()
            await connection.execute(
                text("SELECT pg_advisory_unlock(:space, :lane)"),
                {"space": LOCK_SPACE, "lane": lane},
            )
            await connection.commit()

    async def _work(self, connection: AsyncConnection, lane: int) -> int:
        handled = 0
        for _ in range(ROUNDS):
            facts = await self._decide(connection, lane)
            calls = await self._call_temporal(connection, lane)
            handled += facts + calls
            if facts < BATCH:
                break
        return handled

    async def _decide(self, connection: AsyncConnection, lane: int) -> int:
        try:
            async with connection.begin():
                run = await decide_lane(
                    connection, lane, self._books, now=self._clock(), limit=BATCH
                )
        except RulesUnreadable as error:
            log.error("dispatch.rules_unreadable", lane=lane, error=str(error))  # noqa: TRY400
            return 0
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("dispatch.batch_failed", lane=lane)
            return await self._decide_one(connection, lane)
        for seq, reason in run.failures:
            log.error("dispatch.fact_set_aside", fact=seq, error=reason)
        return run.facts

    async def _decide_one(self, connection: AsyncConnection, lane: int) -> int:
        """After a batch failed: take its first fact alone, so that only a bad one is set aside."""
        async with connection.begin():
            first = await oldest_fact(connection, lane)
        if first is None:
            return 0
        try:
            async with connection.begin():
                run = await decide_lane(
                    connection, lane, self._books, now=self._clock(), only=first
                )
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("dispatch.fact_set_aside", lane=lane, fact=first)
            async with connection.begin():
                await set_aside(connection, first, str(error), now=self._clock())
            return 1
        return run.facts

    async def _call_temporal(self, connection: AsyncConnection, lane: int) -> int:
        """Make what is owed. While Temporal is away decisions go on; calls wait for it."""
        async with connection.begin():
            calls = await owed_calls(connection, lane, now=self._clock())
        if not calls or asyncio.get_running_loop().time() < self._temporal_away_until:
            return 0
        try:
            done = await TemporalCalls(await self._connect(), self._task_queue).make(calls)
        except Exception as error:  # noqa: BLE001  (whatever the client raises: it is tried again)
            log.warning("dispatch.temporal_away", error=str(error), owed=len(calls))
            self._temporal_away_until = asyncio.get_running_loop().time() + 1.0
            return 0
        for call, reason in done.refused:
            log.error("dispatch.call_refused", journey=call.journey_id, kind=call.kind, why=reason)
        async with connection.begin():
            await record_made(connection, done, now=self._clock())
        return len(done.made) + len(done.refused)


@contextlib.asynccontextmanager
async def _never_kept(connection: AsyncConnection) -> AsyncIterator[None]:
    """A connection that fails in here may hold a lane's lock: it must not return to the pool."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):
            await connection.invalidate()
        raise


@contextlib.asynccontextmanager
async def running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Run a dispatcher in the background; at the end it is cancelled and lets go of its lanes."""
    task = asyncio.create_task(dispatcher.run(), name="dispatcher")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
