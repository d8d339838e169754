"""A workflow in numbers, from what was counted as it came about: see `storage.tables.activity`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from journeys.edges import edge_taken
from journeys.sketches import whole
from storage.repositories.activity import Count, Window, counts
from storage.tables import WorkflowVersion
from storage.tables.base import UTC_TIME

_ENDED = ("completed", "stopped", "failed")

_ENTRIES = text("""
    SELECT 'started' AS outcome, count(*) FROM entry_decisions
    WHERE workflow_id = :workflow AND decided_at >= :begin AND decided_at < :end
    UNION ALL
    SELECT outcome, count(*) FROM entry_decisions
    WHERE workflow_id = :workflow AND outcome <> 'started'
      AND decided_at >= :begin AND decided_at < :end
    GROUP BY outcome
""").bindparams(bindparam("begin", type_=UTC_TIME), bindparam("end", type_=UTC_TIME))
"""The first row counts all decisions, so that both can be counted in an index."""

_QUEUED = text("""
    SELECT m.block, m.channel, count(*) FROM journeys j
    JOIN messages m ON m.journey_id = j.id AND m.visit = j.visit AND m.state = 'queued'
    WHERE j.workflow_id = :workflow AND j.state = 'running' AND j.due_at IS NULL
      AND j.test_to IS NULL AND (CAST(:version AS uuid) IS NULL OR j.version_id = :version)
    GROUP BY m.block, m.channel
""")

_BEGINNING = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
_END = datetime.fromisoformat("9999-12-30T00:00:00+00:00")

Sums = dict[str, int]
"""How often, by measure."""


@dataclass(frozen=True, slots=True)
class EdgeCount:
    """How many journeys took a way out of a block."""

    block: str
    edge: str
    to: str | None
    count: int


@dataclass
class WorkflowStatistics:
    """What happened in the window, and what is now."""

    totals: Sums = field(default_factory=Counter)
    """Of journeys by measure, and of all messages."""
    now: Sums = field(default_factory=Counter)
    """Journeys by state, whenever they began."""
    entries: Sums = field(default_factory=dict)
    blocks: dict[str, Sums] = field(default_factory=lambda: defaultdict(Counter))
    messages: dict[tuple[str, str], Sums] = field(default_factory=lambda: defaultdict(Counter))
    """By block and channel."""
    edges: list[EdgeCount] = field(default_factory=list)


async def workflow_statistics(
    connection: AsyncConnection, workflow_id: UUID, window: Window
) -> WorkflowStatistics:
    """Read the sums; the cost follows the hours in which something happened. Tests do not count."""
    found = WorkflowStatistics()
    happened = await counts(connection, workflow_id, window)
    for one in happened:
        _add(found, one)
    ever = happened
    if window.begin is not None or window.end is not None:
        ever = await counts(connection, workflow_id, Window(window.version_id))
    _add_present(found, ever)
    found.edges = await _edges(connection, happened)
    parameters = {"workflow": workflow_id, "version": window.version_id}
    for block, channel, count in await connection.execute(_QUEUED, parameters):
        found.messages[block, channel]["queued"] += count
    found.entries = await _entries(connection, workflow_id, window)
    return found


def _add(found: WorkflowStatistics, one: Count) -> None:
    if one.block == "":
        found.totals[one.measure] += one.count
        return
    found.blocks[one.block][one.measure] += one.count
    if one.measure not in ("entered", "left"):
        found.messages[one.block, one.detail][one.measure] += one.count
        name = "messages_failed" if one.measure == "failed" else one.measure
        found.totals[name] += one.count


def _add_present(found: WorkflowStatistics, ever: Iterable[Count]) -> None:
    """What is now follows from all that ever happened: who entered and did not leave is there."""
    for one in ever:
        if one.block == "":
            change = 1 if one.measure == "started" else -1
            found.now["running"] += change * one.count
            if one.measure in _ENDED:
                found.now[one.measure] += one.count
        elif one.measure in ("entered", "left"):
            change = 1 if one.measure == "entered" else -1
            found.blocks[one.block]["waiting"] += change * one.count


async def _edges(connection: AsyncConnection, happened: Iterable[Count]) -> list[EdgeCount]:
    """The ways that were taken, by the drawing of the version on which they were."""
    left = [one for one in happened if one.measure == "left"]
    rows = await connection.execute(
        select(col(WorkflowVersion.id), col(WorkflowVersion.definition)).where(
            col(WorkflowVersion.id).in_({one.version_id for one in left})
        )
    )
    drawings = {row.id: drawn.by_id() for row in rows if (drawn := whole(row.definition))}
    taken: Counter[tuple[str, str, str | None]] = Counter()
    for one in left:
        block = drawings.get(one.version_id, {}).get(one.block)
        edge = edge_taken(block, one.detail) if block is not None else None
        if edge is not None:
            taken[one.block, edge.name, edge.to] += one.count
    return [EdgeCount(*key, count) for key, count in taken.items()]


async def _entries(connection: AsyncConnection, workflow_id: UUID, window: Window) -> Sums:
    rows = await connection.execute(
        _ENTRIES,
        {
            "workflow": workflow_id,
            "begin": window.begin or _BEGINNING,
            "end": window.end or _END,
        },
    )
    (_, total), *refused = [(row[0], row[1]) for row in rows]
    entries = dict(refused)
    entries["started"] = total - sum(entries.values())
    return {outcome: count for outcome, count in sorted(entries.items()) if count}


async def version_id(connection: AsyncConnection, workflow_id: UUID, version: int) -> UUID | None:
    """The id of a published version."""
    found: UUID | None = await connection.scalar(
        select(col(WorkflowVersion.id)).where(
            col(WorkflowVersion.workflow_id) == workflow_id,
            col(WorkflowVersion.version) == version,
        )
    )
    return found


RUNNING_COUNTED = 10_000
"""A list counts no further: the index is read for each workflow of a page."""

_RUNNING = text("""
    SELECT w.id, counted.running FROM unnest(CAST(:ids AS uuid[])) AS w (id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS running FROM (
            SELECT FROM journeys j WHERE j.workflow_id = w.id AND j.state = 'running' LIMIT :limit
        ) bounded
    ) counted
""")


async def running_journeys(
    connection: AsyncConnection, workflow_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """How many journeys each of these workflows has under way, up to a bound."""
    rows = await connection.execute(_RUNNING, {"ids": list(workflow_ids), "limit": RUNNING_COUNTED})
    return {row.id: row.running for row in rows}
