"""One change of a workspace's users at a time, so that it cannot lose its last owner to a race."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Not the workspace's row: ingestion holds that one, and need not wait for this.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('users:' || :workspace, 0))")


async def lock_users(connection: AsyncConnection, workspace_id: UUID) -> None:
    """Wait for other changes of these users; until this transaction ends, none begins."""
    await connection.execute(_LOCK, {"workspace": str(workspace_id)})
