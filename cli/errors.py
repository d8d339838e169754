"""Which failures are the surroundings' or the user's, and the sentence that says so."""

from __future__ import annotations

from cli.output import UserError
from runtime.children import ChildError
from runtime.ports import PortTakenError
from runtime.recovery import DataDirInUseError
from runtime.supervisor import StackError

SPEAKING = (UserError, PortTakenError, DataDirInUseError, StackError, ChildError)
"""Classes whose text was written for the user."""


def explain(error: Exception) -> str | None:
    """Say in a sentence what went wrong, or None for a mistake of this program."""
    if isinstance(error, SPEAKING):
        return str(error)
    return _settings(error) or _temporal(error) or _database(error) or _http(error)


def _settings(error: Exception) -> str | None:
    from pydantic import ValidationError

    from runtime.settings import Settings, SmtpSettings

    if not isinstance(error, ValidationError):
        return None
    prefixes = {
        model.__name__: model.model_config.get("env_prefix", "")
        for model in (Settings, SmtpSettings)
    }
    if error.title not in prefixes:
        return None
    lines = [
        f"{prefixes[error.title]}{'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}"
        for problem in error.errors()
    ]
    return "the environment holds a wrong setting\n" + "\n".join(lines)


def _temporal(error: Exception) -> str | None:
    from runtime.temporal_client import TemporalUnavailableError

    if isinstance(error, TemporalUnavailableError):
        return f"{error}; set SOJOURN_TEMPORAL_ADDRESS, or start the server"
    return None


def _database(error: Exception) -> str | None:
    from asyncpg import PostgresError
    from sqlalchemy.exc import ArgumentError, DBAPIError

    if isinstance(error, ArgumentError):
        return f"SOJOURN_DATABASE_URL is no database address: {error}"
    if isinstance(error, PostgresError):
        return f"PostgreSQL refuses: {error}; see SOJOURN_DATABASE_URL"
    if isinstance(error, DBAPIError) and _cannot_connect(error):
        return f"PostgreSQL refuses: {error.orig}; see SOJOURN_DATABASE_URL"
    if isinstance(error, OSError) and error.filename is None:
        return f"PostgreSQL or another server does not answer: {error}"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return None


def _cannot_connect(error: Exception) -> bool:
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    if isinstance(error, InterfaceError | OperationalError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _http(error: Exception) -> str | None:
    import httpx

    if isinstance(error, httpx.HTTPError):
        try:
            where = f" at {error.request.url.copy_with(path='/', query=None)}"
        except RuntimeError:
            where = ""
        return f"the API{where} does not answer: {error or type(error).__name__}"
    return None
