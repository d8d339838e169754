"""What making a ready workflow asks of a workspace, and writes to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.tables import Template, Workflow

_SEEN = text("""
    SELECT wanted.name FROM unnest(:names) AS wanted (name)
    WHERE EXISTS (SELECT FROM events e WHERE e.workspace_id = :workspace AND e.name = wanted.name
                  AND e.depth >= 0)
""").bindparams(bindparam("names", type_=ARRAY(TEXT)))


async def seen_events(
    connection: AsyncConnection, workspace_id: UUID, names: Iterable[str]
) -> set[str]:
    """Those of the names of which there are events."""
    found = await connection.execute(_SEEN, {"workspace": workspace_id, "names": list(names)})
    return set(found.scalars())


async def workflow_keys(
    connection: AsyncConnection, workspace_id: UUID, beginning: str
) -> set[str]:
    """The keys of workflows that begin so."""
    statement = select(col(Workflow.key)).where(
        col(Workflow.workspace_id) == workspace_id,
        col(Workflow.key).startswith(beginning, autoescape=True),
    )
    return set((await connection.execute(statement)).scalars())


async def insert_templates(
    connection: AsyncConnection,
    workspace_id: UUID,
    contents: Mapping[str, tuple[str, dict[str, Any]]],
    *,
    now: datetime,
) -> int:
    """Store templates, channel and parts by key, unless the key is taken; how many were stored."""
    if not contents:
        return 0
    rows = [
        {
            "id": uuid4(), "workspace_id": workspace_id, "key": key, "channel": channel,
            "content": parts, "created_at": now, "updated_at": now,
        }
        for key, (channel, parts) in contents.items()
    ]  # fmt: skip
    statement = (
        upsert(Template)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["workspace_id", "key"])
        .returning(col(Template.id))
    )
    return len((await connection.execute(statement)).all())
