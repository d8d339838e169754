"""The messages of contacts that become part of others."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.repositories.app_messages import NOTIFY

_PAIRS = """
    WITH pairs AS (
        SELECT * FROM unnest(CAST(:gone AS uuid[]), CAST(:kept AS uuid[])) AS p(gone, kept)
    )
"""

_JOIN_FEEDS = text(f"""
    {_PAIRS}
    INSERT INTO app_feeds (workspace_id, contact_id, version)
    SELECT f.workspace_id, p.kept, max(f.version) + 1
    FROM pairs p JOIN app_feeds f ON f.contact_id = p.gone
    GROUP BY f.workspace_id, p.kept ORDER BY p.kept
    ON CONFLICT (contact_id) DO UPDATE
    SET version = greatest(app_feeds.version, excluded.version) + 1
    RETURNING contact_id
""")  # noqa: S608  (fixed text)

_MOVE = text(f"""
    {_PAIRS}
    , moved AS (
        UPDATE app_messages a SET contact_id = p.kept, version = f.version
        FROM pairs p JOIN app_feeds f ON f.contact_id = p.kept
        WHERE a.contact_id = p.gone
    )
    SELECT {NOTIFY.format("gone")}, {NOTIFY.format("kept")} FROM pairs
""")  # noqa: S608


async def move_app_messages(
    connection: AsyncConnection, pairs: Sequence[tuple[UUID, UUID]]
) -> None:
    """Give the messages of the first contact of each pair to the second.

    The caller holds all of them. Who streams the messages of either is told.
    """
    parameters = {"gone": [gone for gone, _ in pairs], "kept": [kept for _, kept in pairs]}
    if (await connection.execute(_JOIN_FEEDS, parameters)).first() is not None:
        await connection.execute(_MOVE, parameters)
