"""Addresses to which nothing is sent: looked at, added by hand, taken off."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.consent import (
    SuppressedAnswer,
    SuppressionAnswer,
    SuppressionCreate,
    SuppressionPage,
)
from api.models.problem import ALWAYS, BODY, problems
from api.models.values import Text
from api.paging import Paging
from engine.consent.suppressions import (
    SuppressedChannel,
    SuppressionReason,
    address_hash,
    normal_address,
    suppress_all,
)
from journeys.errors import NotFound
from storage.repositories import suppressions as repository
from storage.repositories.keyset import Page

router = APIRouter(
    prefix="/v1/suppressions", tags=["consent"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("", summary="List suppressed addresses")
async def list_suppressions(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    channel: SuppressedChannel | None = None,
    reason: SuppressionReason | None = None,
    address: Annotated[
        Text | None,
        Query(max_length=320, description="This one only; finds those of the erased, too."),
    ] = None,
) -> SuppressionPage:
    """The newest first."""
    hash_ = None
    if address is not None:
        channel = channel or ("email" if "@" in address else "sms")
        normal = normal_address(channel, address)
        if normal is None:
            return SuppressionPage.of(Page([], None), SuppressionAnswer.model_validate)
        hash_ = address_hash(workspace, channel, normal)
    found = await repository.list_suppressions(
        connection, workspace, page, channel=channel, reason=reason, hash_=hash_
    )
    return SuppressionPage.of(found, SuppressionAnswer.model_validate)


@router.post("", summary="Suppress addresses", responses=BODY)
async def add_suppressions(
    connection: Transaction, workspace: WorkspaceId, now: Now, body: SuppressionCreate
) -> SuppressedAnswer:
    """Up to 1,000 addresses of a channel. Those that are suppressed already stay as they are."""
    refused = await suppress_all(
        connection, workspace, body.channel, body.addresses, body.reason, now=now
    )
    return SuppressedAnswer(suppressed=len(body.addresses) - len(refused), refused=refused)


@router.delete("/{id}", status_code=204, summary="Take an address off", responses=problems(404))
async def delete_suppression(
    connection: Transaction,
    workspace: WorkspaceId,
    id: UUID,  # noqa: A002
) -> None:
    """Messages go there again. Whoever unsubscribed stays so."""
    if not await repository.delete_suppression(connection, workspace, id):
        raise NotFound(f"There is no suppressed address {str(id)!r} in this workspace.")
