"""Topics: made, changed, and kept while a workflow sends on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.errors import Conflict, NotFound
from storage.repositories import topics as repository
from storage.repositories import workflows
from storage.repositories.refs import Lock
from storage.repositories.topics import TopicRecord


async def get_topic(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> TopicRecord:
    """The topic with this id or key; raises NotFound."""
    record = await repository.find_topic(connection, workspace_id, ref, lock=lock)
    if record is None:
        raise no_topic(ref)
    return record


async def create_topic(
    connection: AsyncConnection, workspace_id: UUID, *, key: str, now: datetime, **values: Any
) -> TopicRecord:
    """Make a topic; raises Conflict when the key is in use."""
    record = TopicRecord(uuid4(), key, **values, created_at=now, updated_at=now)
    if not await repository.insert_topic(connection, workspace_id, record):
        raise Conflict(f"The key {key!r} is in use by another topic.")
    return record


async def change_topic(
    connection: AsyncConnection, record: TopicRecord, *, now: datetime, **values: Any
) -> TopicRecord:
    """Change a topic. What contacts said of it stays."""
    changed = replace(record, **values, updated_at=now)
    await repository.update_topic(connection, changed)
    return changed


async def delete_topic(connection: AsyncConnection, workspace_id: UUID, ref: str) -> None:
    """Delete a topic, and what contacts said of it.

    Raises Conflict, naming them, while workflows send on it.
    """
    record = await get_topic(connection, workspace_id, ref, lock="delete")
    users = await workflows.workflows_using_topic(connection, workspace_id, record.key)
    if users:
        raise Conflict(
            f"The topic {record.key!r} is used by the workflows {', '.join(users)}. "
            "Take it out of them first, or archive them and let their journeys finish."
        )
    await repository.delete_topic(connection, workspace_id, record)


def no_topic(ref: str) -> NotFound:
    """The error for a reference that leads nowhere."""
    return NotFound(f"There is no topic {ref!r} in this workspace.")
