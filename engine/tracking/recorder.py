"""Signs of links and pixels, written down without keeping anybody waiting.

Whoever follows a link is let go after a short while even if the database is slow; its sign is then
written in the background, again and again until the database takes it. What still waits when the
process ends is written before it does, as long as that takes no longer than `DRAIN`. A process that
is killed while its database is away loses what it held: people are not kept from where they want
to go for the sake of a number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

import structlog
from prometheus_client import Counter

from engine.tracking.states import Told, tell
from engine.wakeup import Wakeup
from storage.database import Database
from storage.faults import is_passing

PATIENCE = 0.5
"""Seconds that a link waits for its sign to be stored."""
MOST_WAITING = 10_000
"""Signs held in memory while the database is slow or away; what comes then is counted as lost."""
AT_ONCE = 4
"""Signs that are written at the same time: links must not take all connections."""
GIVE_UP = 3600.0
"""Seconds after which a sign that the database does not take is given up."""
STATEMENT = 15.0
"""Seconds for one try."""
DRAIN = 10.0
"""Seconds that the process waits at its end."""
LONGEST_PAUSE = 5.0

SIGNS = Counter("sojourn_message_signs_total", "Signs of links and pixels", ["outcome"])

log = structlog.get_logger(__name__)


class Recorder:
    """One for a process. `wakeup` is raised where a sign left work for the dispatcher."""

    def __init__(
        self,
        database: Database,
        wakeup: Wakeup,
        *,
        patience: float = PATIENCE,
        most_waiting: int = MOST_WAITING,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._wakeup = wakeup
        self._patience = patience
        self._most_waiting = most_waiting
        self._clock = clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._waiting: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """Signs that are not stored yet."""
        return len(self._waiting)

    async def record(self, told: Told) -> bool:
        """Store the sign, for a while; whether that is done. Otherwise it goes on behind."""
        if len(self._waiting) >= self._most_waiting:
            SIGNS.labels("lost").inc()
            return False
        task = asyncio.create_task(self._store(told), name="message sign")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        done, _ = await asyncio.wait({task}, timeout=self._patience)
        return bool(done)

    async def close(self) -> None:
        """Store what waits, for `DRAIN` seconds."""
        if self._waiting:
            _, left = await asyncio.wait(self._waiting, timeout=DRAIN)
            for task in left:
                task.cancel()
            if left:
                SIGNS.labels("lost").inc(len(left))
                log.warning("tracking.signs_lost", signs=len(left))

    async def _store(self, told: Told) -> None:
        begun, pause = self._clock(), 0.1
        while True:
            try:
                async with (
                    self._gate,
                    asyncio.timeout(STATEMENT),
                    self._database.statements() as connection,
                ):
                    known = await tell(connection, None, [told])
            except Exception as error:
                if not is_passing(error) or self._clock() - begun > GIVE_UP:
                    SIGNS.labels("lost").inc()
                    log.exception("tracking.sign_failed", message=str(told.message_id))
                    return
            else:
                SIGNS.labels("stored" if known else "unknown").inc()
                if any(message.facts for message in known):
                    self._wakeup.set()
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
