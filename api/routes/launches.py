"""Mass launches: begun by hand, watched, stopped."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Header, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.filters import WorkflowRef, workflow_filter
from api.management import ManagementRoute, WakingTransaction
from api.models.journeys import StopRequest
from api.models.launches import (
    LaunchAnswer,
    LaunchPage,
    LaunchRequest,
    LaunchState,
    launch_answer,
)
from api.models.problem import ALWAYS, BODY, problems
from api.models.values import Text
from api.paging import Paging
from engine.launches import opening as service
from engine.launches.opening import LaunchWish
from storage.repositories import launches as repository
from storage.repositories.launches import LaunchFilter, LaunchRecord

router = APIRouter(
    tags=["launches"], route_class=ManagementRoute, responses=ALWAYS, strict_content_type=False
)
Ref = Annotated[Text, Path(max_length=200, description="The workflow's id or key.")]
RequestKey = Annotated[
    Text | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=255,
        description="The same for calls that mean the same launch: a repeated one begins no "
        "other, and is answered with the launch of the first.",
    ),
]  # fmt: skip


@router.post("/v1/workflows/{ref}/launch", status_code=202, summary="Launch a workflow",
             responses=BODY | problems(404, 409))  # fmt: skip
async def launch_workflow(
    connection: WakingTransaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    key: RequestKey = None,
    body: Annotated[LaunchRequest | None, Body()] = None,
) -> LaunchAnswer:
    """Start the published workflow for everyone who is in the segment now.

    Re-entry, overlap and stops hold as for any start; who is refused is counted by reason. One
    launch of a workflow runs at a time: 409 while another does, or when it is not published. While
    the workflow is paused, the launch is held.
    """
    asked = body or LaunchRequest()
    wish = LaunchWish(asked.segment, asked.spread, asked.rate, key)
    id_ = await service.launch_workflow(connection, workspace, ref, wish, now=now)
    return await _answer(connection, await service.get_launch(connection, workspace, id_))


@router.get("/v1/launches", summary="List launches")
async def list_launches(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    workflow: WorkflowRef = None,
    state: Annotated[LaunchState | None, Query()] = None,
) -> LaunchPage:
    """The one begun last first; all that is given must hold."""
    filter_ = LaunchFilter(await workflow_filter(connection, workspace, workflow), state)
    if workflow and not filter_.workflow_id:
        return LaunchPage(data=[], next=None)
    found = await repository.list_launches(connection, workspace, page, filter_)
    outcomes = await repository.outcomes(connection, [launch.id for launch in found.items])
    return LaunchPage.of(found, lambda launch: launch_answer(launch, outcomes[launch.id]))


@router.get("/v1/launches/{id}", summary="Read a launch", responses=problems(404))
async def get_launch(connection: Transaction, workspace: WorkspaceId, id: UUID) -> LaunchAnswer:  # noqa: A002
    """The launch with its progress."""
    return await _answer(connection, await service.get_launch(connection, workspace, id))


@router.post("/v1/launches/{id}/stop", summary="Stop a launch", responses=BODY | problems(404))
async def stop_launch(
    connection: WakingTransaction,
    workspace: WorkspaceId,
    now: Now,
    id: UUID,  # noqa: A002
    body: Annotated[StopRequest | None, Body()] = None,
) -> LaunchAnswer:
    """Start nobody else by it. Journeys that began go on; a launch that has ended stays so."""
    detail = body.detail if body is not None else None
    launch = await service.stop_launch(connection, workspace, id, now=now, detail=detail)
    return await _answer(connection, launch)


async def _answer(connection: AsyncConnection, launch: LaunchRecord) -> LaunchAnswer:
    outcomes = await repository.outcomes(connection, [launch.id])
    return launch_answer(launch, outcomes[launch.id])
