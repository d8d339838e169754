"""Mass launches in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.models.values import Answer, Request, Text
from api.paging import PageAnswer
from journeys.durations import DurationText
from storage.repositories.launches import STARTED, LaunchRecord, Outcomes

LaunchKind = Literal["manual", "cron", "at", "event"]
LaunchState = Literal["running", "completed", "stopped", "failed", "missed"]


class LaunchRequest(Request):
    """For whom, and how fast; what is left out follows from the workflow and the settings."""

    segment: Annotated[Text, Field(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="The key or id of a segment without parameters. By default the one that the "
        "workflow starts with; a workflow that starts otherwise needs it.",
    )
    spread: DurationText | None = Field(
        default=None,
        description="The window over which the starts are spread evenly. By default the one of "
        "the workflow's start, if it has one.",
    )
    rate: float | None = Field(
        default=None, ge=0.001, le=10_000,
        description="Members taken a second at most, whatever other launches take; by default "
        "an even share of `SOJOURN_LAUNCH_RATE` with those that run beside it.",
    )  # fmt: skip


class SkippedCount(Answer):
    """How many members did not start, for this reason."""

    reason: str
    count: int


class LaunchAnswer(Answer):
    """A workflow started for the members of a segment, and how far that is."""

    id: UUID
    workflow: str = Field(description="The workflow's key.")
    segment: str | None = Field(description="The segment's key; null when it was deleted since.")
    kind: LaunchKind = Field(description="Who began it: a call, a schedule, or an event.")
    event_id: UUID | None
    params: dict[str, Any] = Field(description="The segment's parameters, bound from the event.")
    state: LaunchState = Field(
        description="`completed` once every member was taken; `missed`: its moment came, and "
        "`reason` says why it did not begin."
    )
    held: bool = Field(description="It waits, because the workflow is paused.")
    reason: str | None = Field(description="Why it ended early, or with nobody.")
    total: int | None = Field(
        description="The members when it began; null until counted, and "
        "while it runs where counting those of a segment with parameters would take too long."
    )
    taken: int = Field(description="Members handed to be decided on.")
    started: int
    skipped: list[SkippedCount] = Field(description="As the entry decisions say.")
    failed: int = Field(description="Members whose start could not be decided on: see the log.")
    left: int | None = Field(
        description="Members not decided on yet, or never to be when it was stopped; null where "
        "`total` is."
    )
    rate: float | None = Field(description="Null: a share of the setting.")
    spread_seconds: float | None
    scheduled_for: datetime | None = Field(
        description="The moment of the schedule; the first one, where several were missed."
    )
    missed: int = Field(
        description="How many moments were missed in a row for this reason; 0 when it began."
    )
    started_at: datetime
    finished_at: datetime | None


class LaunchPage(PageAnswer[LaunchAnswer]):
    """Launches, the one begun last first."""


def launch_answer(launch: LaunchRecord, outcomes: Outcomes) -> LaunchAnswer:
    """A launch with its progress as an answer."""
    skipped = {name: n for name, n in outcomes.decided.items() if name != STARTED}
    done = sum(outcomes.decided.values()) + outcomes.failed
    whole = launch.taken if launch.state == "completed" else launch.total
    return LaunchAnswer.model_validate(
        {
            **{name: getattr(launch, name) for name in _COPIED},
            "held": launch.state == "running" and launch.workflow_state == "paused",
            "started": outcomes.decided.get(STARTED, 0),
            "skipped": [SkippedCount(reason=r, count=n) for r, n in sorted(skipped.items())],
            "failed": outcomes.failed,
            "left": None if whole is None else max(whole - done, 0),
        }
    )


_COPIED = tuple(
    name
    for name in LaunchAnswer.model_fields
    if name not in {"held", "started", "skipped", "failed", "left"}
)
