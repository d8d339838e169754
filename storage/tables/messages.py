"""Messages and what became of them; the mail that the local inbox caught."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from storage.tables.base import Row, jsonb, utc


class Message(Row, table=True):
    """One message of one block visit. Its id follows from both, so that a retry is a repeat."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("uq_messages_visit", "journey_id", "visit", unique=True),
        Index("ix_messages_contact", "contact_id", "created_at"),
        Index("ix_messages_page", "workspace_id", "created_at", "id"),
        Index("ix_messages_workflow", "workflow_id", "created_at", "id"),
        Index(
            "ix_messages_template",
            "workspace_id",
            "template",
            "sent_at",
            postgresql_include=["clicked_at"],
            postgresql_where=text("sent_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    journey_id: UUID = Field(foreign_key="journeys.id", ondelete="CASCADE")
    workflow_id: UUID = Field(foreign_key="workflows.id", ondelete="CASCADE")
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE")
    block: str
    visit: int
    channel: str
    template: str
    to: str | None = None
    subject: str | None = None
    state: str = "queued"
    """`queued`, `sent`, `delivered`, `opened`, `clicked`, `failed` or `skipped`."""
    reason: str | None = None
    provider_id: str | None = None
    created_at: datetime = utc(now=True)
    sent_at: datetime | None = utc(nullable=True)
    delivered_at: datetime | None = utc(nullable=True)
    opened_at: datetime | None = utc(nullable=True)
    clicked_at: datetime | None = utc(nullable=True)
    failed_at: datetime | None = utc(nullable=True)
    slot_at: datetime | None = utc(nullable=True)
    """Its turn at the rate of its provider's account."""
    counted_at: datetime | None = utc(nullable=True)
    """When it took its place under the frequency caps; it gives it back if it fails."""


class MessageClick(Row, table=True):
    """A link of a message that was followed."""

    __tablename__ = "message_clicks"

    message_id: UUID = Field(foreign_key="messages.id", ondelete="CASCADE", primary_key=True)
    link: str = Field(primary_key=True)
    clicked_at: datetime = utc(now=True)


class CaughtMessage(SQLModel, table=True):
    """What the local inbox caught: mail by SMTP, or another channel's message in `sojourn dev`."""

    __tablename__ = "caught_messages"
    __table_args__ = (Index("ix_caught_messages_received", "received_at", "id"),)

    id: UUID = Field(primary_key=True)
    channel: str
    sender: str | None = None
    to: str
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    headers: dict[str, Any] = jsonb()
    raw: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    received_at: datetime = utc(now=True)
