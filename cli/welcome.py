"""The one-time link that a first start prints: whoever opens it becomes the owner."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from api.dependencies import Backend
    from runtime.settings import Settings
    from storage.database import Database

RETRY_SECONDS = 2.0
log = structlog.get_logger(__name__)


def link(settings: Settings, token: str) -> str:
    """The address of a one-time link, as far as this process knows where browsers reach the API."""
    base = settings.public_url
    if base is None:
        host = settings.api_host
        host = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104
        base = f"http://{f'[{host}]' if ':' in host else host}:{settings.api_port}"
    return f"{base}/welcome/{token}"


async def first_start(settings: Settings, database: Database) -> str | None:
    """A link to the first owner of the oldest workspace; None where somebody is owner already."""
    from cli.workspaces import first_workspace
    from engine.users.links import first_start_link

    async with database.transaction() as connection:
        workspace = await first_workspace(connection)
        token = await first_start_link(connection, workspace, datetime.now(UTC))
    return link(settings, token) if token else None


async def announce(backend: Backend) -> None:
    """Log the link as soon as there is a migrated database, if nobody is owner yet."""
    from sqlalchemy.exc import SQLAlchemyError

    while True:
        try:
            found = await first_start(backend.settings, backend.database)
        except (SQLAlchemyError, OSError):
            await asyncio.sleep(RETRY_SECONDS)
            continue
        if found:
            log.warning(
                "nobody is owner yet; open this link within a day to be the one", link=found
            )
        return
