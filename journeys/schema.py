"""The JSON Schema (2020-12) of a workflow definition, for editors and for `GET /v1/schema`.

It says what `journeys.parsing` says of shapes. What only the whole can tell (edges, loops, names)
is beyond a schema and left to `journeys.validation`.
"""

from __future__ import annotations

import re
from typing import Any

from journeys.definition import Definition
from journeys.schema_texts import field_text

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def workflow_schema() -> dict[str, Any]:
    """Return the JSON Schema of a workflow definition. The caller may change what it gets."""
    schema = Definition.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs")
    for name, model in {"Definition": schema, **definitions}.items():
        _describe(name, model)
    schema["title"] = "Sojourn workflow"
    return {"$schema": DIALECT, **schema, "$defs": definitions}


def _describe(name: str, model: dict[str, Any]) -> None:
    model["title"] = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
    for field, of_field in model["properties"].items():
        of_field.pop("title", None)
        text = field_text(name, field)
        if text is not None:
            of_field["description"] = text
