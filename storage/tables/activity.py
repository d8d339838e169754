"""Numbers of workflows: how much of what happened in which block in which hour."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, SQLModel

from storage.tables.base import UTC_TIME, utc


class Activity(SQLModel, table=True):
    """How often something happened in an hour; tests are not counted.

    Triggers on journeys, their steps and their messages write `ActivityDelta`, and
    `storage.repositories.activity.fold` adds these up here: no two writers meet in a row.
    """

    __tablename__ = "activity"

    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE", primary_key=True)
    at: datetime = Field(sa_type=UTC_TIME, primary_key=True)
    """When the hour began, by the clock of the workspace's zone."""
    version_id: UUID = Field(primary_key=True)
    block: str = Field(primary_key=True)
    """Empty for what a journey does as a whole."""
    measure: str = Field(primary_key=True)
    """`started`, `completed`, `stopped`, `failed`, `erased` (journeys); `entered`, `left` (blocks);
    `sent`, `delivered`, `opened`, `clicked`, `failed`, `skipped` (messages)."""
    detail: str = Field(primary_key=True)
    """For `left` the outcome, for messages the channel; else empty."""
    count: int = Field(sa_type=BigInteger)


class ActivityDelta(SQLModel, table=True):
    """What was counted and not added up yet, by the quarter of an hour."""

    __tablename__ = "activity_deltas"

    id: int | None = Field(
        default=None, sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)]
    )
    workflow_id: UUID
    version_id: UUID
    block: str
    measure: str
    detail: str
    at: datetime = utc()
    count: int


class EventCount(SQLModel, table=True):
    """How many events of a name were received in an hour; `storage.repositories.event_counts`."""

    __tablename__ = "event_counts"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UTC_TIME, primary_key=True)
    """When the hour began, by the clock of the workspace's zone."""
    count: int = Field(sa_type=BigInteger)


class EventCountMark(SQLModel, table=True):
    """Up to when a workspace's events were counted, by their receipt."""

    __tablename__ = "event_count_marks"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    counted_to: datetime = utc()
