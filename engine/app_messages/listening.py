"""Telling those who stream their messages that there is something new: one listener a process.

PostgreSQL's notifications make it quick, looking makes it sure: every few seconds, and after each
new connection, the versions of all feeds that are followed are compared in one query. So nothing is
missed when a connection breaks, two contacts become one, or somebody is made a contact only now.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.database import Database
from storage.faults import is_passing
from storage.repositories.app_messages import NOTIFICATIONS, Standing, Who, standings

LOOK_EVERY = 5.0
"""Seconds between two looks at all feeds."""
PATIENCE = 5.0
"""Seconds to wait for the connection, and for its answers."""
LISTENER = "sojourn app messages"
"""What the connection is called in `pg_stat_activity`."""
MOST = 2000
"""Streams of one process."""
MOST_OF_ONE = 10
"""Streams of one person."""

log = structlog.get_logger(__name__)

_VALID_KEYS = text(
    "SELECT id FROM api_keys WHERE id = ANY(CAST(:ids AS uuid[])) AND revoked_at IS NULL"
)


class TooMany(Exception):  # noqa: N818  (a verdict on a request)
    """No more streams: `of_one` for this person, else for this process."""

    def __init__(self, *, of_one: bool) -> None:
        super().__init__("too many streams")
        self.of_one = of_one


class Follower:
    """One stream: woken when there may be something new, and ended with a reason."""

    def __init__(self, who: Who, key_id: UUID | None) -> None:
        self.who = who
        self.key_id = key_id
        self.standing = Standing(None, 0)
        """What was told already."""
        self.ended: str | None = None
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be something new."""
        self._woken.set()

    def end(self, reason: str) -> None:
        """Let the stream end."""
        self.ended = self.ended or reason
        self._woken.set()

    async def wait(self, seconds: float) -> bool:
        """Whether it was woken within this time."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class LiveFeeds:
    """Everybody who streams from this process. Listens from the first of them on until `close`."""

    def __init__(
        self, database: Database, *, most: int = MOST, look_every: float = LOOK_EVERY
    ) -> None:
        self._database = database
        self._most = most
        self._look_every = look_every
        self._followers: set[Follower] = set()
        self._of_one: Counter[Who] = Counter()
        self._of_contact: dict[UUID, set[Follower]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._ended: str | None = None

    def __len__(self) -> int:
        return len(self._followers)

    @asynccontextmanager
    async def following(self, who: Who, key_id: UUID | None) -> AsyncIterator[Follower]:
        """A place among the followers. Raises TooMany."""
        if self._of_one[who] >= MOST_OF_ONE:
            raise TooMany(of_one=True)
        if len(self._followers) >= self._most:
            raise TooMany(of_one=False)
        follower = Follower(who, key_id)
        if self._ended is not None:
            follower.end(self._ended)
        self._followers.add(follower)
        self._of_one[who] += 1
        if self._listening is None and self._ended is None:
            self._listening = asyncio.create_task(self._listen(), name="app messages")
        try:
            yield follower
        finally:
            self.move(follower, Standing(None, 0))
            self._followers.discard(follower)
            self._of_one[who] -= 1
            if not self._of_one[who]:
                del self._of_one[who]

    def move(self, follower: Follower, standing: Standing) -> None:
        """Note how far a stream has told its feed."""
        before, follower.standing = follower.standing.contact_id, standing
        if before == standing.contact_id:
            return
        if before is not None:
            others = self._of_contact[before]
            others.discard(follower)
            if not others:
                del self._of_contact[before]
        if standing.contact_id is not None:
            self._of_contact.setdefault(standing.contact_id, set()).add(follower)
            follower.wake()  # what was said of this contact meanwhile was not heard

    def end(self, reason: str) -> None:
        """Let every stream end, and those that still come."""
        self._ended = self._ended or reason
        for follower in self._followers:
            follower.end(reason)

    async def close(self) -> None:
        """End every stream, and listen no longer."""
        self.end("shutdown")
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                connection = await self._connect()
                try:
                    pause = 0.1
                    await self._watch(connection)
                finally:
                    connection.terminate()
            except Exception as error:
                if not _is_passing(error):
                    log.exception("app_messages.listening_failed")
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(pause * 2, 5.0)

    async def _connect(self) -> asyncpg.Connection[Any]:
        url = make_url(self._database.url).set(drivername="postgresql")
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            url.render_as_string(hide_password=False),
            timeout=PATIENCE,
            server_settings={"application_name": LISTENER},
        )
        self._lost.clear()
        connection.add_termination_listener(lambda _: self._lost.set())
        await connection.add_listener(NOTIFICATIONS, self._notified)
        return connection

    async def _watch(self, connection: asyncpg.Connection[Any]) -> None:
        """Look again and again until the connection is lost."""
        while not self._lost.is_set():
            await asyncio.wait_for(self._look(), PATIENCE)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), self._look_every)
            if not self._lost.is_set():
                await connection.execute("SELECT 1", timeout=PATIENCE)

    def _notified(self, *args: Any) -> None:
        with contextlib.suppress(ValueError):
            for follower in self._of_contact.get(UUID(args[3]), ()):
                follower.wake()

    async def _look(self) -> None:
        """Wake whose feed is not where they stand, and end whose key was revoked."""
        followers = list(self._followers)
        if not followers:
            return
        people = list({follower.who for follower in followers})
        keys = {follower.key_id for follower in followers if follower.key_id is not None}
        async with self._database.statements() as connection:
            found = dict(zip(people, await standings(connection, people), strict=True))
            valid = set((await connection.scalars(_VALID_KEYS, {"ids": list(keys)})).all())
        for follower in followers:
            if follower.key_id is not None and follower.key_id not in valid:
                follower.end("key")
            elif found[follower.who] != follower.standing:
                follower.wake()


def _is_passing(error: Exception) -> bool:
    return is_passing(error) or isinstance(error, asyncpg.InterfaceError)
