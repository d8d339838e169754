"""Which journeys an arrived event may be the answer for: those that sit in a `wait_for` naming it.

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
from engine.waits import WaitRule
from storage.sql import statement


class ArrivedEvent(Protocol):
    """A fact as the lane read it; `event_id` is null when it is not about an event."""

    @property
    def contact_id(self) -> UUID: ...  # noqa: D102
    @property
    def event_id(self) -> UUID | None: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def properties(self) -> dict[str, Any]: ...  # noqa: D102


_WAITING = text("""
    SELECT id, workspace_id, version_id, contact_id, block, params
    FROM journeys
    WHERE contact_id = ANY(:contacts) AND version_id = ANY(:versions) AND state = 'running'
    ORDER BY id FOR SHARE
""")
"""Waits for a walk that is under way: it may be about to wait for an event that it did not see."""

_WAKE = statement("""
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT w, l, j, 'wake', :now
    FROM unnest(CAST(:workspaces AS uuid[]), CAST(:lanes AS int[]), CAST(:journeys AS uuid[]))
        AS c(w, l, j)
""")


async def wake_waiting(
    connection: AsyncConnection,
    waits: Mapping[str, Sequence[WaitRule]],
    facts: Sequence[ArrivedEvent],
    now: datetime,
) -> None:
    """Owe Temporal a wake-up for each running journey that waits for one of these events."""
    arrived: dict[UUID, list[ArrivedEvent]] = {}
    versions: set[UUID] = set()
    for fact in facts:
        if fact.event_id is not None and fact.name in waits:
            arrived.setdefault(fact.contact_id, []).append(fact)
            versions.update(rule.version_id for rule in waits[fact.name])
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
            and rule.where.matches(fact.properties, params=row.params, now=now)
            for fact in arrived[row.contact_id]
            for rule in waits[fact.name]
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
