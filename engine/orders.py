"""Orders: one row each, in its latest state, however late or out of order the news of it arrive."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.ingest.items import Envelope, Outcome, Rejected, Rejection
from engine.ingest.parsing import check_item, event_id
from engine.ingest.upserts import contact_stub
from engine.ingest.values import instant, text_id
from engine.ingest.writer import lock_contacts
from engine.lanes import lane_of
from journeys.predicates import OrderStatus

STATUSES: tuple[str, ...] = get_args(OrderStatus)
_KEYS = frozenset(
    {"orderId", "userId", "status", "total", "currency", "items", "timestamp", "backfill"}
)
_CURRENCY = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """What is known of an order at `timestamp`. None: not said, so what is known stays."""

    index: int
    order_id: str
    user_id: str
    status: str
    total: Decimal | None
    currency: str | None
    items: str | None
    """JSON text."""
    timestamp: datetime
    backfill: bool


def parse_orders(
    items: Sequence[Any], envelope: Envelope
) -> tuple[list[OrderUpdate], list[Rejection]]:
    """The good updates, in their order, and the refused ones."""
    accepted: list[OrderUpdate] = []
    rejected: list[Rejection] = []
    for index, raw in enumerate(items):
        try:
            accepted.append(_order(index, raw, envelope))
        except Rejected as refusal:
            rejected.append(refusal.at(index, envelope.path))
    return accepted, rejected


def _order(index: int, raw: Any, envelope: Envelope) -> OrderUpdate:
    check_item(raw, envelope)
    for key in raw:
        if key not in _KEYS:
            raise Rejected("unknown key", f".{key}")
    order_id = text_id(raw.get("orderId"), "orderId")
    if order_id is None:
        raise Rejected("orderId is needed", ".orderId")
    user_id = text_id(raw.get("userId"), "userId")
    if user_id is None:
        raise Rejected("userId is needed", ".userId")
    status = raw.get("status")
    if status not in STATUSES:
        raise Rejected("status must be one of " + ", ".join(STATUSES), ".status")
    currency = raw.get("currency")
    if currency is not None and not (type(currency) is str and _CURRENCY.fullmatch(currency)):
        raise Rejected("currency must be a code of three letters such as EUR", ".currency")
    timestamp = raw.get("timestamp")
    return OrderUpdate(
        index=index,
        order_id=order_id,
        user_id=user_id,
        status=status,
        total=_total(raw.get("total")),
        currency=currency.upper() if currency else None,
        items=_lines(raw.get("items")),
        timestamp=envelope.received_at if timestamp is None else instant(timestamp, "timestamp"),
        backfill=envelope.backfill or raw.get("backfill") is True,
    )


def _total(value: Any) -> Decimal | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) >= 10**15:
        raise Rejected("total must be a number", ".total")
    return Decimal(str(value))


def _lines(value: Any) -> str | None:
    if value is None:
        return None
    if type(value) is not list:
        raise Rejected("items must be a list of objects", ".items")
    for place, line in enumerate(value):
        if type(line) is not dict:
            raise Rejected("each item must be an object", f".items[{place}]")
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise Rejected(f"items cannot be stored: {error}", ".items") from None


_STORE = """
    WITH input AS (
        SELECT * FROM unnest(
            $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::numeric[], $8::text[], $9::text[],
            $10::timestamptz[], $11::int[], $12::smallint[], $13::bool[]
        ) AS o(id, order_id, contact_id, status, total, currency, items, "timestamp",
               "order", lane, decides)
    ), stored AS (
        INSERT INTO orders AS o (workspace_id, id, order_id, contact_id, status, total, currency,
                                 items, "timestamp", created_at, updated_at)
        SELECT $1, id, order_id, contact_id, status, total, currency,
               coalesce(items, '[]')::jsonb, "timestamp", $2::timestamptz, $2::timestamptz
        FROM input
        ORDER BY order_id
        ON CONFLICT (workspace_id, order_id) DO UPDATE
        SET contact_id = excluded.contact_id, status = excluded.status,
            total = coalesce(excluded.total, o.total),
            currency = coalesce(excluded.currency, o.currency),
            items = CASE WHEN excluded.order_id = ANY($14::text[]) THEN excluded.items
                         ELSE o.items END,
            "timestamp" = excluded."timestamp", updated_at = excluded.updated_at
        WHERE o."timestamp" <= excluded."timestamp"
          AND (o.contact_id, o.status, o.total, o.currency, o.items, o."timestamp")
              IS DISTINCT FROM
              (excluded.contact_id, excluded.status, coalesce(excluded.total, o.total),
               coalesce(excluded.currency, o.currency),
               CASE WHEN excluded.order_id = ANY($14::text[]) THEN excluded.items
                    ELSE o.items END,
               excluded."timestamp")
        RETURNING id
    ), queued AS (
        INSERT INTO facts (workspace_id, lane, contact_id, kind, ref)
        SELECT $1, lane, contact_id, 'order', id
        FROM input JOIN stored USING (id)
        JOIN interests i ON i.workspace_id = $1 AND i.kind = 'order' AND i.name = '*'
        WHERE decides ORDER BY "order"
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM stored) AS stored, (SELECT count(*) FROM queued) AS queued
"""
"""$14: the orders whose items were said; for the others, those that are known stay."""


async def store_orders(
    connection: AsyncConnection, envelope: Envelope, updates: Sequence[OrderUpdate]
) -> Outcome:
    """Make or change these orders; an older timestamp never overwrites a newer state.

    Unknown users become contacts. Of several updates of one order, the parts that the newest one
    leaves out are taken from the ones before it. Raises `Stale` when the transaction must be
    repeated.
    """
    if not updates:
        return Outcome()
    stubs = [contact_stub(update.index, update.user_id, envelope) for update in updates]
    driver, contacts = await lock_contacts(
        connection, envelope.workspace_id, stubs, now=envelope.received_at
    )
    latest = _latest(updates)
    owners = [contacts["user", update.user_id].id for update in latest]
    row = await driver.fetchrow(
        _STORE,
        envelope.workspace_id,
        envelope.received_at,
        [_order_uuid(envelope.workspace_id, update.order_id) for update in latest],
        [update.order_id for update in latest],
        owners,
        [update.status for update in latest],
        [update.total for update in latest],
        [update.currency for update in latest],
        [update.items for update in latest],
        [update.timestamp for update in latest],
        [update.index for update in latest],
        [lane_of(owner) for owner in owners],
        [not update.backfill for update in latest],
        [update.order_id for update in latest if update.items is not None],
    )
    return Outcome(row["stored"], row["queued"])


def _latest(updates: Sequence[OrderUpdate]) -> list[OrderUpdate]:
    """One update an order: the newest, completed by what older ones of the same call said."""
    by_order: dict[str, OrderUpdate] = {}
    for update in sorted(updates, key=lambda one: one.timestamp):
        before = by_order.get(update.order_id)
        by_order[update.order_id] = update if before is None else _complete(update, before)
    return sorted(by_order.values(), key=lambda one: one.index)


def _complete(update: OrderUpdate, before: OrderUpdate) -> OrderUpdate:
    return replace(
        update,
        total=before.total if update.total is None else update.total,
        currency=update.currency or before.currency,
        items=before.items if update.items is None else update.items,
    )


def _order_uuid(workspace_id: UUID, order_id: str) -> UUID:
    return event_id(workspace_id, f"order:{order_id}")
