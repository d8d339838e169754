"""Contacts: who they are, what happened to them, and ending their journeys."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute, WakingTransaction
from api.models.contacts import (
    ContactAnswer,
    ContactPage,
    EventEntry,
    JourneyEntry,
    MessageEntry,
    RefusalEntry,
    TimelineEntry,
    TimelinePage,
)
from api.models.journeys import StoppedAnswer, StopRequest
from api.models.problem import ALWAYS, BODY, problems
from api.models.segments import MembershipAnswer, MembershipPage
from api.models.values import Text, UtcTime
from api.paging import Paging
from api.routes.segments import summaries_of
from engine.contact_segments import memberships_of_contact
from engine.stopping import stop_contact_journeys
from journeys.errors import NotFound
from storage.repositories import contacts as repository
from storage.repositories import timeline
from storage.repositories.contacts import ContactFilter

router = APIRouter(
    prefix="/v1/contacts", tags=["contacts"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(description="The contact's `userId` or id.")]


async def _contact_id(connection: AsyncConnection, workspace: UUID, ref: str) -> UUID:
    id_ = await repository.contact_id(connection, workspace, ref)
    if id_ is None:
        raise _no_contact(ref)
    return id_


def _no_contact(ref: str) -> NotFound:
    return NotFound(f"There is no contact {ref!r} in this workspace.")


@router.get("", summary="List contacts")
async def list_contacts(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    email: Annotated[Text | None, Query(description="Exactly, in any case.")] = None,
    user_id: Annotated[Text | None, Query(alias="userId")] = None,
    created_from: Annotated[UtcTime | None, Query(description="Included.")] = None,
    created_to: Annotated[UtcTime | None, Query(description="Not included.")] = None,
    search: Annotated[
        Text | None,
        Query(
            min_length=1,
            max_length=200,
            description="Part of the userId, email, phone, or of the fields `name`, "
            "`first_name` and `last_name`, in any case.",
        ),
    ] = None,
) -> ContactPage:
    """The newest first; all that is given must hold."""
    filter_ = ContactFilter(email, user_id, created_from, created_to, search)
    found = await repository.list_contacts(connection, workspace, page, filter_)
    return ContactPage.of(found, ContactAnswer.model_validate)


@router.get("/{ref:path}/timeline", summary="What happened to a contact", responses=problems(404))
async def contact_timeline(
    connection: Transaction, workspace: WorkspaceId, ref: Ref, page: Paging
) -> TimelinePage:
    """Events, journeys, messages and refused starts, newest first.

    Events are placed when they happened, which may be before they were received.
    """
    id_ = await _contact_id(connection, workspace, ref)
    return TimelinePage.of(await timeline.timeline(connection, id_, page), _entry)


@router.get("/{ref:path}/segments", summary="A contact's segments", responses=problems(404))
async def contact_segments(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    history: Annotated[
        bool, Query(description="List memberships that ended too, up to the 200 newest.")
    ] = False,
) -> MembershipPage:
    """All segments that the contact is in, by key, on one page, and since when.

    Parameterised segments are left out: who is in one depends on its parameters.
    """
    id_ = await _contact_id(connection, workspace, ref)
    found = await memberships_of_contact(connection, workspace, id_, ended=history, now=now)
    segments = [membership.segment for membership in found]
    summaries = await summaries_of(connection, segments)
    data = [
        MembershipAnswer(
            **summary.model_dump(), entered_at=membership.entered_at, left_at=membership.left_at
        )
        for summary, membership in zip(summaries, found, strict=True)
    ]
    return MembershipPage(data=data, next=None)


@router.post("/{ref:path}/stop", summary="Stop a contact's journeys",
             responses=BODY | problems(404))  # fmt: skip
async def stop_contact(
    connection: WakingTransaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: Annotated[StopRequest | None, Body()] = None,
) -> StoppedAnswer:
    """End all journeys of the contact that are running, of every workflow. Others may start."""
    for _ in range(2):
        id_ = await _contact_id(connection, workspace, ref)
        stopped = await stop_contact_journeys(
            connection, workspace, id_, now=now, detail=body.detail if body else None
        )
        if stopped is not None:
            return StoppedAnswer(stopped=stopped)
    raise _no_contact(ref)


@router.get("/{ref:path}", summary="Read a contact", responses=problems(404))
async def get_contact(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> ContactAnswer:
    """The contact with this `userId`, present or former, or id."""
    id_ = await _contact_id(connection, workspace, ref)
    record = await repository.get_contact(connection, id_)
    if record is None:
        raise _no_contact(ref)
    return ContactAnswer.model_validate(record)


def _entry(item: timeline.TimelineItem) -> TimelineEntry:
    match item:
        case timeline.EventItem():
            return EventEntry.model_validate({**_values(item), "kind": "event"})
        case timeline.JourneyItem():
            return JourneyEntry.model_validate({**_values(item), "kind": "journey"})
        case timeline.MessageItem():
            return MessageEntry.model_validate({**_values(item), "kind": "message"})
        case timeline.RefusalItem():
            return RefusalEntry.model_validate({**_values(item), "kind": "refusal"})


def _values(item: timeline.TimelineItem) -> dict[str, object]:
    return {name: getattr(item, name) for name in item.__slots__}
