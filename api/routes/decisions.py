"""Every start, refusal and end, of a workflow or of a contact, to be searched."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Transaction
from api.errors import Problem
from api.filters import ContactRef, WorkflowRef, contact_filter, workflow_filter
from api.management import ManagementRoute
from api.models.decisions import HistoryKind, HistoryPage, history_entry
from api.models.problem import ALWAYS, problems
from api.models.values import Text, UtcTime
from api.paging import Paging
from engine.workflows import no_workflow
from journeys.errors import Issue, NotFound
from storage.repositories import contacts, workflows
from storage.repositories.decisions import KINDS, HistoryFilter, history
from storage.repositories.events import find_event
from storage.repositories.keyset import Page, PageRequest
from storage.repositories.refs import as_uuid

router = APIRouter(prefix="/v1", tags=["history"], route_class=ManagementRoute, responses=ALWAYS)


async def _search(
    kind: Annotated[HistoryKind | None, Query()] = None,
    event: Annotated[
        Text | None, Query(min_length=1, description="The starting event's name or id.")
    ] = None,
    key: Annotated[
        list[Text] | None,
        Query(
            max_length=20,
            description="The value of the re-entry key, as text. Of a key with several properties "
            "give all values, in any order.",
        ),
    ] = None,
    param: Annotated[
        list[Text] | None,
        Query(
            max_length=20,
            description="A property of the starting event and its value, as in "
            "`param=plan_id=p-1`; dots lead into objects.",
        ),
    ] = None,
    block: Annotated[
        Text | None, Query(min_length=1, description="The block it ended in: only ends have one.")
    ] = None,
    reason: Annotated[
        Text | None,
        Query(min_length=1, description="A reason's kind, such as `reentry`, `event` or `exit`."),
    ] = None,
    launch: Annotated[UUID | None, Query(description="A mass launch's id.")] = None,
    from_: Annotated[UtcTime | None, Query(alias="from", description="At or after.")] = None,
    to: Annotated[UtcTime | None, Query(description="Before.")] = None,
) -> HistoryFilter:
    event_id = None if event is None else as_uuid(event)
    return HistoryFilter(
        kinds=KINDS if kind is None else (kind,),
        event_id=event_id,
        event_name=event if event_id is None else None,
        key=tuple(key or ()),
        params=tuple(_param(one) for one in param or ()),
        block=block,
        reason=reason,
        launch_id=launch,
        since=from_,
        before=to,
    )


def _param(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        issue = Issue("$.query.param", "must be a name and a value, as in plan_id=p-1")
        raise Problem(422, f"{text!r} is not a property and its value.", issues=[issue])
    return name, value


Search = Annotated[HistoryFilter, Depends(_search)]


@router.get("/workflows/{ref}/history", summary="Search a workflow's starts and ends",
            responses=problems(404))  # fmt: skip
async def workflow_history(
    connection: Transaction,
    workspace: WorkspaceId,
    ref: Annotated[Text, Path(max_length=200, description="The workflow's id or key.")],
    page: Paging,
    search: Search,
    contact: ContactRef = None,
) -> HistoryPage:
    """Every launch, refused start and end, newest first; all that is given must hold."""
    workflow_id = await workflows.workflow_id(connection, workspace, ref)
    if workflow_id is None:
        raise no_workflow(ref)
    contact_id = await contact_filter(connection, workspace, contact)
    if contact is not None and contact_id is None:
        return HistoryPage.of(Page([], None), history_entry)
    filter_ = replace(search, workflow_id=workflow_id, contact_id=contact_id)
    return await _found(connection, workspace, page, filter_)


@router.get("/contacts/{ref:path}/history", summary="Search a contact's starts and ends",
            responses=problems(404))  # fmt: skip
async def contact_history(
    connection: Transaction,
    workspace: WorkspaceId,
    ref: Annotated[Text, Path(description="The contact's `userId` or id.")],
    page: Paging,
    search: Search,
    workflow: WorkflowRef = None,
) -> HistoryPage:
    """Every launch, refused start and end of all workflows, newest first."""
    contact_id = await contacts.contact_id(connection, workspace, ref)
    if contact_id is None:
        raise NotFound(f"There is no contact {ref!r} in this workspace.")
    workflow_id = await workflow_filter(connection, workspace, workflow)
    if workflow is not None and workflow_id is None:
        return HistoryPage.of(Page([], None), history_entry)
    filter_ = replace(search, workflow_id=workflow_id, contact_id=contact_id)
    return await _found(connection, workspace, page, filter_)


async def _found(
    connection: AsyncConnection, workspace: UUID, page: PageRequest, filter_: HistoryFilter
) -> HistoryPage:
    if filter_.event_id is not None and filter_.contact_id is None:
        # the contact leads to its few decisions by an index; the event's id has none
        event = await find_event(connection, workspace, filter_.event_id)
        filter_ = replace(filter_, contact_id=event.contact_id if event is not None else None)
    found = await history(connection, workspace, page, filter_)
    return HistoryPage.of(found, history_entry)
