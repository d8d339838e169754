"""What the tables share: column types, and the naming that migrations rely on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, MetaData, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

UTC_TIME = DateTime(timezone=True)


def utc(*, nullable: bool = False, now: bool = False) -> Any:
    """A `timestamptz` column; `now` fills it by the database's clock."""
    return Field(
        default=None,
        sa_type=UTC_TIME,
        nullable=nullable,
        sa_column_kwargs={"server_default": func.now()} if now else {},
    )


def jsonb(*, nullable: bool = False) -> Any:
    """A `jsonb` column."""
    return Field(default=None, sa_type=JSONB, nullable=nullable)


class Row(SQLModel):
    """A row that belongs to one workspace."""

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE")


__all__ = ["UTC_TIME", "Row", "SQLModel", "datetime", "jsonb", "utc"]
