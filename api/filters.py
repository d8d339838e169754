"""Filters that several lists take: a workflow by id or key, a contact by `userId` or id."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.models.values import Text
from storage.repositories import contacts, workflows

WorkflowRef = Annotated[
    Text | None, Query(min_length=1, description="A workflow's id or key; an unknown one has none.")
]
ContactRef = Annotated[
    Text | None,
    Query(min_length=1, description="A contact's `userId` or id; an unknown one has none."),
]


async def workflow_filter(
    connection: AsyncConnection, workspace_id: UUID, ref: str | None
) -> UUID | None:
    """The workflow's id; None when no filter is set, or there is no such workflow."""
    return None if ref is None else await workflows.workflow_id(connection, workspace_id, ref)


async def contact_filter(
    connection: AsyncConnection, workspace_id: UUID, ref: str | None
) -> UUID | None:
    """The contact's id; None when no filter is set, or there is no such contact."""
    return None if ref is None else await contacts.contact_id(connection, workspace_id, ref)
