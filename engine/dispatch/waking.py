"""Which journeys a fact may set in motion: those in a block that looks out for it.

That is a `wait_for` for the event or segment, or a timer bound to the field or order that changed.
A wake-up only makes the journey look again; what it finds decides. So one too many does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import lane_of
from engine.waits import Interest, WaitRule
from storage.sql import statement


class Arrived(Protocol):
    """A fact as the lane read it, or derived it."""

    @property
    def contact_id(self) -> UUID: ...  # noqa: D102
    @property
    def interest(self) -> Interest: ...  # noqa: D102
    @property
    def properties(self) -> dict[str, Any]: ...  # noqa: D102


_WAITING = text("""
    SELECT id, workspace_id, version_id, contact_id, block, params
    FROM journeys
    WHERE contact_id = ANY(:contacts) AND version_id = ANY(:versions) AND state = 'running'
    ORDER BY id FOR SHARE
""")
"""Waits for a walk that is under way: it may be about to wait for what it did not see."""

_WAKE = statement("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT w, l, j, 'wake', :now
    FROM unnest(CAST(:workspaces AS uuid[]), CAST(:lanes AS int[]), CAST(:journeys AS uuid[]))
        AS c(w, l, j)
""")


async def wake_waiting(
    connection: AsyncConnection,
    waits: Mapping[Interest, Sequence[WaitRule]],
    facts: Sequence[Arrived],
    now: datetime,
) -> None:
    """Owe Temporal a wake-up for each running journey that looks out for one of these facts."""
    arrived: dict[UUID, list[Arrived]] = {}
    versions: set[UUID] = set()
    for fact in facts:
        rules = waits.get(fact.interest)
        if rules:
            arrived.setdefault(fact.contact_id, []).append(fact)
            versions.update(rule.version_id for rule in rules)
    if not arrived:
        return
    rows = await connection.execute(
        _WAITING, {"contacts": list(arrived), "versions": list(versions)}
    )
    woken = [
        row
        for row in rows.all()
        if any(
            rule.version_id == row.version_id
            and rule.block_id == row.block
            and rule.matches(fact.properties, params=row.params, now=now)
            for fact in arrived[row.contact_id]
            for rule in waits[fact.interest]
        )
    ]
    if woken:
        await connection.execute(
            _WAKE,
            {
                "workspaces": [row.workspace_id for row in woken],
                "lanes": [lane_of(row.contact_id) for row in woken],
                "journeys": [row.id for row in woken],
                "now": now,
            },
        )
