"""What orders went through."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Numeric, text
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


class OrderState(Row, table=True):
    """One update of an order as it was sent, late ones too; the same again adds nothing."""

    __tablename__ = "order_states"
    __table_args__ = (
        Index(
            "uq_order_states_update", "order_id", "timestamp", "status", "total", "currency",
            text("md5(items::text)"), unique=True, postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    seq: int | None = Field(
        default=None, sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)]
    )
    order_id: UUID = Field(foreign_key="orders.id", ondelete="CASCADE")
    """The order's row, not the app's own id."""
    status: str
    total: Decimal | None = Field(default=None, sa_type=Numeric)
    """Null: not said, so what was known before held on."""
    currency: str | None = None
    items: list[dict[str, Any]] | None = jsonb(nullable=True)
    timestamp: datetime = utc()
    received_at: datetime = utc(now=True)
