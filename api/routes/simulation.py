"""Dry runs: what a workflow would do with one contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import DefinitionRoute
from api.models.problem import ALWAYS, BODY, problems
from api.models.simulation import SimulateRequest, SimulationAnswer, simulation_answer
from api.routes.workflows import Ref
from engine.simulation.simulate import Simulation, simulate
from engine.simulation.world import described
from engine.workflows import get_workflow
from journeys.errors import InvalidInput, Issue, NotFound
from journeys.snapshot import ContactData
from storage.repositories import contacts, workflows
from storage.repositories.workflows import WorkflowRecord

router = APIRouter(
    prefix="/v1/workflows", tags=["workflows"], route_class=DefinitionRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.post("/simulate", summary="Run a definition dry", responses=BODY | problems(404))
async def simulate_definition(
    connection: Transaction, workspace: WorkspaceId, now: Now, body: SimulateRequest
) -> SimulationAnswer:
    """What this definition would do with one contact; nothing is written, and nothing sent."""
    if body.definition is None:
        raise InvalidInput(
            "There is nothing to run.", [Issue("$.definition", "must be given here")]
        )
    return await _simulate(connection, workspace, now, body, body.definition, None)


@router.post("/{ref}/simulate", summary="Run a workflow dry", responses=BODY | problems(404))
async def simulate_workflow(
    connection: Transaction, workspace: WorkspaceId, now: Now, ref: Ref, body: SimulateRequest
) -> SimulationAnswer:
    """What the draft, a version, or another definition would do with one contact.

    The same code walks that walks journeys, over the contact as it is and a clock that jumps from
    wait to wait. Nothing is written, and nothing sent. What is taken for granted is told: nothing
    new happens to the contact, unless `assume` says how a block is left.
    """
    workflow = await get_workflow(connection, workspace, ref)
    definition: dict[str, Any] = body.definition or workflow.definition
    if body.version is not None:
        version = await workflows.find_version(connection, workflow.id, body.version)
        if version is None:
            raise NotFound(f"The workflow {workflow.key!r} has no version {body.version}.")
        definition = version.definition
    return await _simulate(connection, workspace, now, body, definition, workflow)


async def _simulate(
    connection: AsyncConnection,
    workspace: UUID,
    now: datetime,
    body: SimulateRequest,
    definition: dict[str, Any],
    workflow: WorkflowRecord | None,
) -> SimulationAnswer:
    simulation = Simulation(
        definition=definition,
        contact=await _contact(connection, workspace, now, body),
        begins=body.start_at or now,
        event=body.event.event if body.event else None,
        params=body.event.properties if body.event else None,
        assume=body.assume,
        even_if_refused=body.even_if_refused,
        workflow_id=workflow.id if workflow else None,
        workflow_key=workflow.key if workflow else "draft",
    )
    return simulation_answer(await simulate(connection, workspace, simulation))


async def _contact(
    connection: AsyncConnection, workspace: UUID, now: datetime, body: SimulateRequest
) -> UUID | ContactData:
    if body.contact is not None:
        return described(body.contact.model_dump(), now)
    found = await contacts.contact_id(connection, workspace, body.user_id or "")
    if found is None:
        raise NotFound(f"There is no contact {body.user_id!r} in this workspace.")
    return found
