"""Contacts: who they are, what happened to them, and ending their journeys."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import BackendDep, Now, Transaction, transaction
from api.errors import Problem
from api.management import ManagementRoute, WakingTransaction
from api.models.contacts import (
    ContactAnswer,
    ContactDetails,
    ContactPage,
    EventEntry,
    JourneyEntry,
    MessageEntry,
    OrderEntry,
    RefusalEntry,
    SegmentEntry,
    TimelineEntry,
    TimelinePage,
)
from api.models.journeys import StoppedAnswer, StopRequest
from api.models.problem import ALWAYS, BODY, problems
from api.models.segments import MembershipAnswer, MembershipPage
from api.models.values import Text, UtcTime
from api.paging import Paging
from api.routes.segments import in_time, summaries_of
from engine import segments
from engine.contact_segments import memberships_of_contact
from engine.stopping import stop_contact_journeys
from journeys.errors import Issue, NotFound
from journeys.predicates import AllOf, Predicate
from storage.repositories import audiences, contact_ties, timeline
from storage.repositories import contacts as repository
from storage.repositories.contacts import ContactFilter
from storage.repositories.keyset import Page
from storage.repositories.segments import find_segment
from storage.repositories.timeline import ItemKind

router = APIRouter(
    prefix="/v1/contacts", tags=["contacts"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(description="The contact's `userId` or id.")]


async def existing(connection: AsyncConnection, workspace: UUID, ref: str) -> UUID:
    """The id of this contact; raises NotFound."""
    id_ = await repository.contact_id(connection, workspace, ref)
    if id_ is None:
        raise no_contact(ref)
    return id_


def no_contact(ref: str) -> NotFound:
    """What says that there is none."""
    return NotFound(f"There is no contact {ref!r} in this workspace.")


@router.get("", summary="List contacts")
async def list_contacts(
    backend: BackendDep,
    workspace: WorkspaceId,
    now: Now,
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
    segment: Annotated[
        Text | None,
        Query(
            min_length=1,
            description="Members of the segment with this id or key; an unknown one has none.",
        ),
    ] = None,
    where: Annotated[
        Text | None, Query(max_length=20_000, description="A predicate as JSON, as in segments.")
    ] = None,
) -> ContactPage:
    """The newest first; all that is given must hold."""
    filter_ = ContactFilter(email, user_id, created_from, created_to, search)
    async with transaction(backend) as connection:
        held: list[Predicate] = []
        if segment is not None:
            record = await find_segment(connection, workspace, segment)
            if record is None:
                return ContactPage.of(Page([], None), ContactAnswer.model_validate)
            held.append(segments.members_of(record))
        if where is not None:
            held.append(await segments.read_where(connection, workspace, _json(where)))
        if held:
            at = await segments.audience(connection, workspace, now=now)
            async with in_time(backend, connection):
                found = await audiences.members(connection, at, AllOf(all=held), page, filter_)
        else:
            found = await repository.list_contacts(connection, workspace, page, filter_)
    return ContactPage.of(found, ContactAnswer.model_validate)


def _json(where: str) -> dict[str, Any]:
    try:
        data = orjson.loads(where)
    except orjson.JSONDecodeError as error:
        message = f"must be JSON: {error}"
    else:
        if isinstance(data, dict):
            return data
        message = "must be a JSON object"
    raise Problem(422, "The predicate cannot be read.", issues=[Issue("$.where", message)])


@router.get("/{ref:path}/timeline", summary="What happened to a contact", responses=problems(404))
async def contact_timeline(
    connection: Transaction,
    workspace: WorkspaceId,
    ref: Ref,
    page: Paging,
    kind: Annotated[
        list[ItemKind] | None, Query(description="Only of these kinds; may be repeated.")
    ] = None,
) -> TimelinePage:
    """Events, orders, segments, journeys, messages and refused starts, newest first.

    Events and orders are placed when they happened, which may be before they were received.
    """
    id_ = await existing(connection, workspace, ref)
    return TimelinePage.of(await timeline.timeline(connection, id_, page, kind), _entry)


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
    id_ = await existing(connection, workspace, ref)
    found = await memberships_of_contact(connection, workspace, id_, ended=history, now=now)
    summaries = await summaries_of(connection, [membership.segment for membership in found])
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
        id_ = await existing(connection, workspace, ref)
        stopped = await stop_contact_journeys(
            connection, workspace, id_, now=now, detail=body.detail if body else None
        )
        if stopped is not None:
            return StoppedAnswer(stopped=stopped)
    raise no_contact(ref)


@router.get("/{ref:path}", summary="Read a contact", responses=problems(404))
async def get_contact(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> ContactDetails:
    """The contact with this `userId`, present or former, or id."""
    id_ = await existing(connection, workspace, ref)
    found = await details(connection, id_)
    if found is None:
        raise no_contact(ref)
    return found


async def details(connection: AsyncConnection, contact_id: UUID) -> ContactDetails | None:
    """The contact with its ids, devices and groups; None when it is gone."""
    record = await repository.get_contact(connection, contact_id)
    if record is None:
        return None
    ties = await contact_ties.contact_ties(connection, contact_id)
    return ContactDetails.model_validate({**asdict(record), **asdict(ties)})


def _entry(item: timeline.TimelineItem) -> TimelineEntry:
    match item:
        case timeline.EventItem():
            return EventEntry.model_validate({**_values(item), "kind": "event"})
        case timeline.OrderItem():
            return OrderEntry.model_validate({**_values(item), "kind": "order"})
        case timeline.SegmentItem():
            return SegmentEntry.model_validate({**_values(item), "kind": "segment"})
        case timeline.JourneyItem():
            return JourneyEntry.model_validate({**_values(item), "kind": "journey"})
        case timeline.MessageItem():
            return MessageEntry.model_validate({**_values(item), "kind": "message"})
        case timeline.RefusalItem():
            return RefusalEntry.model_validate({**_values(item), "kind": "refusal"})


def _values(item: timeline.TimelineItem) -> dict[str, object]:
    return {name: getattr(item, name) for name in item.__slots__}
