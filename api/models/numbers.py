"""Workflows in numbers, in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.models.values import Answer
from api.paging import PageAnswer
from storage.repositories.activity import Slot
from storage.repositories.statistics import Sums, WorkflowStatistics


class JourneyCounts(Answer):
    """Journeys of all versions, or of the one asked for, by their present state."""

    running: int
    completed: int
    stopped: int
    failed: int


class ActivityTotals(Answer):
    """What happened in the window."""

    started: int
    completed: int
    stopped: int
    failed: int
    sent: int
    delivered: int
    opened: int
    clicked: int
    messages_failed: int
    skipped: int


class BlockCount(Answer):
    """How many journeys are in a block now."""

    block: str
    journeys: int


class BlockStats(Answer):
    """A block in numbers: visits and messages in the window, and who is there now."""

    block: str
    entered: int
    waiting: int = Field(description="Journeys that are in it now, whatever the window.")
    sent: int
    delivered: int
    opened: int
    clicked: int
    failed: int = Field(description="Messages that could not be sent.")
    skipped: int = Field(description="Messages that were not to be sent.")
    left: int


class EdgeStats(Answer):
    """How many went a way out of a block."""

    block: str
    edge: str = Field(description="The field that draws it: `next`, `then`, `branches[0].next`, …")
    to: str | None = Field(description="The block it leads to; null where it ends the journey.")
    count: int


class EntryCount(Answer):
    """How often a matching start led to this: `started`, or why it was refused."""

    outcome: str
    count: int


class MessageCounts(Answer):
    """A block's messages by one channel; one counts in every state that it reached."""

    block: str
    channel: str
    queued: int = Field(description="Waiting to be sent now, whatever the window.")
    sent: int
    delivered: int
    opened: int
    clicked: int
    failed: int
    skipped: int


class WorkflowStats(Answer):
    """A workflow in numbers."""

    journeys: JourneyCounts
    totals: ActivityTotals
    waiting: list[BlockCount]
    entries: list[EntryCount]
    blocks: list[BlockStats]
    edges: list[EdgeStats]
    messages: list[MessageCounts]


class SeriesPoint(ActivityTotals):
    """What happened in one hour or day. Journeys are not counted by block."""

    at: datetime = Field(description="When it began, by the clock of the workspace's zone.")
    entered: int
    left: int


class SeriesAnswer(Answer):
    """A workflow, or one block of it, over time."""

    interval: Literal["hour", "day"]
    timezone: str
    data: list[SeriesPoint]


class BlockContactAnswer(Answer):
    """A contact behind a number."""

    contact_id: UUID
    user_id: str | None = Field(serialization_alias="userId")
    email: str | None
    journey_id: UUID
    version: int | None
    at: datetime = Field(description="When it came into the block, or its message into the state.")
    detail: str | None = Field(description="How it left the block, or why there was no message.")


class BlockContactPage(PageAnswer[BlockContactAnswer]):
    """Contacts, those of late first."""


def stats_answer(found: WorkflowStatistics) -> WorkflowStats:
    """The numbers as an answer."""
    blocks = sorted(found.blocks.items())
    return WorkflowStats(
        journeys=JourneyCounts(**_all(JourneyCounts, found.now)),
        totals=ActivityTotals(**_all(ActivityTotals, found.totals)),
        waiting=[
            BlockCount(block=block, journeys=sums["waiting"])
            for block, sums in blocks
            if sums.get("waiting")
        ],
        entries=[EntryCount(outcome=o, count=n) for o, n in found.entries.items()],
        blocks=[BlockStats(block=b, **_all(BlockStats, sums)) for b, sums in blocks],
        edges=[EdgeStats.model_validate(edge) for edge in found.edges],
        messages=[
            MessageCounts(block=block, channel=channel, **_all(MessageCounts, sums))
            for (block, channel), sums in sorted(found.messages.items())
        ],
    )


def series_points(slots: list[Slot]) -> list[SeriesPoint]:
    """The slots, one or more a moment, as one point a moment."""
    points: dict[datetime, Sums] = {}
    for slot in slots:
        sums = points.setdefault(slot.at, {})
        if slot.measure is not None:
            of_message = slot.measure == "failed" and not slot.of_journey
            sums["messages_failed" if of_message else slot.measure] = slot.count
    return [SeriesPoint(at=at, **_all(SeriesPoint, sums)) for at, sums in points.items()]


def _all(model: type[Answer], sums: Sums) -> dict[str, int]:
    """Every number of the model, those that nothing was counted for as zero."""
    numbers = [name for name, field in model.model_fields.items() if field.annotation is int]
    return {name: max(sums.get(name, 0), 0) for name in numbers}
