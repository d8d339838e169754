"""The history of orders: every update of one that is new, and what the order was by it.

An update says only a part; what it leaves out is what earlier ones said, of those known when it
came. So what an order was at a moment never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.lanes import lane_of
from engine.order_states import Course, OrderUpdate


def _said_last(column: str) -> str:
    return f"""coalesce(s.{column}, (
        SELECT x.{column} FROM order_states x
        WHERE x.order_id = s.order_id AND x.{column} IS NOT NULL
          AND x."timestamp" <= s."timestamp" AND x.seq < s.seq
        ORDER BY x."timestamp" DESC, x.seq DESC LIMIT 1
    ))"""  # noqa: S608  (names of columns, from below)


AS_IT_WAS = f"""
    o.order_id, s.status, {_said_last("total")} AS total, {_said_last("currency")} AS currency,
    coalesce({_said_last("items")}, '[]'::jsonb) AS items
"""
"""What the order `o` was by its update `s`: columns of a SELECT."""

_KEEP = """
    WITH told AS (
        SELECT * FROM unnest(
            $3::uuid[], $4::text[], $5::numeric[], $6::text[], $7::text[], $8::timestamptz[],
            $9::bool[]
        ) WITH ORDINALITY
            AS t(order_id, status, total, currency, items, "timestamp", late, place)
    ), kept AS (
        INSERT INTO order_states
            (workspace_id, order_id, status, total, currency, items, "timestamp", received_at)
        SELECT $1, order_id, status, total, currency, items::jsonb, "timestamp", $2
        FROM told ORDER BY place
        ON CONFLICT DO NOTHING
        RETURNING seq, order_id, "timestamp", status, total, currency, items
    )
    SELECT k.seq, k.order_id FROM kept k
    WHERE EXISTS (
        SELECT FROM told t
        WHERE t.late AND t.order_id = k.order_id AND t."timestamp" = k."timestamp"
          AND t.status = k.status
          AND (t.total, t.currency, t.items::jsonb)
              IS NOT DISTINCT FROM (k.total, k.currency, k.items)
    )
    ORDER BY k.seq
"""

_QUEUE_LATE = f"""
    INSERT INTO facts (workspace_id, lane, contact_id, kind, ref, change)
    SELECT $1, n.lane, n.contact_id, 'order', w.id, jsonb_build_object(
        'late', true, 'order_id', w.order_id, 'status', w.status, 'total', w.total::text,
        'currency', w.currency, 'items', w.items, 'timestamp', w."timestamp",
        'created_at', w.created_at, 'updated_at', w.received_at
    )
    FROM unnest($2::bigint[], $3::smallint[], $4::uuid[])
        WITH ORDINALITY AS n(seq, lane, contact_id, place)
    JOIN (
        SELECT s.seq, o.id, s."timestamp", s.received_at, o.created_at, {AS_IT_WAS}
        FROM order_states s JOIN orders o ON o.id = s.order_id WHERE s.seq = ANY($2::bigint[])
    ) w ON w.seq = n.seq
    JOIN interests i ON i.workspace_id = $1 AND i.kind = 'order' AND i.name = '*'
    ORDER BY n.place
    RETURNING 1
"""  # noqa: S608  (nothing of a request is in it)


async def keep_updates(
    driver: Any, workspace_id: UUID, received_at: datetime, courses: Sequence[Course]
) -> int:
    """Put the updates into the history; a fact for each late one that is new. How many facts."""
    kept: list[tuple[Course, OrderUpdate, bool]] = [
        (course, update, late) for course in courses for update, late in course.kept
    ]
    if not kept:
        return 0
    late = await driver.fetch(
        _KEEP,
        workspace_id,
        received_at,
        [course.id for course, _, _ in kept],
        [update.status for _, update, _ in kept],
        [update.total for _, update, _ in kept],
        [update.currency for _, update, _ in kept],
        [update.items for _, update, _ in kept],
        [update.timestamp for _, update, _ in kept],
        [late and not update.backfill for _, update, late in kept],
    )
    owners = {course.id: course.state.contact_id for course in courses if course.state}
    if not late:
        return 0
    contacts = [owners[row["order_id"]] for row in late]
    queued = await driver.fetch(
        _QUEUE_LATE,
        workspace_id,
        [row["seq"] for row in late],
        [lane_of(contact) for contact in contacts],
        contacts,
    )
    return len(queued)
