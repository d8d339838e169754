"""Who the model knows, what they did, and the journeys they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from journeys.durations import parse_duration

TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Happening:
    """An event of a contact."""

    number: int
    name: str
    properties: Mapping[str, Any]
    at: datetime
    arrived: datetime


@dataclass(frozen=True)
class Purchase:
    """What an order is at a moment."""

    status: str
    total: int
    at: datetime


@dataclass(frozen=True)
class News:
    """What a rule may look at: one fact, in the order in which they were committed."""

    kind: str
    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    event: Happening | None = None
    by: str | None = None
    """The workflow whose update block made it."""
    late: bool = False
    """Of an order of which something newer was known."""


@dataclass
class Run:
    """A journey."""

    workflow: str
    params: Mapping[str, Any]
    event: Happening | None
    key: tuple[Any, ...]
    started_at: datetime
    state: str = "running"
    reason: str | None = None
    detail: str | None = None
    ended_at: datetime | None = None
    block: str | None = None
    entered_at: datetime | None = None
    since: datetime | None = None
    """From when on a `wait_for` counts events, by their arrival."""
    answered_by: tuple[int, ...] = ()

    @property
    def began(self) -> datetime:
        """The moment of what started it."""
        return self.event.at if self.event else self.started_at

    @property
    def order(self) -> tuple[Any, ...]:
        """Which of several that could go on goes first."""
        return self.workflow, self.started_at, str(self.params.get("n", ""))


@dataclass
class Human:
    """A contact."""

    user: str
    fields: dict[str, Any] = field(default_factory=dict)
    events: list[Happening] = field(default_factory=list)
    orders: dict[str, Purchase] = field(default_factory=dict)
    updates: list[tuple[str, Purchase]] = field(default_factory=list)
    """All that orders ever were."""
    lists: set[str] = field(default_factory=set)
    member_since: dict[str, datetime] = field(default_factory=dict)
    stays: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    entered: dict[tuple[str, tuple[Any, ...]], datetime] = field(default_factory=dict)
    decisions: list[tuple[str, str]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    """Facts that are still to be decided on."""


def span(duration: str) -> timedelta:
    """A duration of days and hours."""
    parts = parse_duration(duration)
    assert parts.keys() <= {"days", "hours"}
    return timedelta(**parts)


def end(run: Run, state: str, reason: str, now: datetime, detail: str | None = None) -> None:
    run.state, run.reason, run.detail, run.ended_at = state, reason, detail, now
    run.block = run.block if state == "stopped" else None
