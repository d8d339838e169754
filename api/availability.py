"""Tells a database that is away, restarting, full or too slow from a mistake in this program."""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.faults import sqlstate

_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")
"""SQLSTATE classes: connection, resources, operator intervention, system error."""
_UNAVAILABLE_STATES = frozenset({"25006", "40001", "40P01", "55P03"})
"""Read-only after a failover, serialization failure, deadlock, lock not available."""


def is_unavailable(error: BaseException) -> bool:
    """Whether the same call may well succeed a little later."""
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = sqlstate(error)
    if state is not None:
        return state.startswith(_UNAVAILABLE_CLASSES) or state in _UNAVAILABLE_STATES
    if isinstance(error, DBAPIError):
        return _about_the_connection(error.orig)
    return _about_the_connection(error) or isinstance(error, OSError)


def _about_the_connection(error: BaseException | None) -> bool:
    """Whether it is one of those asyncpg reports without a code, as it does a lost connection."""
    cause = error.__cause__ if error is not None else None
    return any(
        isinstance(one, asyncpg.InterfaceError | asyncpg.PostgresConnectionError | OSError)
        and not isinstance(one, asyncpg.exceptions.DataError)
        for one in (error, cause)
    )
