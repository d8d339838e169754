"""Why a contact did, or did not, get a workflow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.decisions import ExplanationAnswer, explanation_answer
from api.models.problem import ALWAYS, problems
from api.models.values import Text
from engine.explaining import explain
from engine.explaining_data import gather
from engine.workflows import no_workflow
from journeys.errors import NotFound
from storage.repositories import contacts, workflows

router = APIRouter(
    prefix="/v1/workflows", tags=["history"], route_class=ManagementRoute, responses=ALWAYS
)


@router.get("/{ref}/explain", summary="Explain what a contact got", responses=problems(404))
async def explain_workflow(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Annotated[Text, Path(max_length=200, description="The workflow's id or key.")],
    contact: Annotated[Text, Query(min_length=1, description="The contact's `userId` or id.")],
    event: Annotated[
        Text | None,
        Query(
            min_length=1,
            description="Look at this event alone (its id), or at events of this name; without "
            "it, at the newest ones of the name that starts the workflow.",
        ),
    ] = None,
) -> ExplanationAnswer:
    """Everything known about this contact and this workflow, in words, and the reason among it."""
    workflow_id = await workflows.workflow_id(connection, workspace, ref)
    if workflow_id is None:
        raise no_workflow(ref)
    contact_id = await contacts.contact_id(connection, workspace, contact)
    if contact_id is None:
        raise NotFound(f"There is no contact {contact!r} in this workspace.")
    evidence = await gather(connection, workspace, workflow_id, contact_id, event)
    return explanation_answer(evidence.workflow.key, contact_id, explain(evidence, now=now))
