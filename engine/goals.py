"""Events that reach a workflow's goals, put down to the message that came before them.

A goal counts when it happens within its time after a message of the workflow: the latest before it
is given the credit. Beside that, it counts when it happens as soon after the contact entered the
workflow or was held back from it: so those who got messages and the control group are compared
by the same rule. Tests have no goals, and neither have past data that was only recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.dispatch.facts import Fact
from engine.rules import GoalRule, RuleBook
from journeys.comparison import walk
from journeys.timing import before

LARGEST = Decimal(10) ** 15
"""What something is worth is more than a mistake up to here."""

_REACH = text("""
    INSERT INTO conversions (
        workspace_id, workflow_id, goal, event_id, contact_id, at, message_id, journey_id, block,
        template, entered_at, control, value, currency
    )
    SELECT w.workspace_id, w.workflow_id, w.goal, w.event_id, w.contact_id, w.at, m.id,
           m.journey_id, m.block, m.template, d.decided_at, coalesce(d.outcome = 'control', false),
           w.value, w.currency
    FROM unnest(
        CAST(:workspaces AS uuid[]), CAST(:workflows AS uuid[]), CAST(:goals AS text[]),
        CAST(:events AS uuid[]), CAST(:contacts AS uuid[]), CAST(:moments AS timestamptz[]),
        CAST(:since AS timestamptz[]), CAST(:values AS numeric[]), CAST(:currencies AS text[])
    ) AS w(workspace_id, workflow_id, goal, event_id, contact_id, at, since, value, currency)
    LEFT JOIN LATERAL (
        SELECT m.id, m.journey_id, m.block, m.template
        FROM messages m JOIN journeys j ON j.id = m.journey_id AND j.test_to IS NULL
        WHERE m.contact_id = w.contact_id AND m.workflow_id = w.workflow_id
          AND m.sent_at > w.since AND m.sent_at <= w.at
        ORDER BY m.sent_at DESC, m.visit DESC LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (
        SELECT d.decided_at, d.outcome
        FROM entry_decisions d LEFT JOIN events e ON e.id = d.event_id
        WHERE d.contact_id = w.contact_id AND d.workflow_id = w.workflow_id
          AND d.outcome IN ('started', 'control') AND d.decided_at > w.since
          AND d.event_id IS DISTINCT FROM w.event_id
          AND coalesce(e.timestamp, d.decided_at) <= w.at
        ORDER BY d.decided_at DESC LIMIT 1
    ) d ON true
    WHERE m.id IS NOT NULL OR d.decided_at IS NOT NULL
    ON CONFLICT DO NOTHING
""")
"""By `ix_messages_contact` and `ix_entry_decisions_contact`: a contact has few of both. A start is
decided on a moment after the event that it is by, so that event's own time is compared."""


@dataclass(frozen=True)
class _Reached:
    rule: GoalRule
    fact: Fact
    since: datetime
    value: Decimal | None
    currency: str | None


async def reach_goals(
    connection: AsyncConnection, book: RuleBook, facts: Sequence[Fact], now: datetime
) -> None:
    """Write down which goals these facts reach, in the transaction that decides on them."""
    reached = [found for fact in facts if not fact.silent for found in _of(book, fact, now)]
    if not reached:
        return
    await connection.execute(
        _REACH,
        {
            "workspaces": [one.fact.workspace_id for one in reached],
            "workflows": [one.rule.version.workflow_id for one in reached],
            "goals": [one.rule.goal.name for one in reached],
            "events": [one.fact.ref for one in reached],
            "contacts": [one.fact.contact_id for one in reached],
            "moments": [one.fact.timestamp for one in reached],
            "since": [one.since for one in reached],
            "values": [one.value for one in reached],
            "currencies": [one.currency for one in reached],
        },
    )


def _of(book: RuleBook, fact: Fact, now: datetime) -> list[_Reached]:
    return [
        _Reached(
            rule,
            fact,
            before(fact.timestamp, rule.goal.within, "UTC"),
            _worth(fact.properties, rule.goal.value),
            _currency(fact.properties),
        )
        for rule in (book.goals.get(fact.interest, ()) if fact.kind == "event" else ())
        if rule.where.matches(fact.properties, params=fact.properties, now=now)
    ]


def _worth(properties: Mapping[str, Any], name: str | None) -> Decimal | None:
    """The number that a property holds, also as text; None where there is none."""
    found = next(iter(walk(properties, name)), None) if name else None
    if found is None or isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        value = Decimal(str(found))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < LARGEST else None


def _currency(properties: Mapping[str, Any]) -> str | None:
    found = properties.get("currency")
    if not isinstance(found, str) or not (found.isascii() and found.isalpha() and len(found) == 3):
        return None
    return found.upper()
