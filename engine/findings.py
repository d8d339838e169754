"""One thing that is known about a contact and a workflow, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from journeys.matching import FailedCheck


@dataclass(frozen=True)
class Finding:
    """`code` for programs, `text` for people, and what it is about."""

    code: str
    text: str
    at: datetime | None = None
    event_id: UUID | None = None
    journey_id: UUID | None = None
    message_id: UUID | None = None
    launch_id: UUID | None = None
    segment: str | None = None
    block: str | None = None
    checks: tuple[FailedCheck, ...] = ()
    """Of a filter: what did not hold."""


def when(moment: datetime) -> str:
    """A moment in words, to the second, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
