"""API keys."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.keys import KeyAnswer, KeyCreate, KeyCreated, KeyPage
from api.models.problem import ALWAYS, BODY, problems
from api.paging import Paging
from engine import keys as service
from journeys.errors import NotFound
from storage.repositories import keys as repository

router = APIRouter(
    prefix="/v1/keys", tags=["keys"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("", summary="List keys")
async def list_keys(connection: Transaction, workspace: WorkspaceId, page: Paging) -> KeyPage:
    """The newest first, revoked ones too. What a key reads is not kept, only how it begins."""
    found = await repository.list_keys(connection, workspace, page)
    return KeyPage.of(found, KeyAnswer.model_validate)


@router.post("", status_code=201, summary="Make a key", responses=BODY)
async def create_key(
    connection: Transaction, workspace: WorkspaceId, body: KeyCreate
) -> KeyCreated:
    """The answer holds the key itself, this once: it is stored as a hash."""
    row, plain = await service.create_key(connection, workspace, body.kind, body.name)
    return KeyCreated.model_validate({**row.model_dump(), "key": plain})


@router.delete("/{id}", status_code=204, summary="Revoke a key", responses=problems(404))
async def revoke_key(connection: Transaction, workspace: WorkspaceId, now: Now, id: UUID) -> None:  # noqa: A002
    """It is refused from now on. 404 when there is no such valid key."""
    if not await service.revoke_key(connection, workspace, id, now=now):
        raise NotFound(f"There is no valid key {str(id)!r} in this workspace.")
