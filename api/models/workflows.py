"""Workflows in requests and answers."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema, model_validator

from api.models.values import Answer, Key, Name, Request, Revision, Text
from api.paging import PageAnswer
from engine.reviewing import Review
from journeys.errors import Issue

WorkflowState = Literal["draft", "active", "paused", "archived"]
Definition = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": True,
            "title": "Definition",
            "description": "What `GET /v1/schema/workflow.json` describes. It is checked as a "
            "whole when it is saved; each fault is reported with its JSON path.",
        }
    ),
]

Layout = Annotated[
    dict[
        Annotated[Text, Field(max_length=64)],
        Annotated[
            list[Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=2, max_length=2)
        ],
    ],
    Field(
        max_length=1_010,
        description="Where the builder has the blocks: `[x, y]` by id. It means nothing for "
        "journeys; publishing keeps it with the version.",
        examples=[{"hello": [0, 120]}],
    ),
]


class WorkflowCreate(Request):
    """A new workflow with its first draft."""

    key: Key
    name: Name | None = Field(
        default=None, description="Replaces the definition's name when it is given."
    )
    definition: Definition
    layout: Layout | None = None


class WorkflowSave(Request):
    """The whole draft. A bare definition, as a workflow file holds it, is taken as well."""

    key: Key | None = Field(default=None, description="A workflow keeps its key.")
    name: Name | None = None
    definition: Definition
    layout: Layout | None = Field(default=None, description="Left out, it stays as it is.")
    revision: Revision | None = Field(
        default=None,
        description="The revision that was edited; 409 when somebody else saved since.",
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_definition(cls, data: Any) -> Any:
        if isinstance(data, dict) and "blocks" in data and "definition" not in data:
            return {"definition": data}
        return data


class WorkflowChange(Request):
    """What is to change of the draft."""

    name: Name | None = None
    definition: Definition | None = None
    layout: Layout | None = Field(default=None, description="Left out, it stays as it is.")
    revision: Revision | None = Field(
        default=None,
        description="The revision that was edited; 409 when somebody else saved since.",
    )


class WorkflowSummaryAnswer(Answer):
    """A workflow without its drawing."""

    id: UUID
    key: str
    name: str
    state: WorkflowState = Field(description="`draft` until it is first published.")
    revision: int = Field(description="Grows with every saved draft.")
    version: int | None = Field(description="The version that runs; null until first published.")
    created_at: datetime
    updated_at: datetime


class IssueAnswer(Answer):
    """Something about a draft, where it is, and what would be right."""

    path: str = Field(examples=["$.blocks[2].next"])
    message: str
    block: str | None = Field(description="The id of the block that it is about.")


class ReviewAnswer(Answer):
    """What a look at a definition found."""

    issues: list[IssueAnswer] = Field(description="What keeps it from being published.")
    warnings: list[IssueAnswer] = Field(
        description="What will surprise, though it may be published."
    )


class WorkflowAnswer(WorkflowSummaryAnswer, ReviewAnswer):
    """A workflow with its draft, and what was found in it."""

    definition: dict[str, Any]
    layout: Layout | None
    saved_by: str | None = Field(
        description="What the user or key that saved the draft last is called, if that is known."
    )


class CheckRequest(Request):
    """A definition to look at. A bare one, as a workflow file holds it, is taken as well."""

    definition: Definition

    @model_validator(mode="before")
    @classmethod
    def _bare_definition(cls, data: Any) -> Any:
        if isinstance(data, dict) and "blocks" in data and "definition" not in data:
            return {"definition": data}
        return data


class WorkflowListed(WorkflowSummaryAnswer):
    """A workflow in the list."""

    running: int = Field(
        description="Journeys under way, tests included; 10,000 stands for that many or more."
    )


class WorkflowPage(PageAnswer[WorkflowListed]):
    """Workflows, newest first."""


class Published(Answer):
    """What publishing led to."""

    version: int
    state: WorkflowState = Field(
        description="`active`, or `paused` when the workflow was paused: resume it to go on."
    )


class VersionAnswer(Answer):
    """A published version; it never changes."""

    version: int
    definition: dict[str, Any]
    layout: Layout | None
    published_at: datetime


class VersionPage(PageAnswer[VersionAnswer]):
    """Versions, newest first."""


_BLOCK = re.compile(r"\$\.blocks\[(\d+)\]")


def review_answer(review: Review, definition: dict[str, Any]) -> ReviewAnswer:
    """What was found in a definition, with the ids of the blocks that it is about."""
    return ReviewAnswer(
        issues=[_issue_answer(issue, definition) for issue in review.issues],
        warnings=[_issue_answer(warning, definition) for warning in review.warnings],
    )


def _issue_answer(issue: Issue, definition: dict[str, Any]) -> IssueAnswer:
    found = _BLOCK.match(issue.path)
    block: Any = None
    if found is not None:
        with suppress(LookupError, TypeError):  # the block has no id yet
            block = definition["blocks"][int(found[1])]["id"]
    block = block if isinstance(block, str) else None
    return IssueAnswer(path=issue.path, message=issue.message, block=block)
