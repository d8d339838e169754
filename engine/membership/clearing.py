"""Clearing away what is stored of members that nobody asks for any more.

A segment that is deleted, or that comes to have parameters, is out of everybody's sight at once,
within the change of the rules. Its rows may be a million: they are cleared away afterwards, a page
a transaction, by the workflow that looks through segments.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.sql import statement

PAGE = 5_000
"""Rows of one transaction."""
AGAIN_SECONDS = 0.2
"""When to look again at rows that somebody was merging or erasing."""

_FORGET = statement("""
    WITH forgotten AS (
        SELECT id FROM unnest(CAST(:segments AS uuid[])) AS s(id)
        WHERE EXISTS (SELECT FROM segment_members WHERE segment_id = s.id)
           OR EXISTS (SELECT FROM segment_instants WHERE segment_id = s.id)
           OR CAST(:left_at AS timestamptz) IS NULL
              AND EXISTS (SELECT FROM segment_stays WHERE segment_id = s.id)
    ), begun AS (
        INSERT INTO segment_clearings AS c (workspace_id, segment_id, left_at, begun_at)
        SELECT CAST(:workspace AS uuid), id, CAST(:left_at AS timestamptz), :now FROM forgotten
        ON CONFLICT (segment_id) DO UPDATE
        SET left_at = CASE WHEN excluded.left_at IS NOT NULL THEN c.left_at END
    )
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT CAST(:workspace AS uuid), 0, id, 'backfill', :now FROM forgotten
""")

_KEEP = text("DELETE FROM segment_clearings WHERE segment_id = ANY(CAST(:segments AS uuid[]))")

_HOLD = text("SELECT left_at FROM segment_clearings WHERE segment_id = :segment FOR UPDATE")

_END = text("""
    WITH kept AS MATERIALIZED (
        SELECT id FROM contacts WHERE id IN (
            SELECT contact_id FROM segment_members WHERE segment_id = :segment LIMIT :page
        ) FOR KEY SHARE SKIP LOCKED
    ), gone AS (
        DELETE FROM segment_members m USING kept
        WHERE m.segment_id = :segment AND m.contact_id = kept.id
        RETURNING m.workspace_id, m.segment_id, m.contact_id, m.entered_at, m.depth
    )
    INSERT INTO segment_stays (workspace_id, segment_id, contact_id, entered_at, left_at, depth)
    SELECT gone.workspace_id, segment_id, contact_id, entered_at, c.left_at, depth
    FROM gone JOIN segment_clearings c USING (segment_id)
""")
"""Contacts first, as by all who write something of theirs; whoever is being merged or erased is
left for the next look."""

_TABLES = ("segment_members", "segment_stays", "segment_instants")
_DROP = {
    table: text(f"""
        DELETE FROM {table} WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM {table} WHERE segment_id = :segment LIMIT :page FOR UPDATE SKIP LOCKED
        ))
    """)  # noqa: S608  (names from above)
    for table in _TABLES
}
"""What a deleted segment leaves."""
_MOVE = {"segment_members": _END, "segment_instants": _DROP["segment_instants"]}
"""What one with parameters leaves: its history stays."""
_LEFT = {
    table: text(f"SELECT EXISTS (SELECT FROM {table} WHERE segment_id = :segment)")  # noqa: S608
    for table in _TABLES
}

_DONE = text("DELETE FROM segment_clearings WHERE segment_id = :segment")


async def forget_members(
    connection: AsyncConnection,
    workspace_id: UUID,
    segments: Sequence[UUID],
    *,
    left_at: datetime | None,
    now: datetime,
) -> None:
    """Owe Temporal the clearing of these segments. The caller holds the rules.

    Memberships become ones that ended at `left_at`; None: nothing is kept, the segment is deleted.
    """
    if segments:
        await connection.execute(
            _FORGET,
            {"workspace": workspace_id, "segments": list(segments), "left_at": left_at, "now": now},
        )


async def keep_members(connection: AsyncConnection, segments: Sequence[UUID]) -> None:
    """These segments have members again: what was not cleared yet stays, and is looked through.

    Waits for the page that is being cleared. The caller holds the rules.
    """
    if segments:
        await connection.execute(_KEEP, {"segments": list(segments)})


async def clear(
    database: Database, segment_id: UUID, *, beat: Callable[[], None] = lambda: None
) -> int:
    """Clear a segment away, going on where an earlier attempt ended; how many rows that were.

    Does nothing for a segment that has members. `beat` is called after each page.
    """
    cleared = 0
    while True:
        async with database.transaction() as connection:
            rows = await clear_page(connection, segment_id)
        beat()
        if rows is None:
            return cleared
        cleared += rows
        if rows == 0:
            await asyncio.sleep(AGAIN_SECONDS)


async def clear_page(connection: AsyncConnection, segment_id: UUID) -> int | None:
    """Clear away the next rows, in the caller's transaction; None when there is nothing to do."""
    asked = {"segment": segment_id, "page": PAGE}
    held = (await connection.execute(_HOLD, {"segment": segment_id})).first()
    if held is None:
        return None
    work = _DROP if held.left_at is None else _MOVE
    for change in work.values():
        rows = (await connection.execute(change, asked)).rowcount
        if rows > 0:
            return rows
    for table in work:
        if await connection.scalar(_LEFT[table], {"segment": segment_id}):
            return 0
    await connection.execute(_DONE, {"segment": segment_id})
    return None
