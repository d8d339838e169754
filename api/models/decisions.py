"""The history of starts, refusals and ends, and why a contact did not get a workflow."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.models.journeys import JourneyState, ReasonAnswer
from api.models.values import Answer
from api.paging import PageAnswer
from engine.explaining import Explanation
from storage.repositories.decisions import HistoryItem

HistoryKind = Literal["started", "skipped", "ended", "missed"]


class EventNamed(Answer):
    """The event that started a journey, or would have."""

    id: UUID
    name: str | None = Field(description="Null when the event itself is gone.")


class HistoryEntry(Answer):
    """A journey began, was refused, or ended; or a scheduled launch missed its moment."""

    at: datetime
    kind: HistoryKind
    workflow: str = Field(description="The workflow's key.")
    contact_id: UUID | None = Field(description="Null for a launch that was missed.")
    user_id: str | None = Field(serialization_alias="userId")
    journey_id: UUID | None = Field(description="Null when no journey began.")
    event: EventNamed | None = Field(description="Null when something else started it.")
    launch_id: UUID | None = Field(description="The mass launch that it is a part of.")
    key: dict[str, Any] | None = Field(
        description="The values of the re-entry key by their names; null where there is none."
    )
    reason: ReasonAnswer | None = Field(
        description="Why the start was refused or the journey ended; null when it began."
    )
    state: JourneyState | None = Field(description="How it ended; null unless it did.")
    block: str | None = Field(description="The last block it visited; null unless it ended.")


class HistoryPage(PageAnswer[HistoryEntry]):
    """Starts, refusals and ends, newest first."""


class FailedCheckAnswer(Answer):
    """A check of a filter that did not hold."""

    param: str
    op: str
    wanted: list[Any] = Field(description="Empty when the value it refers to is missing.")
    seen: list[Any] = Field(description="The values found; empty when there is none.")


class FindingAnswer(Answer):
    """One thing that is known, and what it is about."""

    code: str = Field(
        description="What is known, for programs: `event_filtered`, `skipped_reentry`, "
        "`journey_stopped`, `message_skipped` and the like."
    )
    text: str = Field(description="The same for people.")
    at: datetime | None
    event_id: UUID | None
    journey_id: UUID | None
    message_id: UUID | None
    launch_id: UUID | None
    segment: str | None = Field(description="A segment's key.")
    block: str | None
    checks: list[FailedCheckAnswer] = Field(description="Of a filter: each check that failed.")


class ExplanationAnswer(Answer):
    """Why a contact did, or did not, get a workflow."""

    workflow: str = Field(description="The workflow's key.")
    contact_id: UUID
    answer: FindingAnswer = Field(description="What became of the newest attempt.")
    findings: list[FindingAnswer] = Field(
        description="All that is known: the workflow's state, each attempt to start, journeys with "
        "their messages, launches, segments, and when the contact may enter again."
    )


def explanation_answer(workflow: str, contact_id: UUID, found: Explanation) -> ExplanationAnswer:
    """An explanation as an answer."""
    return ExplanationAnswer(
        workflow=workflow,
        contact_id=contact_id,
        answer=FindingAnswer.model_validate(found.answer),
        findings=[FindingAnswer.model_validate(finding) for finding in found.findings],
    )


def history_entry(item: HistoryItem) -> HistoryEntry:
    """An item as an answer."""
    event = None if item.event_id is None else {"id": item.event_id, "name": item.event_name}
    reason = None
    if item.reason_kind is not None:
        reason = {"kind": item.reason_kind, "detail": item.reason_detail}
    names = ("at", "kind", "workflow", "contact_id", "user_id", "journey_id", "launch_id", "key",
             "state", "block")  # fmt: skip
    return HistoryEntry.model_validate(
        {**{name: getattr(item, name) for name in names}, "event": event, "reason": reason}
    )
