"""Who is behind the numbers of a block."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.repositories.keyset import Page, PageRequest, Position, cut, records
from storage.tables.base import UTC_TIME

BlockState = Literal[
    "entered", "waiting", "sent", "delivered", "opened", "clicked", "failed", "skipped"
]


@dataclass(frozen=True, slots=True)
class BlockContact:
    """One contact who was in the block, or got its message."""

    contact_id: UUID
    user_id: str | None
    email: str | None
    journey_id: UUID
    version: int | None
    at: datetime
    detail: str | None
    """The outcome of the visit, or the reason of the message."""
    page_at: datetime
    page_id: UUID


_AFTER = bindparam("after_at", type_=UTC_TIME)
_SELECT = """
    SELECT c.id AS contact_id, c.user_id, c.email, j.id AS journey_id, v.version, {at} AS at,
           {detail} AS detail, {page_at} AS page_at, {page_id} AS page_id
    FROM {rows}
    JOIN workflow_versions v ON v.id = j.version_id
    JOIN contacts c ON c.id = j.contact_id
    WHERE j.workflow_id = :workflow AND j.test_to IS NULL
      AND (CAST(:version AS uuid) IS NULL OR j.version_id = :version) AND {wanted}
      AND (CAST(:after_id AS uuid) IS NULL OR ({page_at}, {page_id}) < (:after_at, :after_id))
    ORDER BY {page_at} DESC, {page_id} DESC LIMIT :limit
"""

_VISITS = text(
    _SELECT.format(
        at="p.entered_at",
        detail="p.outcome",
        page_at="p.entered_at",
        page_id="p.journey_id",
        rows="journey_steps p JOIN journeys j ON j.id = p.journey_id",
        wanted="p.block = :block",
    )
).bindparams(_AFTER)
_WAITING = text(
    _SELECT.format(
        at="coalesce(p.entered_at, j.started_at)",
        detail="p.outcome",
        page_at="j.started_at",
        page_id="j.id",
        rows="journeys j LEFT JOIN journey_steps p ON p.journey_id = j.id AND p.visit = j.visit",
        wanted="j.state = 'running' AND j.block = :block",
    )
).bindparams(_AFTER)
_MOMENTS = {
    "sent": ("m.sent_at", "m.sent_at IS NOT NULL"),
    "delivered": ("m.delivered_at", "m.delivered_at IS NOT NULL"),
    "opened": ("m.opened_at", "m.opened_at IS NOT NULL"),
    "clicked": ("m.clicked_at", "m.clicked_at IS NOT NULL"),
    "failed": ("coalesce(m.failed_at, m.created_at)", "m.state = 'failed'"),
    "skipped": ("m.created_at", "m.state = 'skipped'"),
}
_MESSAGES = {
    state: text(
        _SELECT.format(
            at=at,
            detail="m.reason",
            page_at="m.created_at",
            page_id="m.id",
            rows="messages m JOIN journeys j ON j.id = m.journey_id",
            wanted=f"m.workflow_id = :workflow AND m.block = :block AND {wanted}",
        )
    ).bindparams(_AFTER)
    for state, (at, wanted) in _MOMENTS.items()
}


async def block_contacts(
    connection: AsyncConnection,
    workflow_id: UUID,
    block: str,
    state: BlockState,
    page: PageRequest,
    *,
    version_id: UUID | None = None,
) -> Page[BlockContact]:
    """Whoever is counted in this state of the block, the newest first; once a visit."""
    statement = {"entered": _VISITS, "waiting": _WAITING, **_MESSAGES}[state]
    rows = await connection.execute(
        statement,
        {
            "workflow": workflow_id,
            "version": version_id,
            "block": block,
            "after_at": page.after.at if page.after else None,
            "after_id": page.after.id if page.after else None,
            "limit": page.limit + 1,
        },
    )
    return cut(records(rows.all(), BlockContact), page, lambda c: Position(c.page_at, c.page_id))
