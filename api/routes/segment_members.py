"""Who is in a segment, who came and went, and changing static lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import WorkspaceId
from api.dependencies import BackendDep, Now, transaction
from api.filters import ContactRef, contact_filter
from api.management import ManagementRoute, WakingTransaction
from api.models.contacts import ContactAnswer
from api.models.problem import ALWAYS, BODY, problems
from api.models.segments import (
    MemberAnswer,
    MemberPage,
    MembersAnswer,
    MembersRequest,
    MoveAnswer,
    MovePage,
)
from api.models.values import UtcTime
from api.paging import Paging
from api.routes.segments import Ref, in_time
from engine import segments as service
from storage.repositories import audiences, memberships
from storage.repositories.keyset import Page
from storage.repositories.memberships import Member, Move, MoveFilter

router = APIRouter(
    prefix="/v1/segments", tags=["segments"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("/{ref}/contacts", summary="List a segment's members", responses=problems(404))
async def list_members(
    backend: BackendDep, workspace: WorkspaceId, now: Now, ref: Ref, page: Paging
) -> MemberPage:
    """Who is in it, those first who entered last. 422 for a parameterised segment.

    While it is backfilled its predicate is asked, and the newest contacts come first: read the list
    again from its beginning once it is live.
    """
    async with transaction(backend) as connection:
        record = await service.get_segment(connection, workspace, ref)
        members = service.members_of(record)
        async with in_time(backend, connection):
            if record.state == "live":
                found = await memberships.list_members(connection, record.id, page)
            else:
                at = await service.audience(connection, workspace, now=now)
                asked = await audiences.members(connection, at, members, page)
                found = Page([Member(one, None) for one in asked.items], asked.next)
    return MemberPage.of(found, _member)


def _member(member: Member) -> MemberAnswer:
    contact = ContactAnswer.model_validate(member.contact)
    return MemberAnswer(**contact.model_dump(), entered_at=member.entered_at)


@router.get("/{ref}/history", summary="Who entered and left a segment", responses=problems(404))
async def list_moves(
    backend: BackendDep,
    workspace: WorkspaceId,
    ref: Ref,
    page: Paging,
    contact: ContactRef = None,
    from_: Annotated[UtcTime | None, Query(alias="from", description="Included.")] = None,
    to: Annotated[UtcTime | None, Query(description="Not included.")] = None,
) -> MovePage:
    """Entries and exits, newest first; all that is given must hold.

    Whom a change of the predicate moved did so when the backfill came to them. A parameterised
    segment has no history.
    """
    async with transaction(backend) as connection:
        record = await service.get_segment(connection, workspace, ref)
        filter_ = MoveFilter(await contact_filter(connection, workspace, contact), from_, to)
        if contact is not None and filter_.contact_id is None:
            return MovePage(data=[], next=None)
        async with in_time(backend, connection):
            found = await memberships.list_moves(connection, record.id, page, filter_)
    return MovePage.of(found, _move)


def _move(move: Move) -> MoveAnswer:
    return MoveAnswer(
        at=move.at, kind="entered" if move.entered else "left", contact_id=move.contact_id,
        user_id=move.user_id,
    )  # fmt: skip


@router.post("/{ref}/contacts", summary="Change a static list",
             responses=BODY | problems(404, 409))  # fmt: skip
async def change_members(
    connection: WakingTransaction, workspace: WorkspaceId, now: Now, ref: Ref, body: MembersRequest
) -> MembersAnswer:
    """Take contacts off the list, then put others on it; at most 1,000 in all.

    Repeating a call changes nothing. 409 for a segment with a predicate.
    """
    change = await service.change_members(
        connection, workspace, ref, add=body.add, remove=body.remove, now=now
    )
    return MembersAnswer.model_validate(change)
