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

from api.availability import is_unavailable, sqlstate
from api.dependencies import Backend
from engine.ingest import Stale

ATTEMPTS = 12
_CONFLICTS = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock."""
_T = TypeVar("_T")


async def repeatable(backend: Backend, work: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
    """Do the work in a transaction of its own, committed when this returns.

    Conflicts with other transactions are retried after a short random pause, a lost connection
    once; everything else, and running out of time, is raised.
    """
    reconnected = False
    async with asyncio.timeout(backend.settings.request_timeout):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with backend.database.transaction() as connection:
                    return await work(connection)
            except Exception as error:
                conflict = isinstance(error, Stale) or sqlstate(error) in _CONFLICTS
                lost = not conflict and not reconnected and is_unavailable(error)
                if attempt == ATTEMPTS or not (conflict or lost):
                    raise
                reconnected = reconnected or lost
            await asyncio.sleep(random.uniform(0, 0.01 * attempt))  # noqa: S311
    raise AssertionError("the last attempt either returns or raises")
