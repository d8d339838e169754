"""Taking back in-app messages that nobody has seen yet, when their journeys are stopped.

What stands in the app's inbox stays there, as mail does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.repositories.app_messages import NOTIFY
from storage.sql import statement

SENT_IN_APP = "EXISTS (SELECT FROM messages m WHERE m.journey_id = {}.id AND m.channel = 'in_app')"
"""Whether a journey has anything to take back. Whoever keeps a message later than this was asked
finds its journey stopped."""

_WITHDRAW = statement(f"""
    WITH unseen AS MATERIALIZED (
        SELECT a.id, a.contact_id
        FROM messages m JOIN app_messages a ON a.id = m.id
        WHERE m.journey_id = ANY(CAST(:journeys AS uuid[])) AND m.channel = 'in_app'
          AND a.seen_at IS NULL AND a.gone_at IS NULL
    ), held AS MATERIALIZED (
        SELECT contact_id FROM app_feeds
        WHERE contact_id IN (SELECT contact_id FROM unseen) ORDER BY contact_id FOR UPDATE
    ), feeds AS (
        UPDATE app_feeds f SET version = version + 1 FROM held
        WHERE f.contact_id = held.contact_id
        RETURNING f.contact_id, f.version, {NOTIFY.format("f.contact_id")}
    )
    UPDATE app_messages a SET gone_at = :now, gone_reason = 'stopped', version = feeds.version
    FROM unseen JOIN feeds ON feeds.contact_id = unseen.contact_id
    WHERE a.id = unseen.id AND a.seen_at IS NULL AND a.gone_at IS NULL
""")  # noqa: S608  (fixed text)


async def withdraw(
    connection: AsyncConnection, journey_ids: Sequence[UUID], *, now: datetime
) -> None:
    """Take back what these journeys put into the app and nobody has seen.

    A statement of its own after the one that stopped them: that one may have waited for a message
    to be kept, and would not see it.
    """
    if journey_ids:
        await connection.execute(_WITHDRAW, {"journeys": list(journey_ids), "now": now})
