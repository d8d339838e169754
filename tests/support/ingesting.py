"""Calls of the ingestion API as they are stored, for engine tests that need what it writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from engine.ingest.items import Envelope
from engine.ingest.parsing import parse_items
from engine.ingest.writer import store
from engine.orders import parse_orders, store_orders
from storage.database import Database


async def upsert_orders(
    database: Database, workspace_id: UUID, *orders: dict[str, Any], now: datetime | None = None
) -> None:
    """Store orders as `POST /v1/orders` does when they arrive at `now`."""
    envelope = Envelope(workspace_id, received_at=now or datetime.now(UTC))
    accepted, rejected = parse_orders(orders, envelope)
    assert not rejected
    async with database.transaction() as connection:
        await store_orders(connection, envelope, accepted)


async def send_calls(
    database: Database, workspace_id: UUID, *calls: dict[str, Any], now: datetime | None = None
) -> None:
    """Store calls as `POST /v1/batch` does when they arrive at `now`."""
    envelope = Envelope(workspace_id, received_at=now or datetime.now(UTC))
    accepted, rejected = parse_items(calls, envelope)
    assert not rejected
    async with database.transaction() as connection:
        await store(connection, workspace_id, accepted, now=envelope.received_at)
