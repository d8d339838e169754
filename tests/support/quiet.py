"""A dispatcher and a reconciler act on a whole database; tests of one xdist worker share one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from storage.database import Database


async def quiet_others(database: Database, workspace_id: UUID) -> None:
    """Leave nothing to be done for any workspace but this one, whatever earlier tests left."""
    others = {"w": workspace_id}
    async with database.transaction() as connection:
        for table in ("facts", "commands"):
            await connection.execute(text(f"DELETE FROM {table} WHERE workspace_id <> :w"), others)
        await connection.execute(
            text(
                "UPDATE journeys SET state = 'stopped', due_at = NULL, parked = false "
                "WHERE workspace_id <> :w AND state = 'running'"
            ),
            others,
        )
