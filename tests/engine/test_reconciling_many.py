"""A reconciliation looks at all that was lost, and one failure hinders nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import (
    Client,
    CountWorkflowsInput,
    DescribeWorkflowInput,
    Interceptor,
    OutboundInterceptor,
)
from temporalio.service import RPCError, RPCStatusCode

from engine.reconcile import reconcile
from tests.support.running import Engine
from tests.support.scenario import Scenario
from workflows.contracts import ReconcileReport


class Unanswered(Interceptor):
    """Temporal does not answer about these executions, or does not count them."""

    def __init__(self, ids: set[str], *, counts: bool = True) -> None:
        self.ids = ids
        self.counts = counts

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002
        return _Outbound(next, self)


class _Outbound(OutboundInterceptor):
    def __init__(self, following: OutboundInterceptor, silence: Unanswered) -> None:
        super().__init__(following)
        self._silence = silence

    async def describe_workflow(self, input: DescribeWorkflowInput) -> Any:  # noqa: A002
        if input.id in self._silence.ids:
            raise RPCError("no answer", RPCStatusCode.UNAVAILABLE, b"")
        return await super().describe_workflow(input)

    async def count_workflows(self, input: CountWorkflowsInput) -> Any:  # noqa: A002
        if not self._silence.counts:
            raise RPCError("no answer", RPCStatusCode.UNAVAILABLE, b"")
        return await super().count_workflows(input)


def client_with(engine: Engine, silence: Unanswered) -> Client:
    return Client(
        engine.client.service_client, namespace=engine.client.namespace, interceptors=[silence]
    )


async def lost(scenario: Scenario, engine: Engine, count: int) -> list[UUID]:
    """Journeys whose executions are gone."""
    await scenario.publish()
    for number in range(count):
        await scenario.event(await scenario.contact(f"u-{number}"), "Begun")
    await engine.dispatch()
    journeys = [journey.id for journey in await scenario.journeys()]
    for journey in journeys:
        await engine.execution(journey).terminate()
    return journeys


async def look(
    scenario: Scenario, engine: Engine, client: Client | None = None, **options: Any
) -> ReconcileReport:
    """Reconcile as if every journey were long overdue."""
    return await reconcile(
        scenario.database, client or engine.client, task_queue=engine.task_queue,
        now=datetime.now(UTC), overdue=timedelta(days=-3), **options,
    )  # fmt: skip


async def owed(scenario: Scenario) -> set[UUID]:
    rows = await scenario.rows(
        "SELECT journey_id FROM commands WHERE workspace_id = :w AND kind = 'restart'"
    )
    return {row.journey_id for row in rows}


@pytest.mark.parametrize("page", [1, 4, 7, 100], ids=lambda size: f"pages of {size}")
async def test_all_that_is_lost_is_started_again_by_one_look(scenario, engine, page):
    journeys = await lost(scenario, engine, 7)
    report = await look(scenario, engine, page=page)
    assert await owed(scenario) == set(journeys)
    assert report.restarted == 7
    assert (await look(scenario, engine)).restarted == 0, "none is owed a call twice"
    await scenario.rows("DELETE FROM commands WHERE workspace_id = :w RETURNING seq")


async def test_one_that_temporal_says_nothing_about_hinders_no_other(scenario, engine):
    [silent, *others] = await lost(scenario, engine, 4)
    report = await look(scenario, engine, client_with(engine, Unanswered({str(silent)})))
    assert await owed(scenario) == set(others)
    assert (report.restarted, report.failed) == (3, 1)
    assert (await look(scenario, engine)).restarted == 1, "the next look asks again"
    await scenario.rows("DELETE FROM commands WHERE workspace_id = :w RETURNING seq")


async def test_what_cannot_be_listed_hinders_no_restart(scenario, engine):
    journeys = await lost(scenario, engine, 2)
    report = await look(scenario, engine, client_with(engine, Unanswered(set(), counts=False)))
    assert await owed(scenario) == set(journeys)
    assert (report.restarted, report.ended, report.failed) == (2, 0, 1)
    await scenario.rows("DELETE FROM commands WHERE workspace_id = :w RETURNING seq")


async def test_when_temporal_says_nothing_at_all_the_look_ends_after_a_page(scenario, engine):
    journeys = await lost(scenario, engine, 5)
    silent = Unanswered({str(journey) for journey in journeys})
    report = await look(scenario, engine, client_with(engine, silent), page=2)
    # the look begins anywhere: its first page may have but one before the round begins anew
    assert 1 <= report.looked_at <= 2
    assert report.failed == report.looked_at
