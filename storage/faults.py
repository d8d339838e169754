"""Telling a database that is away or busy (try again) from a statement that is wrong (do not)."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

CONFLICTS = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock: another transaction was in the way."""
_PASSING_CLASSES = ("08", "25P", "40", "53", "55", "57", "58")
"""SQLSTATE classes: connection, transaction state, rollback (deadlock), resources, lock, operator
intervention (shutdown, start-up), system error."""


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of this error, whether it came from SQLAlchemy or from asyncpg."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None)


def is_passing(error: BaseException) -> bool:
    """Whether the same call may well succeed a little later."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = sqlstate(error)
    if state is not None:
        return state.startswith(_PASSING_CLASSES)
    return isinstance(error, DBAPIError) and (
        error.orig is not None and type(error).__name__ in ("InterfaceError", "OperationalError")
    )
