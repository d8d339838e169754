"""Orders, as the management API reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import (
    AnySelect,
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.tables import Contact, Order, OrderState


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order in its present state."""

    id: UUID
    order_id: str
    contact_id: UUID
    user_id: str | None
    status: str
    total: Decimal | None
    currency: str | None
    items: list[dict[str, Any]]
    timestamp: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OrderStateRecord:
    """One update of an order, as it was sent."""

    status: str
    total: Decimal | None
    timestamp: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """All that is given must hold."""

    contact_id: UUID | None = None
    status: str | None = None


_COLUMNS: tuple[Any, ...] = (
    col(Order.id),
    col(Order.order_id),
    col(Order.contact_id),
    col(Contact.user_id),
    col(Order.status),
    col(Order.total),
    col(Order.currency),
    col(Order.items),
    col(Order.timestamp),
    col(Order.created_at),
    col(Order.updated_at),
)


def _named() -> AnySelect:
    return select(*_COLUMNS).join(Contact, col(Contact.id) == col(Order.contact_id))


async def list_orders(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: OrderFilter
) -> Page[OrderRecord]:
    """The workspace's orders, the one recorded last first."""
    statement = _named().where(col(Order.workspace_id) == workspace_id)
    if filter_.contact_id is not None:
        statement = statement.where(col(Order.contact_id) == filter_.contact_id)
    if filter_.status is not None:
        statement = statement.where(col(Order.status) == filter_.status)
    statement = newest_first(statement, col(Order.created_at), col(Order.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, OrderRecord), page, lambda o: Position(o.created_at, o.id))


async def find_order(
    connection: AsyncConnection, workspace_id: UUID, order_id: str
) -> OrderRecord | None:
    """The order with the app's own id."""
    statement = _named().where(
        col(Order.workspace_id) == workspace_id, col(Order.order_id) == order_id
    )
    return record_or_none((await connection.execute(statement)).one_or_none(), OrderRecord)


async def order_history(
    connection: AsyncConnection, order: UUID, *, limit: int
) -> list[OrderStateRecord]:
    """What the order went through by the timestamps, its last `limit` updates, oldest first."""
    statement = (
        select(
            col(OrderState.status),
            col(OrderState.total),
            col(OrderState.timestamp),
            col(OrderState.received_at),
        )
        .where(col(OrderState.order_id) == order)
        .order_by(col(OrderState.timestamp).desc(), col(OrderState.seq).desc())
        .limit(limit)
    )
    rows = (await connection.execute(statement)).all()
    return records(rows[::-1], OrderStateRecord)
