"""Workflows in numbers, and who is behind them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.numbers import (
    BlockContactAnswer,
    BlockContactPage,
    SeriesAnswer,
    WorkflowStats,
    series_points,
    stats_answer,
)
from api.models.problem import ALWAYS, problems
from api.models.values import Text, UtcTime
from api.paging import Paging
from api.routes.workflows import Ref
from engine.workflows import get_workflow
from journeys.errors import InvalidInput, Issue, NotFound
from storage.repositories import activity, statistics, workspaces
from storage.repositories.activity import Interval, Window
from storage.repositories.block_contacts import BlockState, block_contacts

router = APIRouter(
    prefix="/v1/workflows", tags=["numbers"], route_class=ManagementRoute, responses=ALWAYS
)
MOST_POINTS = 2000
_SPAN = {"day": timedelta(days=29), "hour": timedelta(hours=47)}
_STEP = {"day": timedelta(days=1), "hour": timedelta(hours=1)}

Version = Annotated[int | None, Query(ge=1, lt=2**31, description="Count this version alone.")]
From = Annotated[
    UtcTime | None,
    Query(alias="from", description="What happened since; taken down to the hour."),
]
To = Annotated[UtcTime | None, Query(description="What happened before; taken down to the hour.")]
Block = Annotated[Text, Path(max_length=64, description="The block's id.")]


async def _version_id(
    connection: AsyncConnection, workflow_id: UUID, version: int | None
) -> UUID | None:
    if version is None:
        return None
    found = await statistics.version_id(connection, workflow_id, version)
    if found is None:
        raise NotFound(f"The workflow has no version {version}.")
    return found


def _hour(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(minute=0, second=0, microsecond=0)


@router.get("/{ref}/stats", summary="A workflow in numbers", responses=problems(404))
async def workflow_stats(
    connection: Transaction,
    workspace: WorkspaceId,
    ref: Ref,
    version: Version = None,
    from_: From = None,
    to: To = None,
) -> WorkflowStats:
    """What happened in the window (in all, without one), by block and way; and who is where now.

    What a contact did stays counted when the contact is erased. Tests do not count.
    """
    workflow = await get_workflow(connection, workspace, ref)
    window = Window(await _version_id(connection, workflow.id, version), _hour(from_), _hour(to))
    return stats_answer(await statistics.workflow_statistics(connection, workflow.id, window))


@router.get("/{ref}/stats/series", summary="A workflow over time", responses=problems(404))
async def workflow_series(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    interval: Annotated[Interval, Query()] = "day",
    version: Version = None,
    from_: From = None,
    to: To = None,
    block: Annotated[Text | None, Query(max_length=64, description="This block alone.")] = None,
) -> SeriesAnswer:
    """Every hour or day of the window, by the clock of the workspace's zone.

    Without a window: the last 30 days, or 48 hours. What it begins in is counted as a whole.
    """
    workflow = await get_workflow(connection, workspace, ref)
    end = to or now
    begin = from_ or end - _SPAN[interval]
    if not timedelta() <= end - begin <= MOST_POINTS * _STEP[interval]:
        raise InvalidInput(
            "The window is not valid.",
            [Issue("$.query.from", f"must be before 'to', by at most {MOST_POINTS} {interval}s")],
        )
    zone = await workspaces.known_zone(connection, workspace)
    slots = await activity.series(
        connection,
        workflow.id,
        Window(await _version_id(connection, workflow.id, version), begin, end),
        interval=interval,
        zone=zone,
        block=block,
        most=MOST_POINTS + 1,
    )
    return SeriesAnswer(interval=interval, timezone=zone, data=series_points(slots))


@router.get("/{ref}/blocks/{block}/contacts", summary="Contacts behind a number",
            responses=problems(404))  # fmt: skip
async def list_block_contacts(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    ref: Ref,
    block: Block,
    state: Annotated[BlockState, Query()] = "entered",
    version: Version = None,
) -> BlockContactPage:
    """Whoever came into the block, waits in it, or got its message; once for each visit.

    Those of late first: by when they came in, or their message was made; those who wait by when
    their journey began.
    """
    workflow = await get_workflow(connection, workspace, ref)
    found = await block_contacts(
        connection, workflow.id, block, state, page,
        version_id=await _version_id(connection, workflow.id, version),
    )  # fmt: skip
    return BlockContactPage.of(found, BlockContactAnswer.model_validate)
