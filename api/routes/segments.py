"""Segments: saved predicates over contacts, and static lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Backend, BackendDep, Now, Transaction, transaction
from api.errors import Problem
from api.management import ManagementRoute
from api.models.contacts import ContactAnswer
from api.models.problem import ALWAYS, BODY, problems
from api.models.segments import (
    PreviewRequest,
    SegmentAnswer,
    SegmentChange,
    SegmentCreate,
    SegmentPage,
    SegmentPreview,
    SegmentSave,
    SegmentSummary,
    SegmentUsesAnswer,
)
from api.models.values import Text
from api.naming import keep_key, key_for_put
from api.paging import Paging
from engine import segments as service
from engine.rule_lock import hold_rules
from engine.segment_uses import uses_of
from journeys.errors import InvalidInput, Issue
from storage.faults import sqlstate
from storage.repositories import audiences, memberships
from storage.repositories import segments as repository
from storage.repositories.keyset import Page, PageRequest
from storage.repositories.memberships import Progress
from storage.repositories.segments import SegmentRecord

router = APIRouter(
    prefix="/v1/segments", tags=["segments"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(max_length=200, description="The segment's id or key.")]
_SAMPLE = PageRequest(10)
_CANCELLED = "57014"


async def summaries_of(
    connection: AsyncConnection, segments: Sequence[SegmentRecord]
) -> list[SegmentSummary]:
    """The segments as they are listed, in their order."""
    backfilling = [record.id for record in segments if record.state == "backfilling"]
    progress = await memberships.progress_of(connection, backfilling)
    return [
        SegmentSummary.model_validate(_values(record, progress.get(record.id)))
        for record in segments
    ]


def _values(record: SegmentRecord, progress: Progress | None) -> dict[str, Any]:
    return {
        "id": record.id,
        "key": record.key,
        "name": record.name,
        "where": record.definition,
        "params": service.parameters_of(record),
        "state": record.state,
        "progress": progress,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


@asynccontextmanager
async def in_time(backend: Backend, connection: AsyncConnection) -> AsyncIterator[None]:
    """Bound the statements made inside; a problem that says what to do when one takes longer."""
    seconds = backend.settings.segment_timeout
    await audiences.limit_statements(connection, seconds)
    try:
        yield
    except DBAPIError as error:
        if sqlstate(error) != _CANCELLED:
            raise
        message = (
            "bound it: give events and orders a shorter 'within', and join conditions by 'all' "
            "with one that few contacts meet"
        )
        raise Problem(
            422,
            f"Finding the members took longer than {seconds:g} seconds and was ended. "
            "Make the predicate cheaper, or raise SOJOURN_SEGMENT_TIMEOUT.",
            issues=[Issue("$.where", message)],
        ) from None


async def _counted(
    backend: Backend, workspace: UUID, record: SegmentRecord, now: datetime
) -> SegmentAnswer:
    """The segment with its count, made in a transaction of its own: no change waits for it."""
    async with transaction(backend) as connection:
        members: int | None = None
        progress = (await memberships.progress_of(connection, [record.id])).get(record.id)
        await audiences.limit_statements(connection, backend.settings.segment_timeout)
        try:
            async with connection.begin_nested():
                members = await _count(connection, workspace, record, now)
        except DBAPIError as error:
            if sqlstate(error) != _CANCELLED:
                raise
    return SegmentAnswer.model_validate({**_values(record, progress), "count": members})


async def _count(
    connection: AsyncConnection, workspace: UUID, record: SegmentRecord, now: datetime
) -> int | None:
    if service.parameters_of(record):
        return None
    if record.state == "live":
        return await memberships.count_members(connection, record.id)
    at = await service.audience(connection, workspace, now=now)
    return await audiences.count(connection, at, service.members_of(record))


@router.get("", summary="List segments")
async def list_segments(
    connection: Transaction, workspace: WorkspaceId, page: Paging
) -> SegmentPage:
    """The newest first."""
    found = await repository.list_segments(connection, workspace, page)
    summaries = await summaries_of(connection, found.items)
    return SegmentPage.of(Page(summaries, found.next), lambda summary: summary)


@router.post("", status_code=201, summary="Make a segment", responses=BODY | problems(409))
async def create_segment(
    backend: BackendDep, workspace: WorkspaceId, now: Now, body: SegmentCreate
) -> SegmentAnswer:
    """The predicate is checked as a whole; segments that it names must be there."""
    async with transaction(backend) as connection:
        record = await service.create_segment(
            connection, workspace, key=body.key, name=body.name, where=body.where, now=now,
            starts=body.start_members,
        )  # fmt: skip
    backend.wakeup.set()
    return await _counted(backend, workspace, record, now)


@router.post("/preview", summary="Preview a predicate", responses=BODY)
async def preview_segment(
    backend: BackendDep, workspace: WorkspaceId, now: Now, body: PreviewRequest
) -> SegmentPreview:
    """How many contacts it holds for now, and ten of them; nothing is saved."""
    async with transaction(backend) as connection:
        predicate = await service.read_where(connection, workspace, body.where)
        at = await service.audience(connection, workspace, now=now, params=body.params)
        async with in_time(backend, connection):
            count = await audiences.count(connection, at, predicate)
            sample = await audiences.members(connection, at, predicate, _SAMPLE) if count else None
    contacts = [] if sample is None else [ContactAnswer.model_validate(c) for c in sample.items]
    return SegmentPreview(count=count, contacts=contacts)


@router.get("/{ref}", summary="Read a segment", responses=problems(404))
async def get_segment(
    backend: BackendDep, workspace: WorkspaceId, now: Now, ref: Ref
) -> SegmentAnswer:
    """The segment with this id or key, and how many contacts are in it now."""
    async with transaction(backend) as connection:
        record = await service.get_segment(connection, workspace, ref)
    return await _counted(backend, workspace, record, now)


@router.get("/{ref}/uses", summary="What names a segment", responses=problems(404))
async def get_uses(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> SegmentUsesAnswer:
    """The segments and workflows that name it."""
    record = await service.get_segment(connection, workspace, ref)
    return SegmentUsesAnswer.model_validate(await uses_of(connection, workspace, record))


@router.put("/{ref}", summary="Save a segment", responses=BODY | problems(404))
async def put_segment(
    backend: BackendDep,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: SegmentSave,
    response: Response,
) -> SegmentAnswer:
    """Replace name and predicate, or make the segment when none has this key (201)."""
    async with transaction(backend) as connection:
        await hold_rules(connection, workspace)
        present = await repository.find_segment(connection, workspace, ref, lock="change")
        if present is not None:
            keep_key(body.key, present.key)
            record = await service.save_segment(
                connection, workspace, str(present.id), name=body.name, where=body.where, now=now,
                starts=body.start_members,
            )  # fmt: skip
        else:
            key = key_for_put(ref, body.key, missing=service.no_segment(ref))
            record = await service.create_segment(
                connection, workspace, key=key, name=body.name, where=body.where, now=now,
                starts=body.start_members,
            )  # fmt: skip
            response.status_code = 201
    backend.wakeup.set()
    return await _counted(backend, workspace, record, now)


@router.patch("/{ref}", summary="Change a segment", responses=BODY | problems(404))
async def patch_segment(
    backend: BackendDep, workspace: WorkspaceId, now: Now, ref: Ref, body: SegmentChange
) -> SegmentAnswer:
    """Replace what is given. Conditions that name the segment see a new predicate at once."""
    if "name" in body.model_fields_set and body.name is None:
        raise InvalidInput("A segment needs a name.", [Issue("$.name", "must not be null")])
    async with transaction(backend) as connection:
        await hold_rules(connection, workspace)
        present = await service.get_segment(connection, workspace, ref, lock="change")
        where = body.where if "where" in body.model_fields_set else present.definition
        record = await service.save_segment(
            connection, workspace, str(present.id),
            name=present.name if body.name is None else body.name, where=where, now=now,
            starts=body.start_members,
        )  # fmt: skip
    backend.wakeup.set()
    return await _counted(backend, workspace, record, now)


@router.delete("/{ref}", status_code=204, summary="Delete a segment",
               responses=problems(404, 409))  # fmt: skip
async def delete_segment(
    connection: Transaction, workspace: WorkspaceId, now: Now, ref: Ref
) -> None:
    """Delete it. 409, naming them, while segments or workflows name it."""
    await service.delete_segment(connection, workspace, ref, now=now)
