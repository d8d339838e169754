"""The workspace that a command works in when none is named."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from cli.output import UserError
from storage.tables import Workspace

FIRST_NAME = "default"
LOCK = 0x50_4A_57
"""Key of the advisory lock under which the first workspace is made, once."""


async def first_workspace(connection: AsyncConnection) -> UUID:
    """Return the oldest workspace; an empty database gets one."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    oldest = (
        select(col(Workspace.id)).order_by(col(Workspace.created_at), col(Workspace.id)).limit(1)
    )
    known: UUID | None = await connection.scalar(oldest)
    if known is not None:
        return known
    new = uuid4()
    await connection.execute(
        insert(Workspace).values(
            id=new, name=FIRST_NAME, timezone="UTC", paused=False, rules_revision=0
        )
    )
    return new


async def chosen_workspace(connection: AsyncConnection, asked: UUID | None) -> UUID:
    """Return the workspace asked for, or the oldest one."""
    if asked is None:
        return await first_workspace(connection)
    known = await connection.scalar(select(col(Workspace.id)).where(col(Workspace.id) == asked))
    if known is None:
        raise UserError(f"there is no workspace {asked}")
    return asked
