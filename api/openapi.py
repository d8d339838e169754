"""The API's description as a file, without a running server: `python -m api.openapi FILE [SCHEMA]`.

SCHEMA, if named, receives the JSON Schema of workflow definitions.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import create_app
from journeys.schema import workflow_schema
from runtime.settings import Settings


def document() -> str:
    """The OpenAPI document as text: two versions differ only where the API does."""
    return json.dumps(create_app(Settings()).openapi(), indent=1, sort_keys=True) + "\n"


def definitions() -> str:
    """The JSON Schema of workflow definitions as text."""
    return json.dumps(workflow_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
    for file in sys.argv[2:]:
        Path(file).write_text(definitions(), encoding="utf-8")
