"""Workspaces, as the management API reads and changes them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def known_zone(connection: AsyncConnection, workspace_id: UUID) -> str:
    """The workspace's zone by a name that the database knows; UTC for any other."""
    zone: str = await connection.scalar(
        text("SELECT sojourn_zone(timezone, 'UTC') FROM workspaces WHERE id = :id"),
        {"id": workspace_id},
    )
    return zone
