"""Whatever happens, in whatever order: the engine and a plain program of its promises agree."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.model.steps import Calls, Step, Track, Twins, steps
from tests.model.system import System

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
EXAMPLES = int(os.environ.get("SOJOURN_TEST_EXAMPLES", "20"))
QUICKLY = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
VIEWED, DONE = (Track("ann", event, timedelta()) for event in ("Viewed", "Done"))
COMES_IN_AND_IS_STOPPED = [Calls([VIEWED, VIEWED, VIEWED, DONE])]
"""Who came in by a batch came in by its first fact that counts; what is behind that is later."""


@pytest.fixture
async def system(scenario) -> System:
    return await System.with_rules(scenario)


async def agree(system: System, happenings: Sequence[Step]) -> None:
    await system.forget_everybody()
    twins = Twins(system)
    for step in happenings:
        await twins.happen(step)


@settings(QUICKLY, max_examples=EXAMPLES)
@given(happenings=steps)
@example(happenings=COMES_IN_AND_IS_STOPPED)
async def test_segments_journeys_and_decisions_are_what_the_rules_promise(system, happenings):
    await agree(system, happenings)


@pytest.mark.slow
@settings(QUICKLY, max_examples=15 * EXAMPLES)
@given(happenings=steps)
async def test_they_are_so_for_many_more_histories(system, happenings):
    await agree(system, happenings)
