"""Tenants and their keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, text
from sqlmodel import Field, SQLModel

from storage.tables.base import Row, jsonb, utc

RANDOM = text(
    "sha256(convert_to(CAST(gen_random_uuid() AS text) || CAST(gen_random_uuid() AS text), 'UTF8'))"
)
"""32 bytes that nobody can guess: PostgreSQL's random uuids are strong ones."""


class Workspace(SQLModel, table=True):
    """A tenant. `rules_revision` grows with every change of what is published: caches watch it."""

    __tablename__ = "workspaces"

    id: UUID = Field(primary_key=True)
    name: str
    timezone: str = "UTC"
    paused: bool = False
    rules_revision: int = 0
    allowed_hours: dict[str, Any] | None = jsonb(nullable=True)
    """Hours of the message blocks that name none."""
    link_secret: bytes = Field(
        default=None, sa_type=LargeBinary, sa_column_kwargs={"server_default": RANDOM}
    )
    """What signs the links in its messages; they work as long as the workspace is there."""
    tracking: dict[str, Any] | None = jsonb(nullable=True)
    """A `journeys.tracking.TrackingChoice`: what its mail is tracked by, and its UTM parameters."""
    created_at: datetime = utc(now=True)


class ApiKey(Row, table=True):
    """A key, stored as the SHA-256 of its 256 random bits; `prefix` is what a person recognises."""

    __tablename__ = "api_keys"

    id: UUID = Field(primary_key=True)
    kind: str
    """`write` may only ingest, `secret` may everything."""
    name: str
    prefix: str
    hash: bytes = Field(unique=True)
    created_at: datetime = utc(now=True)
    last_used_at: datetime | None = utc(nullable=True)
    revoked_at: datetime | None = utc(nullable=True)
