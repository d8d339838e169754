"""What a workflow achieved: goals, and how the messages that are compared did."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables.base import UTC_TIME

_WINDOW = (bindparam("begin", type_=UTC_TIME), bindparam("end", type_=UTC_TIME))

_CONVERSIONS = text("""
    SELECT goal, currency, count(*) AS conversions, coalesce(sum(value), 0) AS value,
           count(value) AS valued
    FROM conversions
    WHERE workflow_id = :workflow AND at >= :begin AND at < :end AND message_id IS NOT NULL
    GROUP BY goal, currency ORDER BY goal, currency
""").bindparams(*_WINDOW)

_PEOPLE = text("""
    SELECT goal,
           count(DISTINCT coalesce(contact_id, event_id))
               FILTER (WHERE message_id IS NOT NULL) AS credited,
           count(DISTINCT coalesce(contact_id, event_id))
               FILTER (WHERE entered_at IS NOT NULL AND NOT control) AS treated,
           count(DISTINCT coalesce(contact_id, event_id))
               FILTER (WHERE entered_at IS NOT NULL AND control) AS held_back
    FROM conversions WHERE workflow_id = :workflow AND at >= :begin AND at < :end
    GROUP BY goal
""").bindparams(*_WINDOW)

_ENTERED = text("""
    SELECT outcome, count(DISTINCT contact_id) AS people FROM entry_decisions
    WHERE workflow_id = :workflow AND outcome IN ('started', 'control')
      AND decided_at >= :begin AND decided_at < :end
    GROUP BY outcome
""").bindparams(*_WINDOW)

_COMPARED = text("""
    SELECT m.block, m.template, count(*) AS sent, count(m.delivered_at) AS delivered,
           count(m.opened_at) AS opened, count(m.clicked_at) AS clicked
    FROM messages m JOIN journeys j ON j.id = m.journey_id AND j.test_to IS NULL
    WHERE m.workflow_id = :workflow AND m.block = ANY(:blocks) AND m.sent_at IS NOT NULL
      AND m.created_at >= :begin AND m.created_at < :end
    GROUP BY m.block, m.template ORDER BY m.block, m.template
""").bindparams(*_WINDOW)
"""By `ix_messages_workflow`: it reads the workflow's messages of the window."""

_CREDITED = text("""
    SELECT goal, block, template, count(DISTINCT message_id) AS messages FROM conversions
    WHERE workflow_id = :workflow AND at >= :begin AND at < :end AND message_id IS NOT NULL
    GROUP BY goal, block, template
""").bindparams(*_WINDOW)

_BEGINNING = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
_END = datetime.fromisoformat("9999-12-30T00:00:00+00:00")


@dataclass
class GoalResult:
    """One goal: by messages, and by who entered or was held back."""

    conversions: int = 0
    credited: int = 0
    """Contacts who reached it after a message."""
    treated: int = 0
    """Contacts who reached it after entering."""
    held_back: int = 0
    """Contacts who reached it though they were held back."""
    worth: dict[str | None, Decimal] = field(default_factory=dict)
    """By currency."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One message of a block that sends one of several."""

    block: str
    template: str
    sent: int
    delivered: int
    opened: int
    clicked: int


@dataclass(frozen=True)
class Results:
    """All of it, as counted."""

    goals: dict[str, GoalResult]
    entered: int
    held_back: int
    compared: list[Compared]
    credited: dict[tuple[str, str], dict[str, int]]
    """By block and template: how many of its messages each goal was put down to."""


async def workflow_results(
    connection: AsyncConnection,
    workflow_id: UUID,
    *,
    blocks: list[str],
    begin: datetime | None,
    end: datetime | None,
) -> Results:
    """Count what happened in the window; `blocks` are those whose messages are compared."""
    window = {"workflow": workflow_id, "begin": begin or _BEGINNING, "end": end or _END}
    goals: dict[str, GoalResult] = defaultdict(GoalResult)
    for row in await connection.execute(_CONVERSIONS, window):
        goal = goals[row.goal]
        goal.conversions += row.conversions
        if row.valued:
            goal.worth[row.currency] = row.value
    for row in await connection.execute(_PEOPLE, window):
        goal = goals[row.goal]
        goal.credited, goal.treated = row.credited, row.treated
        goal.held_back = row.held_back
    people = {row.outcome: row.people for row in await connection.execute(_ENTERED, window)}
    compared = (
        [
            Compared(*row)
            for row in await connection.execute(_COMPARED, {**window, "blocks": blocks})
        ]
        if blocks
        else []
    )
    credited: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in await connection.execute(_CREDITED, window):
        credited[row.block, row.template][row.goal] = row.messages
    return Results(
        dict(goals), people.get("started", 0), people.get("control", 0), compared, dict(credited)
    )
