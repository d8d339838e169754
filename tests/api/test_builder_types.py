"""The web app's types come from the API: what is committed for them is what the API says."""

from __future__ import annotations

import json
from pathlib import Path

from journeys.schema import workflow_schema

BUILDER = Path(__file__).parents[2] / "builder"
MEND = "python -m api.openapi builder/openapi.json builder/workflow.schema.json; npm run api"


def test_the_canvas_draws_the_definitions_that_the_server_takes():
    committed = json.loads((BUILDER / "workflow.schema.json").read_text(encoding="utf-8"))
    assert committed == workflow_schema(), MEND


def test_each_kind_of_block_has_a_type_in_the_canvas():
    types = (BUILDER / "src/canvas/definition.d.ts").read_text(encoding="utf-8")
    missing = [name for name in workflow_schema()["$defs"] if f"{name}: " not in types]
    assert missing == [], MEND
