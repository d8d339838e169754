"""Histories of bulk work replay on today's code: an import may be under way during a deploy."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from runtime.sandbox import workflow_runner
from tests.replay.bulk import BULK_SCENARIOS
from workflows.registry import BULK_WORKFLOWS

HISTORIES = Path(__file__).parent / "histories" / "bulk"


@pytest.mark.parametrize("name", sorted(p.stem for p in HISTORIES.glob("*.json")))
async def test_a_recorded_bulk_workflow_replays(name):
    replayer = Replayer(workflows=BULK_WORKFLOWS, workflow_runner=workflow_runner())
    history = WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text())
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is None


def test_every_bulk_scenario_is_recorded():
    assert {p.stem for p in HISTORIES.glob("*.json")} >= set(BULK_SCENARIOS)
