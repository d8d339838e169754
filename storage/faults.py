"""Telling a database that is away or busy (try again) from a statement that is wrong (do not)."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_PASSING_CLASSES = ("08", "25P", "40", "53", "55", "57", "58")
"""SQLSTATE classes: connection, transaction state, rollback (deadlock), resources, lock, operator
intervention (shutdown, start-up), system error."""


def is_passing(error: BaseException) -> bool:
    """Whether the same call may well succeed a little later."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if state is None:
        return error.orig is not None and type(error).__name__ in (
            "InterfaceError",
            "OperationalError",
        )
    return str(state).startswith(_PASSING_CLASSES)
