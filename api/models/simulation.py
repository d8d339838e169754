"""Dry runs in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from api.models.values import Answer, JsonObject, Name, Request, Text, UtcTime
from api.models.workflow_tests import TestEvent
from api.models.workflows import Definition
from engine.simulation.dry_run import SimulatedStep
from engine.simulation.simulate import Simulated
from journeys.edges import edge_taken


class DescribedContact(Request):
    """A contact that need not exist."""

    user_id: Name | None = Field(default=None, alias="userId")
    email: Name | None = None
    phone: Name | None = None
    timezone: Name | None = None
    locale: Name | None = None
    fields: JsonObject = Field(default={})
    created_at: UtcTime | None = None
    last_seen_at: UtcTime | None = None


class SimulateRequest(Request):
    """Who goes through what, from when on."""

    user_id: Name | None = Field(
        default=None, alias="userId", description="A contact's `userId` or id."
    )
    contact: DescribedContact | None = Field(
        default=None, description="Instead of a real one: it did nothing yet, and is on no list."
    )
    event: TestEvent | None = Field(
        default=None,
        description="The starting event; left out, the contact's newest one that fits.",
    )
    start_at: UtcTime | None = Field(default=None, description="Now, if left out.")
    assume: dict[str, Text] = Field(
        default={},
        max_length=1000,
        description="By the block's id: `then` or `else`; for messages the state they reach.",
    )
    even_if_refused: bool = Field(
        default=False, description="Walk though the contact would not be let in."
    )
    version: int | None = Field(
        default=None, ge=1, lt=2**31, description="The version to run; left out, the draft."
    )
    definition: Definition | None = Field(
        default=None, description="Run this instead of what is stored."
    )

    @model_validator(mode="after")
    def _someone(self) -> SimulateRequest:
        if (self.user_id is None) == (self.contact is None):
            raise ValueError("exactly one of 'userId' and 'contact' must be given")
        if self.version is not None and self.definition is not None:
            raise ValueError("only one of 'version' and 'definition' can be run")
        return self


class SimulatedMessageAnswer(Answer):
    """A message that would be made."""

    channel: str
    template: str
    to: str | None = Field(description="Null where no single address is known beforehand.")
    subject: str | None
    state: str = Field(description="`sent`, `skipped`, `failed`, or what is assumed.")
    reason: str | None


class SimulatedStepAnswer(Answer):
    """One visit of one block."""

    block: str
    kind: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None
    edge: str | None = Field(description="The way out: `next`, `then`, `branches[0].next`, …")
    to: str | None
    message: SimulatedMessageAnswer | None
    note: str | None


class EntryAnswer(Answer):
    """Whether the contact would be let in."""

    outcome: str = Field(
        description="`started`, or why not: `event`, `filter`, `segment`, `stop_segment`, "
        "`stop_lookback`, `reentry`, `overlap`."
    )
    reason: str | None


class EndAnswer(Answer):
    """How it would end."""

    state: str = Field(
        description="`completed`, `stopped`, `failed`; `unfinished` after many blocks."
    )
    kind: str
    detail: str | None
    at: datetime


class SimulationAnswer(Answer):
    """What would happen. Nothing was written, and nothing sent."""

    contact_id: UUID | None = Field(description="Null for a contact that was only described.")
    timezone: str = Field(description="The zone that the waits follow.")
    start: EntryAnswer
    steps: list[SimulatedStepAnswer]
    end: EndAnswer | None = Field(description="Null if it would not begin.")
    assumptions: list[str]


def simulation_answer(found: Simulated) -> SimulationAnswer:
    """The dry run as an answer."""
    blocks = found.definition.by_id()
    end = found.path.end

    def answer(step: SimulatedStep, *, last: bool) -> SimulatedStepAnswer:
        ended = last and end is not None and end.state in ("stopped", "failed")
        edge = None if ended else edge_taken(blocks[step.block], step.outcome)
        values: dict[str, Any] = {
            name: getattr(step, name)
            for name in SimulatedStepAnswer.model_fields
            if name not in ("edge", "to")
        }
        way = {"edge": edge.name if edge else None, "to": edge.to if edge else None}
        return SimulatedStepAnswer.model_validate({**values, **way})

    steps = found.path.steps
    return SimulationAnswer(
        contact_id=found.subject.id if found.subject.known else None,
        timezone=found.subject.contact.timezone or found.subject.workspace_zone,
        start=EntryAnswer.model_validate(found.entry),
        steps=[answer(step, last=step is steps[-1]) for step in steps],
        end=None if end is None else EndAnswer.model_validate(end),
        assumptions=found.assumptions,
    )
