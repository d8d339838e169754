"""Journeys: where they are, why they ended, and ending them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.filters import ContactRef, WorkflowRef, contact_filter, workflow_filter
from api.management import ManagementRoute, WakingTransaction
from api.models.journeys import (
    JourneyDetail,
    JourneyPage,
    JourneyState,
    StopRequest,
    journey_answer,
    journey_detail,
)
from api.models.problem import ALWAYS, BODY, problems
from api.models.values import Text
from api.paging import Paging
from engine.stopping import stop_journey
from journeys.errors import NotFound
from storage.repositories import journeys as repository
from storage.repositories.journeys import JourneyFilter
from storage.repositories.keyset import Page
from storage.repositories.messages import messages_of_journey

router = APIRouter(
    prefix="/v1/journeys", tags=["journeys"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("", summary="List journeys")
async def list_journeys(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    workflow: WorkflowRef = None,
    contact: ContactRef = None,
    state: Annotated[JourneyState | None, Query()] = None,
    block: Annotated[
        Text | None, Query(min_length=1, max_length=64, description="The block it is in now.")
    ] = None,
    test: Annotated[bool, Query(description="Tests only; else there are none among them.")] = False,
) -> JourneyPage:
    """The one started last first; all that is given must hold."""
    filter_ = JourneyFilter(
        workflow_id=await workflow_filter(connection, workspace, workflow),
        contact_id=await contact_filter(connection, workspace, contact),
        state=state,
        block=block,
        test=test,
    )
    if (workflow and not filter_.workflow_id) or (contact and not filter_.contact_id):
        return JourneyPage.of(Page([], None), journey_answer)
    found = await repository.list_journeys(connection, workspace, page, filter_)
    return JourneyPage.of(found, journey_answer)


@router.get("/{id}", summary="Read a journey", responses=problems(404))
async def get_journey(connection: Transaction, workspace: WorkspaceId, id: UUID) -> JourneyDetail:  # noqa: A002
    """The journey with its drawing, the blocks it visited, and what it sent."""
    return await _detail(connection, workspace, id)


@router.post("/{id}/stop", summary="Stop a journey", responses=BODY | problems(404))
async def stop(
    connection: WakingTransaction,
    workspace: WorkspaceId,
    now: Now,
    id: UUID,  # noqa: A002
    body: Annotated[StopRequest | None, Body()] = None,
) -> JourneyDetail:
    """Nothing more is sent by it. A journey that has ended keeps its state and reason."""
    detail = body.detail if body is not None else None
    await stop_journey(connection, workspace, id, now=now, kind="manual", detail=detail)
    return await _detail(connection, workspace, id)


async def _detail(connection: AsyncConnection, workspace: UUID, id_: UUID) -> JourneyDetail:
    journey = await repository.find_journey(connection, workspace, id_)
    if journey is None:
        raise NotFound(f"There is no journey {str(id_)!r} in this workspace.")
    return journey_detail(
        journey,
        await repository.steps(connection, id_),
        await messages_of_journey(connection, id_),
        await repository.definition_of(connection, id_),
    )
