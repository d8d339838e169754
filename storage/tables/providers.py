"""Accounts with providers, and which devices of a contact have a message."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from storage.tables.base import Row, jsonb, utc


class Provider(Row, table=True):
    """A workspace's account with a provider: at most one of each kind.

    `revision` grows with every change, by which processes know that what they opened is old.
    """

    __tablename__ = "providers"
    __table_args__ = (
        Index("uq_providers_kind", "workspace_id", "channel", "kind", unique=True),
        Index("ix_providers_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    channel: str
    kind: str
    settings: dict[str, Any] = jsonb()
    secrets: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    """The secret settings as JSON, encrypted."""
    rate_per_second: float | None = None
    next_slot_at: datetime | None = utc(nullable=True)
    """When the next message may go, if there is a rate."""
    enabled: bool = True
    revision: int = 1
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class MessageDevice(SQLModel, table=True):
    """What became of a message at one device of a contact that has several."""

    __tablename__ = "message_devices"

    message_id: UUID = Field(foreign_key="messages.id", ondelete="CASCADE", primary_key=True)
    device: bytes = Field(primary_key=True, sa_type=LargeBinary)
    """The SHA-256 of its token."""
    state: str
    """`sent`, `failed`, or `waiting` for another try."""
    provider_id: str | None = None
    reason: str | None = None
    at: datetime = utc(now=True)
