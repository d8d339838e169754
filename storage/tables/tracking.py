"""What was told of messages after they left: by links and pixels, by providers, by apps."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from storage.tables.base import Row, utc


class MessageSign(Row, table=True):
    """A sign of what became of a message, and how often it was seen.

    There is one row however often a link is followed or a pixel is loaded, so that nobody fills
    the table who has a link.
    """

    __tablename__ = "message_signs"

    message_id: UUID = Field(foreign_key="messages.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(primary_key=True)
    """`delivered`, `opened`, `clicked`, `bounced`, `failed` or `complained`."""
    link: str = Field(primary_key=True)
    """The link that was followed; else empty."""
    machine: str = Field(primary_key=True)
    """Why it was no person, such as `apple_proxy`; empty for a person. Signs of machines are kept
    and move nothing."""
    count: int
    first_at: datetime = utc()
    last_at: datetime = utc()


class ProviderReport(Row, table=True):
    """A report of a provider that was taken, so that a repeat of it is known as one."""

    __tablename__ = "provider_reports"
    __table_args__ = (Index("ix_provider_reports_received", "received_at"),)

    id: UUID = Field(primary_key=True)
    """Made of the account and of the provider's own id of the report."""
    received_at: datetime = utc(now=True)
