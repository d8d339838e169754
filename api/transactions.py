"""A transaction that is repeated as a whole when another one got in its way.

For work that may be done twice without harm (it deduplicates by its own ids): then even a
connection lost at the very moment of the commit costs the caller nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from api.availability import is_unavailable
from api.dependencies import Backend
from engine.ingest import Stale
from storage.faults import CONFLICTS, sqlstate

ATTEMPTS = 12
RECONNECTIONS = 2
"""A broken connection tells the pool about all others; a second one may have been handed out."""
_T = TypeVar("_T")


async def reconnecting(work: Callable[[], Awaitable[_T]]) -> _T:
    """Do work that may be repeated; do it again if the connection it was given had been lost."""
    for _ in range(RECONNECTIONS):
        try:
            return await work()
        except Exception as error:
            state = sqlstate(error)
            if isinstance(error, TimeoutError) or state in CONFLICTS or not is_unavailable(error):
                raise
    return await work()


async def repeatable(backend: Backend, work: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
    """Do the work in a transaction of its own, committed when this returns.

    Conflicts with other transactions are retried after a short random pause, a lost connection
    right away; everything else, and running out of time, is raised.
    """

    async def attempt() -> _T:
        async with backend.database.transaction() as connection:
            return await work(connection)

    async with asyncio.timeout(backend.settings.request_timeout):
        for number in range(1, ATTEMPTS):
            try:
                return await reconnecting(attempt)
            except Exception as error:
                if not isinstance(error, Stale) and sqlstate(error) not in CONFLICTS:
                    raise
            await asyncio.sleep(random.uniform(0, 0.01 * number))  # noqa: S311
        return await attempt()
