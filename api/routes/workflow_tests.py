"""Test launches of workflows."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import WorkspaceId
from api.dependencies import Now
from api.management import ManagementRoute, WakingTransaction
from api.models.journeys import JourneyAnswer, journey_answer
from api.models.problem import ALWAYS, BODY, problems
from api.models.workflow_tests import TestRequest
from api.routes.workflows import Ref
from engine.testing_workflows import TestLaunch, launch_test
from storage.repositories import journeys

router = APIRouter(
    prefix="/v1/workflows", tags=["workflows"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.post("/{ref}/test", status_code=202, summary="Test a workflow",
             responses=BODY | problems(404))  # fmt: skip
async def test_workflow(
    connection: WakingTransaction, workspace: WorkspaceId, now: Now, ref: Ref, body: TestRequest
) -> JourneyAnswer:
    """Send one contact through the draft, or a version, now.

    It is a real journey marked `test`: messages go to `to` alone, by email or SMS, waits are
    skipped or shortened, and blocks that change a contact, record an event or take a code only say
    so. No rule starts, stops or counts it, and it runs while its workflow is paused. Look at it
    with `GET /v1/journeys/{id}`; `GET /v1/journeys?test=true` lists tests.
    """
    launch = TestLaunch(
        contact=body.contact or "",
        to=body.to,
        longest_wait=body.longest_wait,
        version=body.version,
        event=body.event.event if body.event else None,
        params=body.event.properties if body.event else None,
    )
    id_ = await launch_test(connection, workspace, ref, launch, now=now)
    journey = await journeys.find_journey(connection, workspace, id_)
    assert journey is not None
    return journey_answer(journey)
