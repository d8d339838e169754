"""Segments in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, WithJsonSchema, model_validator

from api.models.contacts import ContactAnswer
from api.models.values import Answer, JsonObject, Key, Name, Request
from api.paging import PageAnswer

MAX_MEMBERS = 1_000
"""References in one change of a static list."""

Where = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "title": "Predicate",
            "description": "A predicate, as `$defs` of `GET /v1/schema/workflow.json` describes "
            "it for conditions. Each fault is reported with its JSON path.",
            "examples": [{"field": "plan", "op": "=", "value": "premium"}],
        }
    ),
]
_WHERE = "Who is in the segment; null or left out for a static list, to which contacts are added."


class SegmentCreate(Request):
    """A new segment."""

    key: Key
    name: Name
    where: Where | None = Field(default=None, description=_WHERE)


class SegmentSave(Request):
    """The whole segment. A segment with a predicate keeps one; a static list stays one."""

    key: Key | None = Field(default=None, description="A segment keeps its key.")
    name: Name
    where: Where | None = Field(default=None, description=_WHERE)


class SegmentChange(Request):
    """What is to change."""

    name: Name | None = None
    where: Where | None = None


class SegmentSummary(Answer):
    """A segment in a list."""

    id: UUID
    key: str
    name: str
    where: dict[str, Any] | None = Field(description="Null for a static list.")
    params: list[str] = Field(
        description="The parameters that `where` takes; whoever names the segment binds them."
    )
    state: Literal["live"] = Field(
        description="`live`: every question about it is answered from the data of that moment."
    )
    created_at: datetime
    updated_at: datetime


class SegmentAnswer(SegmentSummary):
    """A segment with the number of its members."""

    count: int | None = Field(
        description="Members now. Null for a parameterised segment, and when counting takes too "
        "long."
    )


class SegmentPage(PageAnswer[SegmentSummary]):
    """Segments, newest first."""


class PreviewRequest(Request):
    """A predicate to try."""

    where: Where
    params: JsonObject = Field(
        default={}, description="Values for the parameters that `where` takes."
    )


class SegmentPreview(Answer):
    """Whom a predicate holds for."""

    count: int
    contacts: list[ContactAnswer] = Field(description="Ten of them, the newest contacts first.")


class MembersRequest(Request):
    """Contacts to take off a static list, and then to put on it; by `userId` or id."""

    add: list[Name] = Field(default=[])
    remove: list[Name] = Field(default=[])

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        given = len(self.add) + len(self.remove)
        if given > MAX_MEMBERS:
            raise ValueError(f"at most {MAX_MEMBERS:,} contacts fit in one call, not {given:,}")
        return self


class MembersAnswer(Answer):
    """What changed. Who was on the list already, or was not on it, is not counted."""

    added: int
    removed: int
    unknown: list[str] = Field(description="Those that lead to no contact; the others are done.")
