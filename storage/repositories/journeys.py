"""Journeys and their steps, as the management API reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Values, column, select, true, values
from sqlalchemy import String as SqlString
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
from storage.tables import Contact, Journey, JourneyStep, Workflow, WorkflowVersion

STATES = ("running", "completed", "stopped", "failed")


@dataclass(frozen=True, slots=True)
class JourneyRecord:
    """A journey with the names that its ids stand for."""

    id: UUID
    workflow: str
    version: int | None
    contact_id: UUID
    user_id: str | None
    state: str
    reason_kind: str | None
    reason_detail: str | None
    block: str | None
    due_at: datetime | None
    parked: bool
    run_id: str | None
    launch_id: UUID | None
    test: bool
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One visit of one block."""

    visit: int
    block: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class JourneyFilter:
    """All that is given must hold; tests are left out unless asked for."""

    workflow_id: UUID | None = None
    contact_id: UUID | None = None
    state: str | None = None
    block: str | None = None
    """The block it is in now: only running journeys are in one."""
    test: bool = False

    @property
    def of_kind(self) -> ColumnElement[bool]:
        """Tests only, or everything else."""
        test_to = col(Journey.test_to)
        return test_to.is_not(None) if self.test else test_to.is_(None)


_COLUMNS: tuple[Any, ...] = (
    col(Journey.id),
    col(Workflow.key).label("workflow"),
    col(WorkflowVersion.version),
    col(Journey.contact_id),
    col(Contact.user_id),
    col(Journey.state),
    col(Journey.reason_kind),
    col(Journey.reason_detail),
    col(Journey.block),
    col(Journey.due_at),
    col(Journey.parked),
    col(Journey.run_id),
    col(Journey.launch_id),
    col(Journey.test_to).is_not(None).label("test"),
    col(Journey.started_at),
    col(Journey.ended_at),
)


def _named() -> AnySelect:
    return (
        select(*_COLUMNS)
        .join(Workflow, col(Workflow.id) == col(Journey.workflow_id))
        .join(WorkflowVersion, col(WorkflowVersion.id) == col(Journey.version_id))
        .join(Contact, col(Contact.id) == col(Journey.contact_id))
    )


def _ids_of_workflow(workflow_id: UUID, filter_: JourneyFilter, page: PageRequest) -> AnySelect:
    """The page's ids, from one ordered index scan a state.

    The index of a workflow's journeys leads with the state; without this, a page of all states
    would sort every journey the workflow ever had.
    """
    states: Values = values(column("state", SqlString), name="states").data(
        [(state,) for state in STATES]
    )
    newest = newest_first(
        select(col(Journey.id), col(Journey.started_at))
        .where(
            col(Journey.workflow_id) == workflow_id,
            col(Journey.state) == states.c.state,
            filter_.of_kind,
        )
        .correlate(states),
        col(Journey.started_at),
        col(Journey.id),
        page,
    ).lateral("newest")
    return select(newest.c.id).select_from(states.join(newest, true()))


async def list_journeys(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, filter_: JourneyFilter
) -> Page[JourneyRecord]:
    """The workspace's journeys, the one started last first."""
    if filter_.block is not None and filter_.state is None:
        filter_ = replace(filter_, state="running")
    statement = _named().where(col(Journey.workspace_id) == workspace_id, filter_.of_kind)
    if filter_.block is not None:
        statement = statement.where(col(Journey.block) == filter_.block)
    if filter_.contact_id is not None:
        statement = statement.where(col(Journey.contact_id) == filter_.contact_id)
    if filter_.state is not None:
        statement = statement.where(col(Journey.state) == filter_.state)
    if filter_.workflow_id is not None:
        statement = statement.where(col(Journey.workflow_id) == filter_.workflow_id)
        if filter_.contact_id is None and filter_.state is None:
            candidates = _ids_of_workflow(filter_.workflow_id, filter_, page)
            statement = statement.where(col(Journey.id).in_(candidates))
    statement = newest_first(statement, col(Journey.started_at), col(Journey.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, JourneyRecord), page, lambda j: Position(j.started_at, j.id))


async def find_journey(
    connection: AsyncConnection, workspace_id: UUID, id_: UUID
) -> JourneyRecord | None:
    """The journey with this id."""
    statement = _named().where(col(Journey.workspace_id) == workspace_id, col(Journey.id) == id_)
    return record_or_none((await connection.execute(statement)).one_or_none(), JourneyRecord)


async def steps(connection: AsyncConnection, journey_id: UUID) -> list[StepRecord]:
    """The blocks that a journey visited, in order."""
    statement = (
        select(
            col(JourneyStep.visit),
            col(JourneyStep.block),
            col(JourneyStep.entered_at),
            col(JourneyStep.left_at),
            col(JourneyStep.outcome),
        )
        .where(col(JourneyStep.journey_id) == journey_id)
        .order_by(col(JourneyStep.visit))
    )
    return records((await connection.execute(statement)).all(), StepRecord)


async def definition_of(connection: AsyncConnection, journey_id: UUID) -> dict[str, Any]:
    """The drawing that a journey runs on: its version's, or the tested draft's."""
    statement = (
        select(col(WorkflowVersion.definition))
        .join(Journey, col(Journey.version_id) == col(WorkflowVersion.id))
        .where(col(Journey.id) == journey_id)
    )
    definition: dict[str, Any] = (await connection.execute(statement)).scalar_one()
    return definition
