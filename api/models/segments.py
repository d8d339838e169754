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
            "additionalProperties": True,
            "description": "A predicate, as `$defs` of `GET /v1/schema/workflow.json` describes "
            "it for conditions. Each fault is reported with its JSON path.",
            "examples": [{"field": "plan", "op": "=", "value": "premium"}],
        }
    ),
]
_STARTS = (
    "Whether those who become members by this change, or are in a new segment already, start "
    "journeys as if they entered now. Otherwise only those do who enter later."
)
_WHERE = "Who is in the segment; null or left out for a static list, to which contacts are added."


class SegmentCreate(Request):
    """A new segment."""

    key: Key
    name: Name
    where: Where | None = Field(default=None, description=_WHERE)
    start_members: bool = Field(default=False, description=_STARTS)


class SegmentSave(Request):
    """The whole segment. A segment with a predicate keeps one; a static list stays one."""

    key: Key | None = Field(default=None, description="A segment keeps its key.")
    name: Name
    where: Where | None = Field(default=None, description=_WHERE)
    start_members: bool = Field(default=False, description=_STARTS)


class SegmentChange(Request):
    """What is to change."""

    name: Name | None = None
    where: Where | None = None
    start_members: bool = Field(default=False, description=_STARTS)


class BackfillProgress(Answer):
    """How far looking through all contacts has come."""

    done: int
    total: int


class SegmentSummary(Answer):
    """A segment in a list."""

    id: UUID
    key: str
    name: str
    where: dict[str, Any] | None = Field(description="Null for a static list.")
    params: list[str] = Field(
        description="The parameters that `where` takes; whoever names the segment binds them."
    )
    state: Literal["backfilling", "live"] = Field(
        description="`backfilling`: its predicate is new, and all contacts are being looked "
        "through; journeys follow those that were. `live`: membership follows data and time."
    )
    progress: BackfillProgress | None = Field(description="While `backfilling`.")
    created_at: datetime
    updated_at: datetime


class SegmentAnswer(SegmentSummary):
    """A segment with the number of its members."""

    count: int | None = Field(
        description="Members now. Null for a parameterised segment, and when counting takes too "
        "long while it is backfilled."
    )


class SegmentUsesAnswer(Answer):
    """The keys of what names a segment; while there are any, it cannot be deleted."""

    segments: list[str]
    workflows: list[str] = Field(
        description="By their drafts, running versions, and older ones on which journeys still run."
    )


class SegmentPage(PageAnswer[SegmentSummary]):
    """Segments, newest first."""


class MemberAnswer(ContactAnswer):
    """A contact in a segment."""

    entered_at: datetime | None = Field(
        description="Since when. Null while the segment is backfilled: it is not settled yet."
    )


class MemberPage(PageAnswer[MemberAnswer]):
    """Members, those first who entered last; while backfilling, the newest contacts first."""


class MoveAnswer(Answer):
    """A contact came into a segment, or went."""

    at: datetime
    kind: Literal["entered", "left"]
    contact_id: UUID
    user_id: str | None = Field(serialization_alias="userId")


class MovePage(PageAnswer[MoveAnswer]):
    """Entries and exits, newest first."""


class MembershipAnswer(SegmentSummary):
    """A segment that a contact is in, or was."""

    entered_at: datetime | None = Field(
        description="Since when. Null while the segment is backfilled and it is not settled yet."
    )
    left_at: datetime | None = Field(description="Null while it lasts.")


class MembershipPage(PageAnswer[MembershipAnswer]):
    """Present memberships by the segment's key, then, if asked for, ended ones, newest first."""


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
