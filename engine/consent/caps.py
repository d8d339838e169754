"""Frequency caps: how many messages a contact gets at most in a period, over all workflows.

A message takes its place before it is handed over, while its contact is locked, so that of two
workers that send to one contact the second sees the first one's. The place is on the message
itself: one that fails or is skipped gives it back by its state.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.errors import TransientFailure
from journeys.periods import counted_since
from journeys.zones import CONTACT, resolve_zone
from storage.sql import statement

_LOOKS = 3
_MERGING = 0.1
"""Seconds until the next try when the contact is being merged."""

_LOCK = text("""
    SELECT m.contact_id, m.channel, c.timezone AS contact_zone, s.timezone AS workspace_zone,
           (SELECT jsonb_agg(jsonb_build_object('key', f.key, 'channel', f.channel,
                                                'limit', f."limit", 'period', f.period))
            FROM frequency_caps f
            WHERE f.workspace_id = m.workspace_id AND f.channel IN ('', m.channel)) AS caps
    FROM messages m
    JOIN contacts c ON c.id = m.contact_id
    JOIN workspaces s ON s.id = m.workspace_id
    WHERE m.id = :id
    FOR NO KEY UPDATE OF c
""").columns(caps=JSONB(none_as_null=True))
"""Whoever waits here for a merge finds no row: the message's contact is another one by then."""

_TAKE = statement("""
    WITH reached AS (
        SELECT p.key
        FROM unnest(CAST(:keys AS text[]), CAST(:channels AS text[]), CAST(:limits AS int[]),
                    CAST(:since AS timestamptz[])) AS p(key, channel, most, since)
        WHERE p.most <= (
            SELECT count(*) FROM messages n
            WHERE n.contact_id = :contact AND n.id <> :id AND n.counted_at > p.since
              AND n.state NOT IN ('failed', 'skipped') AND n.channel <> 'webhook'
              AND p.channel IN ('', n.channel)
        )
    ), taken AS (
        UPDATE messages SET counted_at = :now
        WHERE id = :id AND state = 'queued' AND NOT EXISTS (SELECT FROM reached)
    )
    SELECT key FROM reached ORDER BY key LIMIT 1
""")


async def take_place(connection: AsyncConnection, message_id: UUID, *, now: datetime) -> str | None:
    """Count the message; the key of the cap that keeps it from being sent, if one does.

    The contact stays locked until the caller commits. A message that is tried again takes its
    place anew. Raises TransientFailure while the contact is being merged.
    """
    for _ in range(_LOOKS):
        row = (await connection.execute(_LOCK, {"id": message_id})).one_or_none()
        if row is not None:
            break
    else:
        raise TransientFailure("the contact is being merged", _MERGING)
    zone = resolve_zone(CONTACT, contact_zone=row.contact_zone, workspace_zone=row.workspace_zone)
    caps = row.caps or []
    values = {
        "id": message_id,
        "contact": row.contact_id,
        "keys": [cap["key"] for cap in caps],
        "channels": [cap["channel"] for cap in caps],
        "limits": [cap["limit"] for cap in caps],
        "since": [counted_since(cap["period"], now, zone) for cap in caps],
        "now": now,
    }
    reached: str | None = await connection.scalar(_TAKE, values)
    return reached
