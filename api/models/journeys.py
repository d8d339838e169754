"""Journeys and messages in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.models.values import Answer, Request, Text
from api.paging import PageAnswer
from storage.repositories.journeys import JourneyRecord, StepRecord

JourneyState = Literal["running", "completed", "stopped", "failed"]
MessageState = Literal["queued", "sent", "delivered", "opened", "clicked", "failed", "skipped"]


class ReasonAnswer(Answer):
    """Why a journey ended."""

    kind: str
    detail: str | None


class TemporalAnswer(Answer):
    """The Temporal execution that is this journey."""

    workflow_id: str
    run_id: str | None = Field(description="Null until Temporal has been told to start it.")


class JourneyAnswer(Answer):
    """One contact's run through one version."""

    id: UUID
    workflow: str = Field(description="The workflow's key.")
    version: int | None = Field(description="Null for the test of a draft.")
    contact_id: UUID
    user_id: str | None = Field(serialization_alias="userId")
    launch_id: UUID | None = Field(description="The mass launch that it is a part of.")
    test: bool = Field(description="A test, which no rule starts, stops or counts.")
    state: JourneyState
    reason: ReasonAnswer | None = Field(description="Null while it runs.")
    block: str | None = Field(
        description="The block it is in; null before the first and at the end."
    )
    due_at: datetime | None = Field(description="When its present wait ends by itself.")
    parked: bool = Field(description="Came due while the workflow was paused; waits for resuming.")
    started_at: datetime
    ended_at: datetime | None
    temporal: TemporalAnswer


class StepAnswer(Answer):
    """One visit of one block."""

    block: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None


class JourneyDetail(JourneyAnswer):
    """A journey with the blocks it visited, in order."""

    steps: list[StepAnswer]


class JourneyPage(PageAnswer[JourneyAnswer]):
    """Journeys, the one started last first."""


class StopRequest(Request):
    """Why a journey is stopped by hand."""

    detail: Annotated[Text, Field(max_length=500)] | None = None


class StoppedAnswer(Answer):
    """How many journeys a call ended."""

    stopped: int


class MessageAnswer(Answer):
    """One thing sent to one contact by one block visit, with what became of it."""

    id: UUID
    journey_id: UUID
    workflow: str = Field(description="The workflow's key.")
    contact_id: UUID
    user_id: str | None = Field(serialization_alias="userId")
    block: str
    channel: str
    template: str
    to: str | None
    subject: str | None
    state: MessageState
    reason: str | None = Field(description="Why it failed or was skipped.")
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    failed_at: datetime | None


class MessagePage(PageAnswer[MessageAnswer]):
    """Messages, newest first."""


def journey_answer(journey: JourneyRecord) -> JourneyAnswer:
    """A journey as an answer."""
    reason = None
    if journey.reason_kind is not None:
        reason = ReasonAnswer(kind=journey.reason_kind, detail=journey.reason_detail)
    return JourneyAnswer.model_validate(
        {
            **{name: getattr(journey, name) for name in _COPIED},
            "reason": reason,
            "temporal": TemporalAnswer(workflow_id=str(journey.id), run_id=journey.run_id),
        }
    )


def journey_detail(journey: JourneyRecord, steps: list[StepRecord]) -> JourneyDetail:
    """A journey with its steps as an answer."""
    whole = dict(journey_answer(journey))
    return JourneyDetail(**whole, steps=[StepAnswer.model_validate(step) for step in steps])


_COPIED = tuple(name for name in JourneyAnswer.model_fields if name not in {"reason", "temporal"})
