"""Every input and result that crosses Temporal. Fields are only ever added, with defaults.

Only ids, names and instants travel here: contact data stays in PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SHOWS_REASON = 1
"""The execution writes `SojournReason` before it closes."""
FEATURES = SHOWS_REASON
"""What a new execution begins with."""


@dataclass(frozen=True)
class JourneyInput:
    """Starts (or, after continue-as-new, carries on) a journey at a step."""

    journey_id: str
    step: int = 0
    outcome: str | None = None
    features: int = 0
    """The newest feature that this execution began with: older ones keep to their commands."""


@dataclass(frozen=True)
class AdvanceInput:
    """`now` is the workflow's time; `outcome` is what became of the message just sent."""

    journey_id: str
    step: int
    now: datetime
    outcome: str | None = None


DirectiveKind = Literal["send", "wait", "finish"]


@dataclass(frozen=True)
class Directive:
    """What Temporal must do now.

    `send`: deliver `message_id` on the queue of `channel`. `wait`: sleep until `until`, or for a
    signal if it is null. `finish`: the journey has ended, for a reason of this kind.
    """

    kind: DirectiveKind
    block: str = ""
    until: datetime | None = None
    message_id: str | None = None
    channel: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class SendInput:
    """The message to deliver, and the step that the journey takes after it."""

    message_id: str
    journey_id: str = ""
    step: int = -1


@dataclass(frozen=True)
class SendResult:
    """`sent`, `failed` (for good), `skipped`, `held` (its workflow is paused) or `ended`.

    `directive` is `advance`'s answer to the next step, if it could be had at once.
    """

    outcome: str
    directive: Directive | None = None


@dataclass(frozen=True)
class EndInput:
    """An end that Temporal decided on: `error` (bookkeeping gave up) or `cancelled` (by hand)."""

    journey_id: str
    kind: str
    detail: str


@dataclass(frozen=True)
class ReconcileReport:
    """How many journeys a reconciliation looked at, restarted, woke and ended."""

    looked_at: int
    restarted: int
    woken: int
    ended: int
    launches: int = 0
    """Mass launches that went on, and schedules of them that were mended."""
    segments: int = 0
    """Segment clocks and backfills that were woken or started again."""
    failed: int = 0
    """Journeys that Temporal said nothing about: the next look asks again."""


@dataclass(frozen=True)
class ClockInput:
    """Whose segments a clock watches."""

    workspace_id: str


@dataclass(frozen=True)
class ClockTickInput:
    """One look at what fell due; `now` is the workflow's time."""

    workspace_id: str
    now: datetime


@dataclass(frozen=True)
class ClockTick:
    """How many memberships are to be looked at again, and when the next one falls due."""

    moved: int
    wakes_at: datetime | None = None


@dataclass(frozen=True)
class LaunchInput:
    """A launch to go on with; or, as a schedule starts it, the workflow that is to be launched."""

    launch_id: str = ""
    workflow_id: str = ""


@dataclass(frozen=True)
class OpenLaunchInput:
    """The workflow that a schedule launches; `execution` is the Temporal workflow it started."""

    workflow_id: str
    execution: str
    now: datetime


@dataclass(frozen=True)
class LaunchPageInput:
    """The next members of a launch; `now` is the workflow's time."""

    launch_id: str
    now: datetime


@dataclass(frozen=True)
class LaunchPage:
    """How many members were taken, and when the next page is due; null when the launch is over."""

    taken: int
    until: datetime | None = None


@dataclass(frozen=True)
class FailLaunchInput:
    """A launch that cannot go on, and why."""

    launch_id: str
    reason: str


@dataclass(frozen=True)
class ImportInput:
    """Which upload to work through."""

    import_id: str


@dataclass(frozen=True)
class ImportSlice:
    """How far a slice came, in rows; `done`: nothing is left, or the import was ended."""

    rows: int
    done: bool = False


@dataclass(frozen=True)
class ImportFailure:
    """An import that cannot go on, and why."""

    import_id: str
    reason: str


@dataclass(frozen=True)
class BackfillInput:
    """The segment whose members are to be found."""

    segment_id: str
