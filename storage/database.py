"""The connection pool, and one way to open a transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool


def _dumps(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def async_url(url: str) -> str:
    """The same database for SQLAlchemy's asyncpg dialect, however the scheme was written."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


class Database:
    """A pool of connections to one PostgreSQL database."""

    def __init__(self, url: str, *, pool_size: int = 10, pooled: bool = True) -> None:
        options: dict[str, Any] = (
            {"pool_size": pool_size, "max_overflow": 0, "pool_pre_ping": False, "pool_timeout": 10}
            if pooled
            else {"poolclass": NullPool}
        )
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            hide_parameters=True,  # an error's text goes to logs and histories: no contact data
            connect_args={"timeout": 5, "server_settings": {"timezone": "UTC", "jit": "off"}},
            **options,
        )

        self._single = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def statements(self) -> AsyncConnection:
        """A connection on which each statement is a transaction of its own (no BEGIN, no COMMIT).

        Use it as an async context manager.
        """
        return self._single.connect()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        async with self.engine.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
