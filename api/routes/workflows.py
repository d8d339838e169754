"""Workflows: drafts, versions, and whether they run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import CallerName, WorkspaceId
from api.dependencies import BackendDep, Now, Transaction
from api.errors import Problem
from api.management import DefinitionRoute, ExpectedRevision, WakingTransaction
from api.models.journeys import StoppedAnswer, StopRequest
from api.models.problem import ALWAYS, BODY, problems
from api.models.values import Text
from api.models.workflows import (
    CheckRequest,
    Published,
    ReviewAnswer,
    VersionAnswer,
    VersionPage,
    WorkflowAnswer,
    WorkflowChange,
    WorkflowCreate,
    WorkflowListed,
    WorkflowPage,
    WorkflowSave,
    WorkflowState,
    review_answer,
)
from api.naming import keep_key, key_for_put
from api.paging import Paging
from channels.registry import undeliverable
from engine import publishing
from engine import workflows as service
from engine.reviewing import review
from engine.stopping import stop_workflow_journeys
from journeys.errors import NotFound
from storage.repositories import workflows as repository
from storage.repositories.providers import served_channels
from storage.repositories.statistics import running_journeys
from storage.repositories.workflows import WorkflowRecord

router = APIRouter(
    prefix="/v1/workflows", tags=["workflows"], route_class=DefinitionRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(max_length=200, description="The workflow's id or key.")]


YAML = {
    "requestBody": {
        "content": {
            "application/yaml": {
                "schema": {"type": "object", "description": "The same, written as YAML 1.2."}
            }
        }
    }
}


CheckWhen = Annotated[
    Literal["now", "later"],
    Query(
        alias="check",
        description="`later` stores a draft that is still being drawn: the answer's `issues` tell "
        "what is wrong with it, and publishing refuses it until nothing is.",
    ),
]


async def _answer(
    connection: AsyncConnection, workspace_id: UUID, record: WorkflowRecord, response: Response
) -> WorkflowAnswer:
    response.headers["ETag"] = f'"{record.revision}"'
    found = await review(connection, workspace_id, record.definition)
    return WorkflowAnswer(**asdict(record), **dict(review_answer(found, record.definition)))


@router.post("/check", summary="Check a definition", responses=BODY, openapi_extra=YAML)
async def check_definition(
    connection: Transaction, workspace: WorkspaceId, body: CheckRequest
) -> ReviewAnswer:
    """All that keeps it from being published, and what will surprise. Nothing is stored."""
    found = await review(connection, workspace, body.definition)
    return review_answer(found, body.definition)


@router.get("", summary="List workflows")
async def list_workflows(
    connection: Transaction,
    workspace: WorkspaceId,
    page: Paging,
    state: Annotated[WorkflowState | None, Query()] = None,
) -> WorkflowPage:
    """The newest first, without their drawings."""
    found = await repository.list_workflows(connection, workspace, page, state=state)
    running = await running_journeys(connection, [one.id for one in found.items])
    return WorkflowPage.of(
        found,
        lambda one: WorkflowListed.model_validate({**asdict(one), "running": running[one.id]}),
    )


@router.post("", status_code=201, summary="Make a workflow", responses=BODY | problems(409),
             openapi_extra=YAML)  # fmt: skip
async def create_workflow(
    connection: Transaction,
    workspace: WorkspaceId,
    caller: CallerName,
    now: Now,
    body: WorkflowCreate,
    response: Response,
    check: CheckWhen = "now",
) -> WorkflowAnswer:
    """The workflow is a draft until it is published. Unless `check=later`, it must be right."""
    record = await service.create_workflow(
        connection, workspace, key=body.key, definition=body.definition, name=body.name,
        layout=body.layout, later=check == "later", by=caller, now=now,
    )  # fmt: skip
    return await _answer(connection, workspace, record, response)


@router.get("/{ref}", summary="Read a workflow", responses=problems(404))
async def get_workflow(
    connection: Transaction, workspace: WorkspaceId, ref: Ref, response: Response
) -> WorkflowAnswer:
    """The workflow with its draft."""
    record = await service.get_workflow(connection, workspace, ref)
    return await _answer(connection, workspace, record, response)


@router.put("/{ref}", summary="Save a draft", responses=BODY | problems(404, 409),
            openapi_extra=YAML)  # fmt: skip
async def put_workflow(
    connection: Transaction,
    workspace: WorkspaceId,
    caller: CallerName,
    now: Now,
    ref: Ref,
    body: WorkflowSave,
    expected: ExpectedRevision,
    response: Response,
    check: CheckWhen = "now",
) -> WorkflowAnswer:
    """Replace the draft, or make the workflow when no workflow has this key (201).

    Pass the `revision` that you edited, in the body or as `If-Match`, and a draft that somebody
    else saved meanwhile is never overwritten: the answer is 409, with the present `revision`,
    its `updated_at` and `saved_by`.
    """
    revision = body.revision or expected
    present = await repository.find_workflow(connection, workspace, ref, lock="change")
    if present is not None:
        keep_key(body.key, present.key)
        record = await service.save_draft(
            connection, workspace, str(present.id),
            definition=body.definition, name=body.name, layout=body.layout, revision=revision,
            later=check == "later", by=caller, now=now,
        )  # fmt: skip
        return await _answer(connection, workspace, record, response)
    key = key_for_put(ref, body.key, missing=service.no_workflow(ref))
    if revision is not None:
        raise Problem(409, f"There is no workflow {ref!r} any more, so no revision {revision}.")
    record = await service.create_workflow(
        connection, workspace, key=key, definition=body.definition, name=body.name,
        layout=body.layout, later=check == "later", by=caller, now=now,
    )  # fmt: skip
    response.status_code = 201
    return await _answer(connection, workspace, record, response)


@router.patch("/{ref}", summary="Change a draft", responses=BODY | problems(404, 409),
              openapi_extra=YAML)  # fmt: skip
async def patch_workflow(
    connection: Transaction,
    workspace: WorkspaceId,
    caller: CallerName,
    now: Now,
    ref: Ref,
    body: WorkflowChange,
    expected: ExpectedRevision,
    response: Response,
    check: CheckWhen = "now",
) -> WorkflowAnswer:
    """Replace the name or the definition of the draft; the rest stays."""
    record = await service.save_draft(
        connection, workspace, ref, definition=body.definition, name=body.name, layout=body.layout,
        revision=body.revision or expected, later=check == "later", by=caller, now=now,
    )  # fmt: skip
    return await _answer(connection, workspace, record, response)


@router.delete("/{ref}", status_code=204, summary="Delete a workflow",
               responses=problems(404, 409))  # fmt: skip
async def delete_workflow(connection: WakingTransaction, workspace: WorkspaceId, ref: Ref) -> None:
    """Delete it with its versions, journeys and messages. 409 while journeys of it are running."""
    await service.delete_workflow(connection, workspace, ref)


@router.post("/{ref}/publish", summary="Publish the draft", responses=problems(404, 409))
async def publish_workflow(
    backend: BackendDep,
    connection: WakingTransaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    expected: ExpectedRevision,
) -> Published:
    """Freeze the draft as a version that new journeys run on; running ones keep theirs.

    An unchanged draft keeps its version. An archived workflow comes back; a paused one stays
    paused until it is resumed. 422 for a message by a channel that nothing here delivers, and for
    a new schedule whose moment has passed.
    """
    record = await publishing.publish(
        connection,
        workspace,
        ref,
        revision=expected,
        undeliverable=undeliverable(backend.settings, await served_channels(connection, workspace)),
        now=now,
    )
    return Published.model_validate(record)


@router.post("/{ref}/pause", summary="Pause a workflow", responses=problems(404, 409))
async def pause_workflow(
    connection: WakingTransaction, workspace: WorkspaceId, ref: Ref, response: Response
) -> WorkflowAnswer:
    """Hold every journey where it is. Who comes due, or would start, waits for the resumption."""
    record = await publishing.pause(connection, workspace, ref)
    return await _answer(connection, workspace, record, response)


@router.post("/{ref}/resume", summary="Resume a workflow", responses=problems(404, 409))
async def resume_workflow(
    connection: WakingTransaction,
    backend: BackendDep,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    response: Response,
) -> WorkflowAnswer:
    """Go on. Those who came due meanwhile are released one after the other, not at once."""
    record = await publishing.resume(
        connection, workspace, ref, now=now, rate=backend.settings.resume_rate
    )
    return await _answer(connection, workspace, record, response)


@router.post("/{ref}/archive", summary="Archive a workflow", responses=problems(404))
async def archive_workflow(
    connection: WakingTransaction,
    backend: BackendDep,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    response: Response,
) -> WorkflowAnswer:
    """Start nobody from now on. Journeys that are running finish; publishing brings it back."""
    record = await publishing.archive(
        connection, workspace, ref, now=now, rate=backend.settings.resume_rate
    )
    return await _answer(connection, workspace, record, response)


@router.post("/{ref}/stop", summary="Stop a workflow's journeys", responses=BODY | problems(404))
async def stop_workflow(
    connection: WakingTransaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: Annotated[StopRequest | None, Body()] = None,
) -> StoppedAnswer:
    """End all journeys of it that are running. Others may start: pause or archive it first."""
    workflow = await service.get_workflow(connection, workspace, ref)
    stopped = await stop_workflow_journeys(
        connection, workspace, workflow.id, now=now, detail=body.detail if body else None
    )
    return StoppedAnswer(stopped=stopped)


@router.get("/{ref}/versions", summary="List published versions", responses=problems(404))
async def list_versions(
    connection: Transaction, workspace: WorkspaceId, ref: Ref, page: Paging
) -> VersionPage:
    """The newest first, with their definitions."""
    workflow = await service.get_workflow(connection, workspace, ref)
    found = await repository.list_versions(connection, workspace, workflow.id, page)
    return VersionPage.of(found, VersionAnswer.model_validate)


@router.get("/{ref}/versions/{version}", summary="Read a version", responses=problems(404))
async def get_version(
    connection: Transaction,
    workspace: WorkspaceId,
    ref: Ref,
    version: Annotated[int, Path(ge=1, lt=2**31)],
) -> VersionAnswer:
    """A published version with its definition; it never changes."""
    workflow = await service.get_workflow(connection, workspace, ref)
    record = await repository.find_version(connection, workflow.id, version)
    if record is None:
        raise NotFound(f"The workflow {workflow.key!r} has no version {version}.")
    return VersionAnswer.model_validate(record)
