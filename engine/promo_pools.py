"""Pools of promo codes: made, filled, and kept while a workflow needs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.errors import Conflict, NotFound
from storage.repositories import promo as repository
from storage.repositories import workflows
from storage.repositories.promo import PoolRecord
from storage.repositories.refs import Lock


async def get_pool(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> PoolRecord:
    """The pool with this id or key; raises NotFound."""
    record = await repository.find_pool(connection, workspace_id, ref, lock=lock)
    if record is None:
        raise no_pool(ref)
    return record


async def create_pool(
    connection: AsyncConnection, workspace_id: UUID, *, key: str, name: str, now: datetime
) -> PoolRecord:
    """Make an empty pool; raises Conflict when the key is in use."""
    record = PoolRecord(uuid4(), key, name, now, now)
    if not await repository.insert_pool(connection, workspace_id, record):
        raise Conflict(f"The key {key!r} is in use by another promo pool.")
    return record


async def rename_pool(
    connection: AsyncConnection, record: PoolRecord, *, name: str, now: datetime
) -> PoolRecord:
    """Give a pool another name."""
    await repository.rename_pool(connection, record.id, name=name, now=now)
    return PoolRecord(record.id, record.key, name, record.created_at, now)


async def delete_pool(connection: AsyncConnection, workspace_id: UUID, ref: str) -> None:
    """Delete a pool with its codes; raises Conflict, naming them, while workflows take from it."""
    record = await get_pool(connection, workspace_id, ref, lock="delete")
    users = await workflows.workflows_using_pool(connection, workspace_id, record.key)
    if users:
        raise Conflict(
            f"The promo pool {record.key!r} is used by the workflows {', '.join(users)}. "
            "Take it out of them first, or archive them and let their journeys finish."
        )
    await repository.delete_pool(connection, record.id)


async def import_codes(
    connection: AsyncConnection,
    workspace_id: UUID,
    ref: str,
    codes: Sequence[str],
    *,
    now: datetime,
) -> tuple[PoolRecord, int]:
    """Add codes, in their order; the pool, and how many were new. Raises NotFound."""
    record = await get_pool(connection, workspace_id, ref, lock="change")
    added = await repository.add_codes(connection, workspace_id, record.id, codes, now=now)
    return record, added


def no_pool(ref: str) -> NotFound:
    """The error for a reference that leads nowhere."""
    return NotFound(f"There is no promo pool {ref!r} in this workspace.")
