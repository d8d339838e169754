"""What became of a message that a `wait_for` waits for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.definition import WaitedMessage
from journeys.evaluation import REACHED_STATES

_REACHED = {
    state: text(f"""
        SELECT least({", ".join(f"m.{moment}" for moment in moments)}) <= :until AND (
            CAST(:link AS text) IS NULL OR EXISTS (
                SELECT FROM message_clicks c
                WHERE c.message_id = m.id AND c.link = :link AND c.clicked_at <= :until
            )
        )
        FROM messages m WHERE m.journey_id = :id AND m.block = :block
        ORDER BY m.visit DESC LIMIT 1
    """)  # noqa: S608  (names of columns)
    for state, moments in REACHED_STATES.items()
}


async def has_reached(
    connection: AsyncConnection, wanted: WaitedMessage, journey_id: UUID, until: datetime
) -> bool:
    """Whether the block's latest message in this journey came so far in time.

    It may have done so before the wait began: what counts is what became of it.
    """
    reached = await connection.scalar(
        _REACHED[wanted.state],
        {"id": journey_id, "block": wanted.block, "link": wanted.link, "until": until},
    )
    return bool(reached)
