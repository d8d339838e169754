"""A workflow in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.tables import EntryDecision, Journey, Message


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """A block's messages; a message counts in each state that it ever reached."""

    block: str
    channel: str
    queued: int
    sent: int
    delivered: int
    opened: int
    clicked: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class WorkflowStatistics:
    """Journeys by state, running ones by block, start decisions by outcome, messages by block."""

    journeys: dict[str, int]
    waiting: dict[str, int]
    entries: dict[str, int]
    messages: list[MessageCounts]


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


async def workflow_statistics(
    connection: AsyncConnection, workspace_id: UUID, workflow_id: UUID
) -> WorkflowStatistics:
    """Count; four grouped scans, whatever the number of blocks. Tests do not count."""
    of_workflow = (
        col(Journey.workspace_id) == workspace_id,
        col(Journey.workflow_id) == workflow_id,
    )
    mine = (*of_workflow, col(Journey.test_to).is_(None))
    tests = select(col(Journey.id)).where(*of_workflow, col(Journey.test_to).is_not(None))
    journeys = await connection.execute(
        select(col(Journey.state), func.count()).where(*mine).group_by(col(Journey.state))
    )
    waiting = await connection.execute(
        select(col(Journey.block), func.count())
        .where(*mine, col(Journey.state) == "running")
        .group_by(col(Journey.block))
    )
    entries = await connection.execute(
        select(col(EntryDecision.outcome), func.count())
        .where(col(EntryDecision.workflow_id) == workflow_id)
        .group_by(col(EntryDecision.outcome))
    )
    state = col(Message.state)
    messages = await connection.execute(
        select(
            col(Message.block),
            col(Message.channel),
            _times(state == "queued"),
            _times(col(Message.sent_at).is_not(None)),
            _times(col(Message.delivered_at).is_not(None)),
            _times(col(Message.opened_at).is_not(None)),
            _times(col(Message.clicked_at).is_not(None)),
            _times(state == "failed"),
            _times(state == "skipped"),
        )
        .where(
            col(Message.workspace_id) == workspace_id,
            col(Message.workflow_id) == workflow_id,
            col(Message.journey_id).not_in(tests),
        )
        .group_by(col(Message.block), col(Message.channel))
        .order_by(col(Message.block), col(Message.channel))
    )
    return WorkflowStatistics(
        journeys={row[0]: row[1] for row in journeys},
        waiting={row[0]: row[1] for row in waiting if row[0] is not None},
        entries={row[0]: row[1] for row in entries},
        messages=[MessageCounts(*row) for row in messages],
    )
