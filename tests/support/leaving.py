"""Taking a test's workspace away while its workers may still be at work."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from engine.rule_lock import hold_rules
from storage.database import Database

_WORKFLOWS = text("SELECT id FROM workflows WHERE workspace_id = :workspace ORDER BY id FOR UPDATE")
"""Who opens a launch holds the workflow, then refers to the workspace."""
_AT_WORK = text("SELECT id FROM launches WHERE workspace_id = :workspace ORDER BY id FOR UPDATE")
"""A page of a launch holds the launch, then contacts; a cascade would go the other way about."""
_STILL_AT_IT = text("""
    SELECT state, query FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < :asked
""")
"""Transactions begun earlier: those of a worker that was stopped are undone a moment later."""


async def drop_workspace(database: Database, workspace_id: UUID) -> None:
    """Delete all of it, in the order in which those who write in it take their locks."""
    await _earlier_ones_end(database)
    async with database.transaction() as connection:
        await connection.execute(_WORKFLOWS, {"workspace": workspace_id})
        await connection.execute(_AT_WORK, {"workspace": workspace_id})
        await hold_rules(connection, workspace_id)
        await connection.execute(
            text("DELETE FROM workspaces WHERE id = :id"), {"id": workspace_id}
        )


async def _earlier_ones_end(database: Database, seconds: float = 30) -> None:
    async with database.transaction() as connection:
        asked: datetime | None = await connection.scalar(text("SELECT clock_timestamp()"))
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        async with database.transaction() as connection:
            rest = (await connection.execute(_STILL_AT_IT, {"asked": asked})).all()
        if not rest:
            return
        assert loop.time() < until, f"transactions that do not end: {rest}"
        await asyncio.sleep(0.02)
