"""The rate that an account with a provider allows: each message is given its moment.

A message's moment is reserved once, on the account's row, and kept with the message; if it lies
ahead, Temporal tries again then. So a backlog of a million messages costs two tries each, however
long it takes, and what one account may send delays nobody else's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from channels.errors import TransientFailure
from storage.database import Database

SOON = 1.0
"""Seconds that a message is held in its worker rather than tried again."""

_RESERVE = text("""
    WITH taken AS (
        UPDATE providers
        SET next_slot_at = greatest(coalesce(next_slot_at, :now), :now)
                           + make_interval(secs => 1 / rate_per_second)
        WHERE id = :account AND rate_per_second IS NOT NULL
          AND NOT EXISTS (SELECT FROM messages WHERE id = :message AND slot_at IS NOT NULL)
        RETURNING next_slot_at - make_interval(secs => 1 / rate_per_second) AS slot
    )
    UPDATE messages SET slot_at = taken.slot FROM taken WHERE id = :message
    RETURNING slot_at
""")


class RateReached(TransientFailure):
    """The account's rate is used up until the message's moment."""

    def __init__(self, seconds: float) -> None:
        super().__init__("waits for its turn at the provider's rate", seconds)


async def await_turn(
    database: Database,
    message_id: UUID,
    slot_at: datetime | None,
    accounts: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
) -> None:
    """Return when the message may go to the provider; at once where no account has a rate.

    Raises RateReached when that is not soon.
    """
    limited = next((one["id"] for one in accounts if one.get("rate") is not None), None)
    if limited is None:
        return
    if slot_at is None:
        async with database.transaction() as connection:
            slot_at = await connection.scalar(
                _RESERVE, {"account": limited, "message": message_id, "now": now}
            )
    if slot_at is None:
        return
    ahead = (slot_at - now).total_seconds()
    if ahead > SOON:
        raise RateReached(ahead)
    if ahead > 0:
        await asyncio.sleep(ahead)
