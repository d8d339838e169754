"""What a workflow achieved: its goals, and which of its messages does better."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import WorkspaceId
from api.dependencies import Transaction
from api.management import ManagementRoute
from api.models.problem import ALWAYS, problems
from api.models.results import ResultsAnswer, compared_blocks, results_answer
from api.models.values import UtcTime
from api.routes.workflows import Ref
from engine.workflows import get_workflow
from journeys.definition import Definition
from storage.repositories.results import workflow_results
from storage.repositories.workflows import latest_version

router = APIRouter(
    prefix="/v1/workflows", tags=["numbers"], route_class=ManagementRoute, responses=ALWAYS
)

From = Annotated[UtcTime | None, Query(alias="from", description="What happened since.")]
To = Annotated[UtcTime | None, Query(description="What happened before.")]


@router.get("/{ref}/results", summary="Goals and experiments", responses=problems(404))
async def workflow_goals(
    connection: Transaction,
    workspace: WorkspaceId,
    ref: Ref,
    from_: From = None,
    to: To = None,
) -> ResultsAnswer:
    """How often each goal of the running version was reached, and how its variants compare.

    Tests do not count. What an erased contact did stays counted.
    """
    workflow = await get_workflow(connection, workspace, ref)
    version = await latest_version(connection, workflow.id)
    if version is None:
        return ResultsAnswer(goals=[], experiments=[])
    definition = Definition.model_validate(version.definition)
    results = await workflow_results(
        connection, workflow.id, blocks=list(compared_blocks(definition)), begin=from_, end=to
    )
    return results_answer(definition, results)
