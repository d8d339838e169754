"""Messages that the app fetches itself: those it shows while it is used, and those of its inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


class AppMessage(Row, table=True):
    """A message as it was rendered. `version` is that of its contact's feed when it changed last.

    It is listed until `gone_at` or `expires_at`, whichever comes first.
    """

    __tablename__ = "app_messages"
    __table_args__ = (
        Index("ix_app_messages_contact", "contact_id", "channel", "created_at", "id"),
    )

    id: UUID = Field(foreign_key="messages.id", ondelete="CASCADE", primary_key=True)
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE")
    channel: str
    """`in_app` or `inbox`."""
    content: dict[str, Any] = jsonb()
    version: int = Field(sa_type=BigInteger)
    created_at: datetime = utc(now=True)
    expires_at: datetime = utc()
    seen_at: datetime | None = utc(nullable=True)
    """When it was shown last."""
    seen_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    clicked_at: datetime | None = utc(nullable=True)
    dismissed_at: datetime | None = utc(nullable=True)
    read_at: datetime | None = utc(nullable=True)
    gone_at: datetime | None = utc(nullable=True)
    gone_reason: str | None = None
    """`seen`, `clicked`, `dismissed`, `deleted` or `stopped`."""


class AppFeed(Row, table=True):
    """The messages of one contact as a whole: `version` grows with each change of one of them.

    Whoever changes one holds this row until the commit, so that versions become visible in order.
    """

    __tablename__ = "app_feeds"

    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE", primary_key=True)
    version: int = Field(sa_type=BigInteger)


class VerifiedIdentities(Row, table=True):
    """By what the app proves who its user is, and whether it must."""

    __tablename__ = "verified_identities"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    secret: bytes
    required: bool = False
    created_at: datetime = utc(now=True)
