"""The order that a timer may be bound to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.snapshot import order_properties

_ORDER = text("""
    SELECT order_id, status, total, currency, items, timestamp, created_at, updated_at
    FROM orders
    WHERE workspace_id = :workspace AND contact_id = :contact
      AND (CAST(:order AS text) IS NULL OR order_id = :order)
    ORDER BY timestamp DESC, order_id LIMIT 1
""")


async def bound_order(
    connection: AsyncConnection,
    *,
    workspace_id: UUID,
    contact_id: UUID,
    params: Mapping[str, Any],
) -> Mapping[str, Any]:
    """The attributes of the order that the starting event names, else of the contact's latest.

    Empty when the contact has no such order (yet).
    """
    named = params.get("order_id") or params.get("orderId")
    row = (
        await connection.execute(
            _ORDER,
            {
                "workspace": workspace_id,
                "contact": contact_id,
                "order": str(named) if named else None,
            },
        )
    ).first()
    return order_properties(**row._mapping) if row is not None else {}  # noqa: SLF001
