"""Orders: one row each, in its latest state, however late or out of order the news of it arrive.

What the news were is kept as well: see `OrderState`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.ingest.items import Envelope, Outcome, Rejected, Rejection
from engine.ingest.parsing import check_item, event_id
from engine.ingest.upserts import contact_stub
from engine.ingest.values import instant, text_id
from engine.ingest.writer import Stale, lock_contacts
from engine.lanes import lane_of
from engine.order_history import keep_updates
from engine.order_states import Course, OrderUpdate, State
from journeys.predicates import OrderStatus

STATUSES: tuple[str, ...] = get_args(OrderStatus)
_KEYS = frozenset(
    {"orderId", "userId", "status", "total", "currency", "items", "timestamp", "backfill"}
)
_CURRENCY = re.compile(r"[A-Za-z]{3}")


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
        dated=timestamp is not None,
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


_LOCK = """
    SELECT o.order_id, o.id,
           ARRAY(SELECT s.status FROM order_states s
                 WHERE s.order_id = o.id AND s."timestamp" = o."timestamp") AS said,
           o.contact_id, o.status, o.total, o.currency, o.items::text AS items, o."timestamp",
           o.created_at, o.updated_at
    FROM orders o WHERE o.workspace_id = $1 AND o.order_id = ANY($2::text[])
    ORDER BY o.order_id FOR NO KEY UPDATE OF o
"""

_STORE = """
    WITH present AS (
        SELECT * FROM unnest(
            $3::uuid[], $4::text[], $5::bool[], $6::uuid[], $7::text[], $8::numeric[], $9::text[],
            $10::text[], $11::timestamptz[]
        ) AS o(id, order_id, known, contact_id, status, total, currency, items, "timestamp")
    ), made AS (
        INSERT INTO orders (workspace_id, id, order_id, contact_id, status, total, currency, items,
                            "timestamp", created_at, updated_at)
        SELECT $1, id, order_id, contact_id, status, total, currency, items::jsonb, "timestamp",
               $2::timestamptz, $2::timestamptz
        FROM present WHERE NOT known ORDER BY order_id
        ON CONFLICT (workspace_id, order_id) DO NOTHING
        RETURNING id
    ), changed AS (
        UPDATE orders o
        SET contact_id = p.contact_id, status = p.status, total = p.total, currency = p.currency,
            items = p.items::jsonb, "timestamp" = p."timestamp", updated_at = $2
        FROM present p WHERE o.id = p.id AND p.known
        RETURNING o.id
    )
    SELECT (SELECT count(*) FROM made) AS made, (SELECT count(*) FROM changed) AS changed
"""

_QUEUE = """
    INSERT INTO facts (workspace_id, lane, contact_id, kind, ref, change, silent)
    SELECT $1, lane, contact_id, 'order', ref, change::jsonb, silent
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::bool[])
        WITH ORDINALITY AS n(lane, contact_id, ref, change, silent, place)
    JOIN interests i ON i.workspace_id = $1 AND i.kind = 'order' AND i.name = '*'
    WHERE NOT silent OR i.segments
    ORDER BY place
    RETURNING 1
"""

_QUEUE_LOSERS = """
    INSERT INTO facts (workspace_id, lane, contact_id, kind, silent)
    SELECT $1, n.lane, n.contact_id, 'contact', n.silent
    FROM unnest($2::smallint[], $3::uuid[], $4::bool[]) AS n(lane, contact_id, silent)
    JOIN contacts c ON c.id = n.contact_id
    JOIN interests i ON i.workspace_id = $1 AND i.kind = 'contact'
    RETURNING 1
"""


async def store_orders(
    connection: AsyncConnection, envelope: Envelope, updates: Sequence[OrderUpdate]
) -> Outcome:
    """Make or change these orders; an older timestamp never overwrites a newer state.

    Every update is kept in the order's history. Each one that changes an order gives a fact that
    carries what the order was then, so a state that was over before anybody looked counts too; and
    so does a late one, marked as such.
    Unknown users become contacts. Raises `Stale` when the transaction must be repeated.
    """
    if not updates:
        return Outcome()
    stubs = [
        contact_stub(update.index, update.user_id, envelope, backfill=update.backfill)
        for update in updates
    ]
    driver, contacts = await lock_contacts(
        connection, envelope.workspace_id, stubs, now=envelope.received_at
    )
    by_order: dict[str, list[tuple[OrderUpdate, UUID]]] = {}
    for update in updates:
        owner = contacts["user", update.user_id].id
        by_order.setdefault(update.order_id, []).append((update, owner))
    courses = await _courses(driver, envelope.workspace_id, list(by_order))
    owners = {course.id: course.state.contact_id for course in courses if course.state}
    for course in courses:
        course.follow(by_order[course.order_id], received_at=envelope.received_at)
    stored = await _store(driver, envelope, [course for course in courses if course.news])
    late = await keep_updates(driver, envelope.workspace_id, envelope.received_at, courses)
    queued = await _queue(driver, envelope.workspace_id, courses)
    lost = await _queue_losers(driver, envelope.workspace_id, courses, owners)
    return Outcome(stored, late + queued + lost)


async def _courses(driver: Any, workspace_id: UUID, order_ids: list[str]) -> list[Course]:
    """Lock those orders that exist; all of them, in the order of the call."""
    rows = await driver.fetch(_LOCK, workspace_id, order_ids)
    known = {
        row[0]: Course(row[1], row[0], known=True, said=frozenset(row[2]), state=State(*row[3:]))
        for row in rows
    }
    return [
        known.get(order_id)
        or Course(event_id(workspace_id, f"order:{order_id}"), order_id, known=False)
        for order_id in order_ids
    ]


async def _store(driver: Any, envelope: Envelope, courses: list[Course]) -> int:
    """Write what the orders have come to be."""
    present = [(course, course.state) for course in courses if course.state is not None]
    if not present:
        return 0
    row = await driver.fetchrow(
        _STORE,
        envelope.workspace_id,
        envelope.received_at,
        [course.id for course, _ in present],
        [course.order_id for course, _ in present],
        [course.known for course, _ in present],
        [state.contact_id for _, state in present],
        [state.status for _, state in present],
        [state.total for _, state in present],
        [state.currency for _, state in present],
        [state.items for _, state in present],
        [state.timestamp for _, state in present],
    )
    stored: int = row["made"] + row["changed"]
    if stored != len(present):  # another call made one of them meanwhile
        raise Stale
    return stored


async def _queue_losers(
    driver: Any, workspace_id: UUID, courses: list[Course], owners: dict[UUID, UUID]
) -> int:
    """One fact for each contact whose order became another's: segments look at it again."""
    lost = [
        (owners[course.id], all(update.backfill for update, _ in course.news))
        for course in courses
        if course.id in owners and course.state and course.state.contact_id != owners[course.id]
    ]
    if not lost:
        return 0
    queued = await driver.fetch(
        _QUEUE_LOSERS,
        workspace_id,
        [lane_of(contact) for contact, _ in lost],
        [contact for contact, _ in lost],
        [silent for _, silent in lost],
    )
    return len(queued)


async def _queue(driver: Any, workspace_id: UUID, courses: list[Course]) -> int:
    """One fact for each change: an order's by their timestamps, else as the call has them."""
    news = [(course, update, state) for course in courses for update, state in course.news]
    if not news:
        return 0
    queued = await driver.fetch(
        _QUEUE,
        workspace_id,
        [lane_of(state.contact_id) for _, _, state in news],
        [state.contact_id for _, _, state in news],
        [course.id for course, _, _ in news],
        [state.change(course.order_id) for course, _, state in news],
        [update.backfill for _, update, _ in news],
    )
    return len(queued)
