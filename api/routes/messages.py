"""Messages and what became of them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import WorkspaceId
from api.dependencies import Transaction
from api.filters import ContactRef, WorkflowRef, contact_filter, workflow_filter
from api.models.journeys import MessageAnswer, MessagePage, MessageState
from api.models.problem import ALWAYS, problems
from api.paging import Paging
from journeys.errors import NotFound
from journeys.predicates import Channel
from storage.repositories import messages as repository
from storage.repositories.keyset import Page
from storage.repositories.messages import MessageFilter

router = APIRouter(prefix="/v1/messages", tags=["messages"], responses=ALWAYS)


@router.get("", summary="List messages")
async def list_messages(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    journey: Annotated[UUID | None, Query(description="The journey's id.")] = None,
    workflow: WorkflowRef = None,
    contact: ContactRef = None,
    state: Annotated[MessageState | None, Query(description="The present state.")] = None,
    channel: Annotated[Channel | None, Query()] = None,
) -> MessagePage:
    """The newest first; all that is given must hold."""
    filter_ = MessageFilter(
        journey_id=journey,
        workflow_id=await workflow_filter(connection, workspace, workflow),
        contact_id=await contact_filter(connection, workspace, contact),
        state=state,
        channel=channel,
    )
    if (workflow and not filter_.workflow_id) or (contact and not filter_.contact_id):
        return MessagePage.of(Page([], None), MessageAnswer.model_validate)
    found = await repository.list_messages(connection, workspace, page, filter_)
    return MessagePage.of(found, MessageAnswer.model_validate)


@router.get("/{id}", summary="Read a message", responses=problems(404))
async def get_message(connection: Transaction, workspace: WorkspaceId, id: UUID) -> MessageAnswer:  # noqa: A002
    """The message with this id."""
    record = await repository.find_message(connection, workspace, id)
    if record is None:
        raise NotFound(f"There is no message {str(id)!r} in this workspace.")
    return MessageAnswer.model_validate(record)
