"""Events, to read."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import WorkspaceId
from api.dependencies import Transaction
from api.filters import ContactRef, contact_filter
from api.models.events import EventAnswer, EventPage
from api.models.problem import ALWAYS, problems
from api.models.values import Text, UtcTime
from api.paging import Paging
from journeys.errors import NotFound
from storage.repositories import events as repository
from storage.repositories.events import EventFilter
from storage.repositories.keyset import Page

router = APIRouter(prefix="/v1/events", tags=["events"], responses=ALWAYS)


@router.get("", summary="List events")
async def list_events(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    contact: ContactRef = None,
    name: Annotated[Text | None, Query()] = None,
    kind: Annotated[Literal["track", "page", "screen", "group"] | None, Query()] = None,
    received_from: Annotated[UtcTime | None, Query(alias="from", description="Included.")] = None,
    received_to: Annotated[UtcTime | None, Query(alias="to", description="Not included.")] = None,
) -> EventPage:
    """The one received last first; all that is given must hold.

    `from` and `to` bound the time of receipt, by which the list is ordered; an event sent late
    happened earlier (`timestamp`).
    """
    contact_id = await contact_filter(connection, workspace, contact)
    if contact and not contact_id:
        return EventPage.of(Page([], None), EventAnswer.model_validate)
    filter_ = EventFilter(contact_id, name, kind, received_from, received_to)
    found = await repository.list_events(connection, workspace, page, filter_)
    return EventPage.of(found, EventAnswer.model_validate)


@router.get("/{id}", summary="Read an event", responses=problems(404))
async def get_event(connection: Transaction, workspace: WorkspaceId, id: UUID) -> EventAnswer:  # noqa: A002
    """The event with this id."""
    record = await repository.find_event(connection, workspace, id)
    if record is None:
        raise NotFound(f"There is no event {str(id)!r} in this workspace.")
    return EventAnswer.model_validate(record)
