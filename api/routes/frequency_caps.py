"""Frequency caps: how many messages a contact gets at most, over all workflows."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Response

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.consent import CapAnswer, CapCreate, CapPage, CapSave
from api.models.problem import ALWAYS, BODY, problems
from api.models.values import Text
from api.naming import keep_key, key_for_put
from api.paging import Paging
from journeys.errors import Conflict, NotFound
from storage.repositories import frequency_caps as repository
from storage.repositories.frequency_caps import CapRecord

router = APIRouter(
    prefix="/v1/frequency-caps", tags=["consent"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(max_length=200, description="The cap's id or key.")]


def _answer(record: CapRecord) -> CapAnswer:
    return CapAnswer(**{**asdict(record), "channel": record.channel or None})


def _no_cap(ref: str) -> NotFound:
    return NotFound(f"There is no frequency cap {ref!r} in this workspace.")


def _values(body: CapSave) -> dict[str, Any]:
    return {"channel": body.channel or "", "limit": body.limit, "period": body.period}


async def _insert(
    connection: Transaction, workspace: WorkspaceId, key: str, body: CapSave, now: Now
) -> CapRecord:
    record = CapRecord(uuid4(), key, **_values(body), created_at=now, updated_at=now)
    if not await repository.insert_cap(connection, workspace, record):
        raise Conflict(f"The key {key!r} is in use by another frequency cap.")
    return record


@router.get("", summary="List frequency caps")
async def list_caps(connection: Transaction, workspace: WorkspaceId, page: Paging) -> CapPage:
    """The newest first. A message must keep to all of them, unless it is transactional."""
    return CapPage.of(await repository.list_caps(connection, workspace, page), _answer)


@router.post("", status_code=201, summary="Make a frequency cap", responses=BODY | problems(409))
async def create_cap(
    connection: Transaction, workspace: WorkspaceId, now: Now, body: CapCreate
) -> CapAnswer:
    """It holds at once; messages that were sent before count."""
    return _answer(await _insert(connection, workspace, body.key, body, now))


@router.get("/{ref}", summary="Read a frequency cap", responses=problems(404))
async def get_cap(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> CapAnswer:
    """The cap."""
    record = await repository.find_cap(connection, workspace, ref)
    if record is None:
        raise _no_cap(ref)
    return _answer(record)


@router.put("/{ref}", summary="Save a frequency cap", responses=BODY | problems(404))
async def put_cap(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: CapSave,
    response: Response,
) -> CapAnswer:
    """Change the cap, or make it when none has this key (201)."""
    present = await repository.find_cap(connection, workspace, ref, lock="change")
    if present is None:
        response.status_code = 201
        key = key_for_put(ref, body.key, missing=_no_cap(ref))
        return _answer(await _insert(connection, workspace, key, body, now))
    keep_key(body.key, present.key)
    record = replace(present, **_values(body), updated_at=now)
    await repository.update_cap(connection, record)
    return _answer(record)


@router.delete("/{ref}", status_code=204, summary="Delete a frequency cap", responses=problems(404))
async def delete_cap(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> None:
    """It holds no longer."""
    record = await repository.find_cap(connection, workspace, ref, lock="delete")
    if record is None:
        raise _no_cap(ref)
    await repository.delete_cap(connection, record.id)
