"""Promo codes: pools that were imported, and which visit of which journey took each code."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlmodel import Field

from storage.tables.base import Row, utc


class PromoPool(Row, table=True):
    """A pool of codes, filled by imports and emptied by `promo` blocks."""

    __tablename__ = "promo_pools"
    __table_args__ = (
        Index("uq_promo_pools_key", "workspace_id", "key", unique=True),
        Index("ix_promo_pools_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    key: str
    name: str
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class PromoCode(Row, table=True):
    """One code. Once taken it stays so: when the contact is erased, only the journey is gone.

    So `journey_id` is no foreign key. A visit takes one code at most.
    """

    __tablename__ = "promo_codes"
    __table_args__ = (
        Index("uq_promo_codes_code", "pool_id", "code", unique=True),
        Index("uq_promo_codes_visit", "journey_id", "visit", unique=True),
        Index("ix_promo_codes_free", "pool_id", "id", postgresql_where=text("taken_at IS NULL")),
    )

    id: int | None = Field(
        default=None, sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)]
    )
    """Codes are taken in the order of their import."""
    pool_id: UUID = Field(foreign_key="promo_pools.id", ondelete="CASCADE")
    code: str
    journey_id: UUID | None = None
    block: str | None = None
    visit: int | None = None
    taken_at: datetime | None = utc(nullable=True)
    created_at: datetime = utc(now=True)
