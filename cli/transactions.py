"""A command's work in one transaction of the database that the settings name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Result = TypeVar("Result")


def in_transaction(work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
    """Do the work on a connection of its own, and commit."""
    from runtime.settings import Settings
    from storage.database import Database

    async def run() -> Result:
        database = Database(Settings().database_url, pooled=False)
        try:
            async with database.transaction() as connection:
                return await work(connection)
        finally:
            await database.close()

    return asyncio.run(run())
