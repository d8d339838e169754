"""What a marketer makes: workflows and their versions, templates, segments."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Identity, Index, SmallInteger, Text
from sqlmodel import Field

from storage.tables.base import Row, SQLModel, jsonb, utc


class Workflow(Row, table=True):
    """A workflow with its draft. `revision` grows with every saved draft (optimistic locking)."""

    __tablename__ = "workflows"
    __table_args__ = (
        Index("uq_workflows_key", "workspace_id", "key", unique=True),
        Index("ix_workflows_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    key: str
    name: str
    state: str = "draft"
    """`draft` (never published), `active`, `paused` or `archived`."""
    definition: dict[str, Any] = jsonb()
    layout: dict[str, Any] | None = jsonb(nullable=True)
    """Where the builder has the blocks: `[x, y]` by id."""
    revision: int = 1
    version: int | None = None
    """The running version; null until first published."""
    schedule_since: datetime = utc(now=True)
    """Of the moments of its schedule, those up to then are accounted for."""
    paused_at: datetime | None = utc(nullable=True)
    """When it was last paused, and by `resumed_at` resumed."""
    resumed_at: datetime | None = utc(nullable=True)
    saved_by: str | None = None
    """What the user or key that saved the draft last was called."""
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class WorkflowVersion(Row, table=True):
    """A published definition, or a draft that was tested; a trigger refuses any change of it."""

    __tablename__ = "workflow_versions"
    __table_args__ = (Index("uq_workflow_versions_version", "workflow_id", "version", unique=True),)

    id: UUID = Field(primary_key=True)
    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE")
    version: int | None = None
    """Null for a draft that was tested: nothing but tests runs on it."""
    definition: dict[str, Any] = jsonb()
    layout: dict[str, Any] | None = jsonb(nullable=True)
    published_at: datetime = utc(now=True)


class Template(Row, table=True):
    """The text of a message, in Liquid; which parts it has depends on the channel."""

    __tablename__ = "templates"
    __table_args__ = (
        Index("uq_templates_key", "workspace_id", "key", unique=True),
        Index("ix_templates_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    key: str
    channel: str
    content: dict[str, Any] = jsonb()
    """`subject, html | mjml, text, title, body, link, data`, those that the channel uses."""
    tags: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"}
    )
    """By which `best_of` finds it."""
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class Segment(Row, table=True):
    """A saved predicate over contacts; `definition` null means a static list."""

    __tablename__ = "segments"
    __table_args__ = (
        Index("uq_segments_key", "workspace_id", "key", unique=True),
        Index("ix_segments_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    key: str
    name: str
    definition: dict[str, Any] | None = jsonb(nullable=True)
    state: str = Field(default="live", sa_column_kwargs={"server_default": "live"})
    """`backfilling` until every contact was looked at since the predicate changed, then `live`."""
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class SegmentMember(Row, table=True):
    """A contact in a segment now; written while its lane is held. Static lists are kept here too.

    Parameterised segments have no members: who is in them depends on the parameters. Without a
    foreign key to the segment: see `SegmentClearing`.
    """

    __tablename__ = "segment_members"
    __table_args__ = (Index("ix_segment_members_page", "segment_id", "entered_at", "contact_id"),)

    segment_id: UUID = Field(primary_key=True)
    contact_id: UUID = Field(
        foreign_key="contacts.id", ondelete="CASCADE", primary_key=True, index=True
    )
    entered_at: datetime = utc(now=True)
    depth: int = Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    """How many emit and update blocks led to it (0 = from outside, or by time)."""


class SegmentStay(Row, table=True):
    """A membership that ended."""

    __tablename__ = "segment_stays"
    __table_args__ = (
        Index("ix_segment_stays_contact", "contact_id", "segment_id", "left_at"),
        Index("ix_segment_stays_segment", "segment_id", "left_at", "id"),
        Index("ix_segment_stays_entered", "segment_id", "entered_at"),
    )

    id: int | None = Field(
        default=None, sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)]
    )
    segment_id: UUID
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE")
    entered_at: datetime = utc()
    left_at: datetime = utc()
    depth: int = Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    """How many emit and update blocks had led to the contact's coming in."""


class SegmentInstant(SQLModel, table=True):
    """The earliest instant at which time alone can change a contact's membership.

    Without foreign keys: there is one row for each contact and segment with a time window, and
    what is left behind by an erasure is dropped when it falls due.
    """

    __tablename__ = "segment_instants"
    __table_args__ = (Index("ix_segment_instants_due", "workspace_id", "due_at"),)

    workspace_id: UUID
    segment_id: UUID = Field(primary_key=True)
    contact_id: UUID = Field(primary_key=True)
    due_at: datetime = utc()


class SegmentClockRow(SQLModel, table=True):
    """Until when a workspace's segment clock sleeps; null when it does not run.

    Who stores an instant compares under a lock that is shared, and that the clock holds alone while
    it looks for the next one: so none falls between the two.
    """

    __tablename__ = "segment_clocks"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    wakes_at: datetime | None = utc(nullable=True)


class SegmentBackfill(Row, table=True):
    """A backfill that is under way."""

    __tablename__ = "segment_backfills"

    segment_id: UUID = Field(foreign_key="segments.id", ondelete="CASCADE", primary_key=True)
    starts: bool
    """Whether those who become members by it start journeys, as asked by who saved the segment."""
    fresh: bool
    """Nothing was stored when it began: whatever is there is of the dispatchers, and right."""
    done: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
    started_at: datetime = utc(now=True)


class SegmentClearing(Row, table=True):
    """A segment that was deleted, or came to have parameters, and still has rows of members.

    They are cleared away in pages, so that no request waits for a million of them.
    """

    __tablename__ = "segment_clearings"

    segment_id: UUID = Field(primary_key=True)
    left_at: datetime | None = utc(nullable=True)
    """When the memberships ended; null for a deleted segment, of which nothing is kept."""
    begun_at: datetime = utc(now=True)


class SegmentBackfillLane(SQLModel, table=True):
    """A lane whose contacts, those after `cursor`, a backfill has still to look at."""

    __tablename__ = "segment_backfill_lanes"

    segment_id: UUID = Field(
        foreign_key="segment_backfills.segment_id", ondelete="CASCADE", primary_key=True
    )
    lane: int = Field(
        sa_type=SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    cursor: UUID | None = None
