"""Rows that ingestion and the engine would write, put straight into the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import (
    Contact,
    EntryDecision,
    Event,
    Identity,
    Journey,
    JourneyStep,
    Message,
    Order,
    WorkflowVersion,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def contact(
    connection: AsyncConnection, workspace_id: UUID, user_id: str | None = None, **values: Any
) -> UUID:
    id_ = uuid4()
    row = {"fields": {}, "created_at": NOON, "updated_at": NOON, **values}
    await connection.execute(
        insert(Contact).values(workspace_id=workspace_id, id=id_, user_id=user_id, **row)
    )
    if user_id is not None:
        await identity(connection, workspace_id, id_, user_id)
    return id_


async def identity(
    connection: AsyncConnection, workspace_id: UUID, contact_id: UUID, value: str
) -> None:
    await connection.execute(
        insert(Identity).values(
            workspace_id=workspace_id, kind="user", value=value, contact_id=contact_id
        )
    )


async def event(
    connection: AsyncConnection, workspace_id: UUID, contact_id: UUID | None, **values: Any
) -> UUID:
    id_ = uuid4()
    row = {
        "kind": "track",
        "name": "Song Played",
        "properties": {},
        "context": None,
        "message_id": str(id_),
        "timestamp": NOON,
        "received_at": NOON,
        "depth": 0,
        **values,
    }
    await connection.execute(
        insert(Event).values(workspace_id=workspace_id, id=id_, contact_id=contact_id, **row)
    )
    return id_


async def order(
    connection: AsyncConnection, workspace_id: UUID, contact_id: UUID, **values: Any
) -> UUID:
    id_ = uuid4()
    row = {
        "order_id": f"o-{id_}",
        "status": "delivered",
        "items": [],
        "timestamp": NOON,
        "created_at": NOON,
        "updated_at": NOON,
        **values,
    }
    await connection.execute(
        insert(Order).values(workspace_id=workspace_id, id=id_, contact_id=contact_id, **row)
    )
    return id_


async def journey(
    connection: AsyncConnection,
    workspace_id: UUID,
    contact_id: UUID,
    workflow_id: str,
    **values: Any,
) -> UUID:
    """A journey of the workflow's newest version."""
    version_id = (
        await connection.execute(
            select(WorkflowVersion.id)
            .where(WorkflowVersion.workflow_id == UUID(workflow_id))
            .order_by(WorkflowVersion.version.desc())
            .limit(1)
        )
    ).scalar_one()
    id_ = uuid4()
    row = {
        "params": {},
        "key_hash": uuid4(),
        "exclusive": True,
        "state": "running",
        "visit": 0,
        "step": 0,
        "parked": False,
        "depth": 0,
        "started_at": NOON,
        **values,
    }
    await connection.execute(
        insert(Journey).values(
            workspace_id=workspace_id,
            id=id_,
            workflow_id=UUID(workflow_id),
            version_id=version_id,
            contact_id=contact_id,
            **row,
        )
    )
    return id_


async def step(
    connection: AsyncConnection, workspace_id: UUID, journey_id: UUID, visit: int, **values: Any
) -> None:
    row = {"entered_at": after(visit), "left_at": None, "outcome": None, **values}
    await connection.execute(
        insert(JourneyStep).values(
            workspace_id=workspace_id, journey_id=journey_id, visit=visit, **row
        )
    )


async def message(
    connection: AsyncConnection,
    workspace_id: UUID,
    contact_id: UUID,
    workflow_id: str,
    journey_id: UUID,
    **values: Any,
) -> UUID:
    id_ = uuid4()
    row = {
        "block": "hello",
        "visit": 1,
        "channel": "email",
        "template": "welcome",
        "state": "sent",
        "created_at": NOON,
        **values,
    }
    await connection.execute(
        insert(Message).values(
            workspace_id=workspace_id,
            id=id_,
            journey_id=journey_id,
            workflow_id=UUID(workflow_id),
            contact_id=contact_id,
            **row,
        )
    )
    return id_


async def refusal(
    connection: AsyncConnection,
    workspace_id: UUID,
    contact_id: UUID,
    workflow_id: str,
    **values: Any,
) -> UUID:
    id_ = uuid4()
    row = {"outcome": "reentry", "detail": "once", "decided_at": NOON, **values}
    await connection.execute(
        insert(EntryDecision).values(
            workspace_id=workspace_id,
            id=id_,
            workflow_id=UUID(workflow_id),
            contact_id=contact_id,
            **row,
        )
    )
    return id_
