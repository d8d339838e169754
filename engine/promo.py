"""Taking a promo code for one visit of a journey: once, and never the same code twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sql import statement


@dataclass(frozen=True)
class CodeWanted:
    """A visit of a `promo` block, and the pool it takes from."""

    workspace_id: UUID
    pool: str
    journey_id: UUID
    block: str
    visit: int


_TAKE = statement("""
    WITH mine AS MATERIALIZED (
        SELECT code FROM promo_codes WHERE journey_id = :journey AND visit = :visit
    ), taken AS (
        UPDATE promo_codes SET journey_id = :journey, block = :block, visit = :visit,
               taken_at = :now
        WHERE NOT EXISTS (SELECT FROM mine) AND id = (
            SELECT id FROM promo_codes
            WHERE pool_id = (
                SELECT id FROM promo_pools WHERE workspace_id = :workspace AND key = :pool
            ) AND taken_at IS NULL
            ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        )
        RETURNING code
    )
    SELECT code FROM mine UNION ALL SELECT code FROM taken
""")
"""Codes that others are just taking are passed over. Should they give them back (a transaction that
fails is repeated), they will want them again."""


async def take_code(
    connection: AsyncConnection, wanted: CodeWanted, *, now: datetime
) -> str | None:
    """The visit's code, the oldest that is free if it has none yet; None when the pool is empty."""
    code: str | None = await connection.scalar(
        _TAKE,
        {
            "workspace": wanted.workspace_id,
            "pool": wanted.pool,
            "journey": wanted.journey_id,
            "block": wanted.block,
            "visit": wanted.visit,
            "now": now,
        },
    )
    return code
