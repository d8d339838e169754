"""The JSON Schema of workflow definitions, for editors and other programs. It needs no key."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from journeys.schema import workflow_schema

router = APIRouter(prefix="/v1/schema", tags=["schema"])


class SchemaResponse(JSONResponse):
    """A JSON Schema."""

    media_type = "application/schema+json"


@router.get("/workflow.json", summary="JSON Schema of a definition", response_class=SchemaResponse)
async def workflow_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what a workflow's `definition` holds."""
    return workflow_schema()
