"""Taking a test's workspace away while its workers may still be at work."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from engine.rule_lock import hold_rules
from storage.database import Database

_WORKFLOWS = text("SELECT id FROM workflows WHERE workspace_id = :workspace ORDER BY id FOR UPDATE")
"""Who opens a launch holds the workflow, then refers to the workspace."""
_AT_WORK = text("SELECT id FROM launches WHERE workspace_id = :workspace ORDER BY id FOR UPDATE")
"""A page of a launch holds the launch, then contacts; a cascade would go the other way about."""


async def drop_workspace(database: Database, workspace_id: UUID) -> None:
    """Delete all of it, in the order in which those who write in it take their locks."""
    async with database.transaction() as connection:
        await connection.execute(_WORKFLOWS, {"workspace": workspace_id})
        await connection.execute(_AT_WORK, {"workspace": workspace_id})
        await hold_rules(connection, workspace_id)
        await connection.execute(
            text("DELETE FROM workspaces WHERE id = :id"), {"id": workspace_id}
        )
