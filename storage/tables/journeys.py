"""Journeys, their steps, the memory of re-entry, entry decisions, calls owed to Temporal."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, text
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc

RUNNING = "state = 'running'"


class Journey(Row, table=True):
    """One contact's run through one version; its id is also the Temporal workflow id.

    `exclusive` is false under `overlap: parallel`; the partial unique index makes two running
    journeys of one contact and key impossible otherwise. `step` and `directive` remember the last
    answer of `advance`, so that a repeated call gets the same one.
    """

    __tablename__ = "journeys"
    __table_args__ = (
        Index(
            "uq_journeys_running",
            "workflow_id",
            "contact_id",
            "key_hash",
            unique=True,
            postgresql_where=text(f"{RUNNING} AND exclusive"),
        ),
        Index("ix_journeys_contact", "contact_id", "started_at"),
        Index("ix_journeys_workflow", "workflow_id", "state", "started_at", "id"),
        Index("ix_journeys_page", "workspace_id", "started_at", "id"),
        Index("ix_journeys_version", "version_id", "state"),
        Index("ix_journeys_due", "due_at", postgresql_where=text(RUNNING)),
        Index(
            "ix_journeys_tests",
            "workspace_id",
            "started_at",
            "id",
            postgresql_where=text("test_to IS NOT NULL"),
        ),
        Index(
            "ix_journeys_ended",
            "workflow_id",
            "ended_at",
            "id",
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
        Index(
            "ix_journeys_reason",
            "workflow_id",
            "reason_kind",
            "ended_at",
            postgresql_where=text("state IN ('stopped', 'failed')"),
        ),
    )

    id: UUID = Field(primary_key=True)
    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE")
    version_id: UUID = Field(foreign_key="workflow_versions.id")
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE")
    event_id: UUID | None = None
    launch_id: UUID | None = None
    params: dict[str, Any] = jsonb()
    """The starting event's properties, as `param` and `same` see them."""
    key_hash: UUID
    exclusive: bool = True
    state: str = "running"
    """`running`, `completed`, `stopped` or `failed`."""
    reason_kind: str | None = None
    reason_detail: str | None = None
    block: str | None = None
    """The block in which the journey is; null before the first and after the last."""
    visit: int = 0
    """How many blocks were entered: the current block's visit number."""
    step: int = 0
    directive: dict[str, Any] | None = jsonb(nullable=True)
    due_at: datetime | None = utc(nullable=True)
    """When the current wait ends by itself; null when it does not or nothing is waited for."""
    parked: bool = False
    """Came due while its workflow was paused, and waits to be released."""
    run_id: str | None = None
    depth: int = Field(default=0, sa_type=SmallInteger)
    variables: dict[str, Any] | None = jsonb(nullable=True)
    """What its blocks leave for later ones: promo codes, by their `as`."""
    test_to: str | None = None
    """For a test: the only address that messages go to. No rule starts, stops or counts it."""
    test_wait: int | None = None
    """For a test: how many seconds a wait lasts at most."""
    started_at: datetime = utc(now=True)
    ended_at: datetime | None = utc(nullable=True)


class JourneyStep(Row, table=True):
    """One visit of one block."""

    __tablename__ = "journey_steps"
    __table_args__ = (Index("ix_journey_steps_block", "block", "entered_at", "journey_id"),)

    journey_id: UUID = Field(foreign_key="journeys.id", ondelete="CASCADE", primary_key=True)
    visit: int = Field(primary_key=True)
    block: str
    entered_at: datetime = utc()
    left_at: datetime | None = utc(nullable=True)
    outcome: str | None = None


class Entry(Row, table=True):
    """When a contact (and key) last entered a workflow: the re-entry rule as a primary key."""

    __tablename__ = "entries"

    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE", primary_key=True)
    contact_id: UUID = Field(
        foreign_key="contacts.id", ondelete="CASCADE", primary_key=True, index=True
    )
    key_hash: UUID = Field(primary_key=True)
    last_started_at: datetime = utc()


class EntryDecision(Row, table=True):
    """Each time a start rule matched: started, or refused and why."""

    __tablename__ = "entry_decisions"
    __table_args__ = (
        Index("ix_entry_decisions_workflow", "workflow_id", "decided_at"),
        Index("ix_entry_decisions_contact", "contact_id", "decided_at"),
        Index(
            "ix_entry_decisions_key",
            "workflow_id",
            text("sojourn_entry_key(key)"),
            "decided_at",
            postgresql_where=text("key IS NOT NULL"),
        ),
        Index(
            "ix_entry_decisions_skipped",
            "workflow_id",
            "outcome",
            "decided_at",
            postgresql_where=text("outcome <> 'started'"),
        ),
        Index("ix_entry_decisions_launch", "launch_id", "outcome"),
    )

    id: UUID = Field(primary_key=True)
    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE")
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE")
    event_id: UUID | None = None
    launch_id: UUID | None = None
    journey_id: UUID | None = None
    outcome: str
    """`started`, or why not: `reentry`, `overlap`, `stop_lookback`, `stop_segment`, `too_deep`,
    `control`."""
    detail: str | None = None
    key: dict[str, Any] | None = jsonb(nullable=True)
    """The values of the re-entry key by their names; null where the start has none."""
    decided_at: datetime = utc(now=True)


class Command(Row, table=True):
    """A call owed to Temporal, written with the decision that made it and deleted once made."""

    __tablename__ = "commands"
    __table_args__ = (Index("ix_commands_lane", "lane", "due_at", "seq"),)

    seq: int | None = Field(
        default=None, sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)]
    )
    lane: int = Field(sa_type=SmallInteger)
    journey_id: UUID = Field(index=True)
    """The journey; for the kinds of `engine.dispatch.system_calls`, what these are about."""
    kind: str
    """`start`, `restart`, `stop` or `wake`, or one of `engine.dispatch.system_calls`."""
    due_at: datetime = utc(now=True)
