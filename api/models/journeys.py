"""Journeys and messages in requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.models.values import Answer, Request, Text
from api.paging import PageAnswer
from journeys.definition import Block
from journeys.edges import edge_taken
from journeys.sketches import whole
from storage.repositories.journeys import JourneyRecord, StepRecord
from storage.repositories.messages import MessageRecord

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


class StepAnswer(Answer):
    """One visit of one block."""

    block: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None
    edge: str | None = Field(
        description="The way out that was taken, by the field that draws it (`next`, `then`, "
        "`else`, `branches[0].next`); null while it is there, and where the journey ended."
    )
    to: str | None = Field(description="The block that this way leads to; null where it ends.")
    messages: list[MessageAnswer]


class JourneyDetail(JourneyAnswer):
    """A journey with its drawing, and the blocks it visited, in order."""

    definition: dict[str, Any] = Field(description="Of the version, or tested draft, it runs on.")
    steps: list[StepAnswer]


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


def journey_detail(
    journey: JourneyRecord,
    steps: Sequence[StepRecord],
    messages: Sequence[MessageRecord],
    definition: dict[str, Any],
) -> JourneyDetail:
    """A journey with its drawing and its steps as an answer."""
    drawing = whole(definition)
    drawn = drawing.by_id() if drawing is not None else {}
    return JourneyDetail(
        **dict(journey_answer(journey)),
        definition=definition,
        steps=[
            StepAnswer.model_validate(
                {
                    **asdict(step),
                    **_way_out(journey, drawn.get(step.block), step, last=step is steps[-1]),
                    "messages": [
                        MessageAnswer.model_validate(message)
                        for message in messages
                        if message.visit == step.visit
                    ],
                }
            )
            for step in steps
        ],
    )


def _way_out(
    journey: JourneyRecord, block: Block | None, step: StepRecord, *, last: bool
) -> dict[str, str | None]:
    ended_here = last and journey.state in ("stopped", "failed")
    edge = None if block is None or ended_here else edge_taken(block, step.outcome)
    return {"edge": edge.name if edge else None, "to": edge.to if edge else None}


_COPIED = tuple(name for name in JourneyAnswer.model_fields if name not in {"reason", "temporal"})
