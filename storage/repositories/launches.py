"""Mass launches as the management API reads and writes them, and what became of their members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import (
    AnySelect,
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.tables import EntryDecision, FailedFact, Launch, Segment, Workflow

STARTED = "started"


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """A launch with the keys that its ids stand for; `segment` is None when it was deleted."""

    id: UUID
    workflow: str
    workflow_state: str
    segment: str | None
    kind: str
    event_id: UUID | None
    params: dict[str, Any]
    state: str
    reason: str | None
    total: int | None
    taken: int
    rate: float | None
    spread_seconds: float | None
    scheduled_for: datetime | None
    missed: int
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What was decided on a launch's members, by outcome; `failed` could not be decided on."""

    decided: dict[str, int] = field(default_factory=dict)
    failed: int = 0


@dataclass(frozen=True, slots=True)
class LaunchFilter:
    """All that is given must hold."""

    workflow_id: UUID | None = None
    state: str | None = None


_COLUMNS: tuple[Any, ...] = (
    col(Launch.id),
    col(Workflow.key).label("workflow"),
    col(Workflow.state).label("workflow_state"),
    col(Segment.key).label("segment"),
    col(Launch.kind),
    col(Launch.event_id),
    col(Launch.params),
    col(Launch.state),
    col(Launch.reason),
    col(Launch.total),
    col(Launch.taken),
    col(Launch.rate),
    col(Launch.spread_seconds),
    col(Launch.scheduled_for),
    col(Launch.missed),
    col(Launch.started_at),
    col(Launch.finished_at),
)


def _named() -> AnySelect:
    return (
        select(*_COLUMNS)
        .join(Workflow, col(Workflow.id) == col(Launch.workflow_id))
        .outerjoin(Segment, col(Segment.id) == col(Launch.segment_id))
    )


async def list_launches(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: LaunchFilter
) -> Page[LaunchRecord]:
    """The workspace's launches, the one begun last first."""
    statement = _named().where(col(Launch.workspace_id) == workspace_id)
    if filter_.workflow_id is not None:
        statement = statement.where(col(Launch.workflow_id) == filter_.workflow_id)
    if filter_.state is not None:
        statement = statement.where(col(Launch.state) == filter_.state)
    statement = newest_first(statement, col(Launch.started_at), col(Launch.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, LaunchRecord), page, lambda l: Position(l.started_at, l.id))  # noqa: E741


async def find_launch(
    connection: AsyncConnection, workspace_id: UUID, id_: UUID
) -> LaunchRecord | None:
    """The launch with this id."""
    statement = _named().where(col(Launch.workspace_id) == workspace_id, col(Launch.id) == id_)
    return record_or_none((await connection.execute(statement)).one_or_none(), LaunchRecord)


async def outcomes(connection: AsyncConnection, launches: Sequence[UUID]) -> dict[UUID, Outcomes]:
    """What became of the members of these launches so far."""
    decided: dict[UUID, dict[str, int]] = {id_: {} for id_ in launches}
    launch, outcome = col(EntryDecision.launch_id), col(EntryDecision.outcome)
    counts = await connection.execute(
        select(launch, outcome, func.count())
        .where(launch.in_(launches))
        .group_by(launch, outcome)
        .order_by(launch, outcome)
    )
    for row in counts:
        if row[0] is not None:
            decided[row[0]][row[1]] = row[2]
    failures = await connection.execute(
        select(col(FailedFact.ref), func.count())
        .where(col(FailedFact.kind) == "launch", col(FailedFact.ref).in_(launches))
        .group_by(col(FailedFact.ref))
    )
    failed = {row[0]: row[1] for row in failures}
    return {id_: Outcomes(decided[id_], failed.get(id_, 0)) for id_ in launches}


async def insert_launch(connection: AsyncConnection, **values: Any) -> bool:
    """Insert a launch; False, and nothing written, when there is one with this id."""
    statement = (
        upsert(Launch)
        .values(params={}, **values)
        .on_conflict_do_nothing()
        .returning(col(Launch.id))
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def running_launch(connection: AsyncConnection, workflow_id: UUID) -> UUID | None:
    """A launch of the workflow that is under way; those that events began are not counted."""
    statement = (
        select(col(Launch.id))
        .where(
            col(Launch.workflow_id) == workflow_id,
            col(Launch.state) == "running",
            col(Launch.kind) != "event",
        )
        .limit(1)
    )
    return (await connection.execute(statement)).scalar_one_or_none()


async def published_start(connection: AsyncConnection, workflow_id: UUID) -> dict[str, Any]:
    """The start of the version that runs."""
    start: dict[str, Any] = (
        await connection.execute(
            text("""
                SELECT v.definition -> 'start'
                FROM workflows w
                JOIN workflow_versions v ON v.workflow_id = w.id AND v.version = w.version
                WHERE w.id = :id
            """),
            {"id": workflow_id},
        )
    ).scalar_one()
    return start
