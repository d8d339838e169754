"""What a marketer makes: workflows and their versions, templates, segments."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


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
    revision: int = 1
    version: int | None = None
    """The running version; null until first published."""
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class WorkflowVersion(Row, table=True):
    """A published definition; a trigger refuses any change of it."""

    __tablename__ = "workflow_versions"
    __table_args__ = (Index("uq_workflow_versions_version", "workflow_id", "version", unique=True),)

    id: UUID = Field(primary_key=True)
    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE")
    version: int
    definition: dict[str, Any] = jsonb()
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
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class SegmentMember(Row, table=True):
    """A contact on a static list."""

    __tablename__ = "segment_members"

    segment_id: UUID = Field(foreign_key="segments.id", ondelete="CASCADE", primary_key=True)
    contact_id: UUID = Field(
        foreign_key="contacts.id", ondelete="CASCADE", primary_key=True, index=True
    )
    entered_at: datetime = utc(now=True)
