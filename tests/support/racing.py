"""Races on a real database: several dispatchers at once, everybody at a moment of their own."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from temporalio.client import Client

from engine.dispatch.dispatcher import Connect, Dispatcher
from engine.ingest import Stale
from storage.faults import is_passing
from tests.support.ingesting import send_calls
from tests.support.scenario import Scenario

DISPATCHERS = 3
AT_ONCE = 10
"""People who act at one time: each holds a connection, as each dispatcher does for each lane."""

Result = TypeVar("Result")


@dataclass
class Race:
    """A workspace in which many things happen at once; the seed shuffles when."""

    scenario: Scenario
    seed: int = 1
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    async def a_moment(self, longest: float = 0.02) -> None:
        """Shuffles who is first; nothing waits for it."""
        await asyncio.sleep(self.chance.random() * longest)

    async def everybody(
        self, people: Iterable[str], lives: Callable[[str], Awaitable[None]]
    ) -> None:
        """Let these people live, some at a time."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def live(user: str) -> None:
            async with gate:
                await lives(user)

        await asyncio.gather(*(live(user) for user in people))

    async def send(self, *calls: dict[str, Any]) -> None:
        """Ingestion as the API does it: repeated until it was acknowledged."""
        await until_it_passes(
            lambda: send_calls(self.scenario.database, self.scenario.workspace_id, *calls)
        )

    async def decided(self, user: str) -> None:
        """Wait until no acknowledged fact of the contact is undecided."""
        while await self.scenario.rows(
            "SELECT 1 FROM facts f JOIN contacts c ON c.id = f.contact_id "
            "WHERE f.workspace_id = :w AND c.user_id = :user LIMIT 1",
            user=user,
        ):
            await asyncio.sleep(0.002)

    @contextlib.asynccontextmanager
    async def deciding(
        self, connect: Connect | None = None, queue: str = "none"
    ) -> AsyncIterator[None]:
        """Several dispatchers at work, as in several processes; without Temporal if told nothing.

        At the end everything is decided.
        """
        dispatchers = [
            Dispatcher(self.scenario.database, connect or _nobody, task_queue=queue)
            for _ in range(DISPATCHERS)
        ]

        async def keep_on(dispatcher: Dispatcher) -> None:
            while True:
                await dispatcher.drain()
                await self.a_moment(0.01)

        tasks = [asyncio.create_task(keep_on(dispatcher)) for dispatcher in dispatchers]
        try:
            async with asyncio.timeout(300):
                yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended
        while await dispatchers[0].drain():
            pass

    async def left_over(self) -> list[Any]:
        """Facts that nobody decided on, or that could not be decided on."""
        return await self.scenario.rows(
            "SELECT kind FROM facts WHERE workspace_id = :w "
            "UNION ALL SELECT kind FROM failed_facts WHERE workspace_id = :w"
        )

    async def outcomes(self) -> dict[str, list[str]]:
        """By userId: the outcome of each entry decision, sorted."""
        rows = await self.scenario.rows(
            "SELECT c.user_id, array_agg(d.outcome ORDER BY d.outcome) AS outcomes "
            "FROM entry_decisions d JOIN contacts c ON c.id = d.contact_id "
            "WHERE d.workspace_id = :w GROUP BY 1"
        )
        return {row.user_id: row.outcomes for row in rows}

    async def states(self) -> dict[str, list[str]]:
        """By userId: `running`, or the kind of the reason, of each journey, sorted."""
        rows = await self.scenario.rows(
            "SELECT c.user_id, array_agg(coalesce(j.reason_kind, j.state) ORDER BY 1) AS states "
            "FROM journeys j JOIN contacts c ON c.id = j.contact_id "
            "WHERE j.workspace_id = :w GROUP BY 1"
        )
        return {row.user_id: sorted(row.states) for row in rows}


async def until_it_passes(act: Callable[[], Awaitable[Result]]) -> Result:
    """Repeat a transaction that lost a race, as the API and the activities do."""
    while True:
        try:
            return await act()
        except Exception as error:
            if not isinstance(error, Stale) and not is_passing(error):
                raise


async def _nobody() -> Client:
    raise OSError("Temporal is away")


def track(user: str, event: str, **properties: Any) -> dict[str, Any]:
    """The contact did something."""
    return {"type": "track", "userId": user, "event": event, "properties": properties}


def identify(user: str, **traits: Any) -> dict[str, Any]:
    """The contact's fields."""
    return {"type": "identify", "userId": user, "traits": traits}


def people(count: int) -> list[str]:
    """That many userIds."""
    return [f"user{number}" for number in range(count)]


def utc_now() -> datetime:
    """The real present."""
    return datetime.now(UTC)
