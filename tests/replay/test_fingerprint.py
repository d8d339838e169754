"""A change of a workflow's commands is noticed here, before it breaks journeys begun months ago."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.replay.fingerprint import fingerprint

ROOT = Path(__file__).parents[2]

KNOWN = {
    "workflows/contact_import.py": [
        "run: continue_as_new()",
        "run: execute_activity(import_slice)",
        "_record_failure: execute_activity(fail_import)",
    ],
    "workflows/contact_journey.py": [
        "_walk: continue_as_new()",
        "_advance: execute_local_activity(advance)",
        "_send: start_activity(send)",
        "_send: wait_condition()",
        "_wait: upsert_search_attributes()",
        "_wait: wait_condition()",
        "_record_end: execute_local_activity(end_journey)",
        "_show_reason: upsert_search_attributes()",
    ],
    "workflows/reconciliation.py": ["run: execute_activity(reconcile)"],
    "workflows/segment_backfill.py": ["run: execute_activity(backfill_segment)"],
    "workflows/segment_clock.py": [
        "run: execute_local_activity(tick_segments)",
        "run: continue_as_new()",
        "run: wait_condition()",
    ],
    "workflows/segment_launch.py": [
        "_page_by_page: execute_activity(take_launch_page)",
        "_page_by_page: continue_as_new()",
        "_sleep: wait_condition()",
        "_open: execute_activity(open_launch)",
        "_fail: start_activity(fail_launch)",
    ],
}

TEACHING = """
The command-issuing calls of {module} changed.

Journeys that began on the old code replay it for months. If the order, kind or condition of a
command changed, put the new way behind a feature of JourneyInput or behind
`workflow.patched("what-changed")`, keep the old way in the other branch
(docs/changing-workflows.md), record a history of the new way for the replay corpus, and only then
update this list. Never re-record an old history to make a replay pass.
"""


@pytest.mark.parametrize("module", sorted(KNOWN))
def test_the_commands_of_a_workflow_change_only_on_purpose(module):
    assert fingerprint(ROOT / module) == KNOWN[module], TEACHING.format(module=module)


def test_every_workflow_module_has_a_fingerprint():
    without_commands = {"__init__.py", "contracts.py", "names.py", "options.py", "registry.py"}
    modules = {
        f"workflows/{p.name}"
        for p in (ROOT / "workflows").glob("*.py")
        if p.name not in without_commands
    }
    assert modules == set(KNOWN)
