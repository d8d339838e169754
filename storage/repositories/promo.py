"""Promo pools and their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import (
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.repositories.refs import Lock, as_uuid, locked
from storage.sql import statement
from storage.tables import PromoCode, PromoPool


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A pool of codes."""

    id: UUID
    key: str
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many codes of a pool can still be taken, and how many are."""

    free: int = 0
    taken: int = 0


_COLUMNS: tuple[Any, ...] = (
    col(PromoPool.id),
    col(PromoPool.key),
    col(PromoPool.name),
    col(PromoPool.created_at),
    col(PromoPool.updated_at),
)


async def list_pools(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest
) -> Page[PoolRecord]:
    """The workspace's pools, newest first."""
    found = newest_first(
        select(*_COLUMNS).where(col(PromoPool.workspace_id) == workspace_id),
        col(PromoPool.created_at),
        col(PromoPool.id),
        page,
    )
    rows = (await connection.execute(found)).all()
    return cut(records(rows, PoolRecord), page, lambda pool: Position(pool.created_at, pool.id))


async def find_pool(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> PoolRecord | None:
    """The pool with this id or key, its row locked if asked for.

    Locking it for `delete` waits for drafts that are being saved with it.
    """
    id_ = as_uuid(ref)
    found = select(*_COLUMNS).where(
        col(PromoPool.workspace_id) == workspace_id,
        col(PromoPool.key) == ref if id_ is None else col(PromoPool.id) == id_,
    )
    return record_or_none((await connection.execute(locked(found, lock))).one_or_none(), PoolRecord)


async def insert_pool(connection: AsyncConnection, workspace_id: UUID, record: PoolRecord) -> bool:
    """Insert it; False, and nothing written, when the key is in use."""
    inserted = (
        upsert(PromoPool)
        .values(
            workspace_id=workspace_id,
            id=record.id,
            key=record.key,
            name=record.name,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )
        .on_conflict_do_nothing(index_elements=["workspace_id", "key"])
        .returning(col(PromoPool.id))
    )
    return (await connection.execute(inserted)).one_or_none() is not None


async def rename_pool(connection: AsyncConnection, id_: UUID, *, name: str, now: datetime) -> None:
    """Give a locked pool another name."""
    await connection.execute(
        update(PromoPool).where(col(PromoPool.id) == id_).values(name=name, updated_at=now)
    )


async def delete_pool(connection: AsyncConnection, id_: UUID) -> None:
    """Delete a locked pool with its codes."""
    await connection.execute(delete(PromoPool).where(col(PromoPool.id) == id_))


async def count_codes(connection: AsyncConnection, pools: Sequence[UUID]) -> dict[UUID, CodeCount]:
    """The codes of these pools; one that is left out has none."""
    taken = col(PromoCode.taken_at)
    rows = await connection.execute(
        select(
            col(PromoCode.pool_id),
            func.count().filter(taken.is_(None)),
            func.count().filter(taken.is_not(None)),
        )
        .where(col(PromoCode.pool_id).in_(pools))
        .group_by(col(PromoCode.pool_id))
    )
    return {row[0]: CodeCount(row[1], row[2]) for row in rows}


_ADD = statement("""
    WITH added AS (
        INSERT INTO promo_codes (workspace_id, pool_id, code, created_at)
        SELECT CAST(:workspace AS uuid), CAST(:pool AS uuid), code, :now
        FROM unnest(CAST(:codes AS text[])) WITH ORDINALITY AS c(code, place)
        ORDER BY place
        ON CONFLICT (pool_id, code) DO NOTHING
        RETURNING 1
    )
    SELECT count(*) FROM added
""")


async def add_codes(
    connection: AsyncConnection,
    workspace_id: UUID,
    pool_id: UUID,
    codes: Sequence[str],
    *,
    now: datetime,
) -> int:
    """Add codes to a locked pool, in their order; how many were not in it yet."""
    added: int = await connection.scalar(
        _ADD, {"workspace": workspace_id, "pool": pool_id, "codes": list(codes), "now": now}
    )
    return added
