"""Histories recorded from real journeys replay on today's code, or a deploy would break them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from journeys.definition import Block
from runtime.sandbox import workflow_runner
from tests.replay.scenarios import BLOCK_KINDS, SCENARIOS
from workflows.registry import WORKFLOWS

HISTORIES = Path(__file__).parent / "histories"
MODULE = Path(__file__).parents[2] / "workflows" / "contact_journey.py"


def history(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text())


@pytest.mark.parametrize("name", sorted(p.stem for p in HISTORIES.glob("*.json")))
async def test_a_recorded_journey_replays(name):
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=workflow_runner())
    result = await replayer.replay_workflow(history(name), raise_on_replay_failure=False)
    assert result.replay_failure is None


def test_every_scenario_is_recorded():
    assert {p.stem for p in HISTORIES.glob("*.json")} >= set(SCENARIOS)


def test_every_block_kind_has_a_history():
    classes = get_args(get_args(Block)[0])
    assert set(BLOCK_KINDS) == {
        get_args(each.model_fields["kind"].annotation)[0] for each in classes
    }
    assert set(BLOCK_KINDS.values()) <= set(SCENARIOS)


MUTATIONS = {
    "another activity type": ('"send",', '"deliver",'),
    "a sleep before each step": (
        "directive = await self._next_directive()",
        "await workflow.sleep(1); directive = await self._next_directive()",
    ),
    "a step asked for twice": (
        "directive = await self._next_directive()",
        "await self._advance(); directive = await self._next_directive()",
    ),
    "the answer that came with a delivery ignored": (
        "if result.directive is None:",
        "if True:",
    ),
    "no timer": ("timeout=remaining,", "timeout=None,"),
    "a search attribute at each wait": (
        "remaining is None or remaining >= options.BLOCK_IS_WORTH_SHOWING",
        "True",
    ),
    "a reason shown by journeys that began without": ("self._features >= SHOWS_REASON and", ""),
    "no reason shown": ("self._features >= SHOWS_REASON", "False"),
    "nothing recorded when cancelled": (
        'await self._record_end("cancelled", "cancelled in Temporal")',
        "pass",
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_the_corpus_would_catch(mutation):
    before, after = MUTATIONS[mutation]
    source = MODULE.read_text()
    assert before in source
    namespace = {"__name__": "mutated_journey"}
    exec(compile(source.replace(before, after), "mutated_journey.py", "exec"), namespace)
    replayer = Replayer(
        workflows=[namespace["ContactJourney"]], workflow_runner=UnsandboxedWorkflowRunner()
    )
    failures = 0
    for name in SCENARIOS:
        result = await replayer.replay_workflow(history(name), raise_on_replay_failure=False)
        failures += result.replay_failure is not None
    assert failures > 0
