"""Mass launches: a workflow started for the members of a segment, and how far each one is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


class Launch(Row, table=True):
    """One launch; its members become facts of kind `launch`, a page at a time.

    `taken` and `cursor` change in the transaction that queues the page, so a launch that was cut
    off goes on behind the last member that was queued.
    """

    __tablename__ = "launches"
    __table_args__ = (
        Index("ix_launches_page", "workspace_id", "started_at", "id"),
        Index("ix_launches_workflow", "workflow_id", "started_at", "id"),
        Index("ix_launches_due", "next_at", postgresql_where=text("state = 'running'")),
        Index(
            "uq_launches_moment",
            "workflow_id",
            "scheduled_for",
            unique=True,
            postgresql_where=text("scheduled_for IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE")
    kind: str
    """Who began it: `manual` (a call of the API), `cron`, `at`, or `event`."""
    event_id: UUID | None = None
    params: dict[str, Any] = jsonb()
    """The segment's parameters, bound from the event."""
    segment_id: UUID | None = Field(default=None, foreign_key="segments.id", ondelete="SET NULL")
    """Null when the segment was deleted since."""
    state: str = "running"
    """`running`, `completed` (every member was queued), `stopped`, `failed`, or `missed`: its
    moment came and it did not begin."""
    reason: str | None = None
    members_at: datetime | None = utc(nullable=True)
    """The moment whose members are taken: when they were counted."""
    total: int | None = Field(default=None, sa_type=BigInteger)
    taken: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    cursor: UUID | None = None
    """The contact up to which members were looked at."""
    rate: float | None = None
    """Journeys a second; null means the setting."""
    spread_seconds: float | None = None
    """The window over which the starts are spread evenly."""
    next_at: datetime = utc(now=True)
    """Not before then is the next page taken."""
    execution: str | None = None
    """The Temporal workflow, where a schedule named it; else the name follows from the id."""
    scheduled_for: datetime | None = utc(nullable=True)
    """The moment of the schedule, to the second; the first one of a row that missed several."""
    missed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many moments in a row were missed, for the same reason."""
    started_at: datetime = utc(now=True)
    finished_at: datetime | None = utc(nullable=True)
