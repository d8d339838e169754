"""Tenants and their keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from storage.tables.base import Row, utc


class Workspace(SQLModel, table=True):
    """A tenant. `rules_revision` grows with every change of what is published: caches watch it."""

    __tablename__ = "workspaces"

    id: UUID = Field(primary_key=True)
    name: str
    timezone: str = "UTC"
    paused: bool = False
    rules_revision: int = 0
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
