"""`simulate`: everything read that a dry run needs, then the run, which touches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.reviewing import names_of
from engine.simulation.dry_run import DryRun, Path
from engine.simulation.messages import Run
from engine.simulation.starting import Entry, decide_entry
from engine.simulation.subject import Past, Subject, newest_properties, read_past, read_subject
from engine.simulation.world import SimulatedWorld
from journeys.definition import (
    BestOfBlock,
    ConditionBlock,
    Definition,
    EventForSegmentStart,
    EventStart,
    FirstReachableBlock,
    MessageBlock,
    PromoBlock,
    WaitForBlock,
)
from journeys.errors import InvalidInput, Issue
from journeys.parsing import invalid, parse_definition
from journeys.snapshot import ContactData

NO_WORKFLOW = UUID("5f0b3c1e-6f0e-5d7a-9b1c-2f4d1a6e8c11")
"""Stands in for the workflow of a definition that is not stored."""

_ASSUMABLE = ("then", "else")
_OF_MESSAGES = ("sent", "delivered", "opened", "clicked", "failed", "skipped")


@dataclass(frozen=True)
class Simulation:
    """Who goes through what, from when, and what is taken for granted."""

    definition: Mapping[str, Any]
    contact: UUID | ContactData
    begins: datetime
    event: str | None = None
    params: Mapping[str, Any] | None = None
    """The starting event's properties; None takes those of the contact's newest such event."""
    assume: Mapping[str, str] = field(default_factory=dict)
    """By block: `then` or `else`; of messages, the state that they reach."""
    even_if_refused: bool = False
    """Walk though the start would be refused."""
    workflow_id: UUID | None = None
    workflow_key: str = "draft"
    journey_id: UUID | None = None
    """Whose share of the spread at the opening of hours it takes."""


@dataclass(frozen=True)
class Simulated:
    """What would happen."""

    subject: Subject
    definition: Definition
    entry: Entry
    path: Path
    assumptions: list[str]


async def simulate(
    connection: AsyncConnection, workspace_id: UUID, wanted: Simulation
) -> Simulated:
    """Run it dry. Raises InvalidInput when the definition is wrong, or an assumption fits none."""
    definition = await _checked(connection, workspace_id, wanted.definition)
    _check_assumptions(definition, wanted.assume)
    subject = await read_subject(connection, workspace_id, wanted.contact, definition)
    assumptions = ["Nothing new happens to the contact while the workflow runs."]
    params = wanted.params
    if params is None and subject.known:
        params = await newest_properties(connection, subject.id, definition)
        if params is not None:
            assumptions.append("It starts with the properties of the contact's newest such event.")
    params = params or {}
    past = Past()
    if subject.known and wanted.workflow_id is not None:
        past = await read_past(connection, wanted.workflow_id, subject.id, definition, params)
    assumptions += [f"{block}: {outcome}." for block, outcome in wanted.assume.items()]
    world = SimulatedWorld(subject, params, wanted.assume, wanted.begins)
    entry = decide_entry(
        definition, subject, world, past,
        workflow_id=wanted.workflow_id, event=wanted.event, params=params,
    )  # fmt: skip
    path = Path()
    if entry.outcome == "started" or wanted.even_if_refused:
        run = _run(workspace_id, definition, subject, wanted, params)
        path = await DryRun(
            definition,
            subject,
            world,
            run,
            workflow_id=wanted.workflow_id or NO_WORKFLOW,
            assumed=wanted.assume,
        ).walk()
    return Simulated(subject, definition, entry, path, assumptions)


def _run(
    workspace_id: UUID,
    definition: Definition,
    subject: Subject,
    wanted: Simulation,
    params: Mapping[str, Any],
) -> Run:
    start = definition.start
    by_event = isinstance(start, EventStart | EventForSegmentStart)
    own = uuid5(wanted.workflow_id or NO_WORKFLOW, f"dry run:{subject.id}")
    return Run(
        id=wanted.journey_id or own,
        workspace_id=workspace_id,
        workflow_key=wanted.workflow_key,
        workflow_name=definition.name,
        began_at=wanted.begins,
        event_name=start.event if by_event else None,  # type: ignore[union-attr]
        params=params,
    )


async def _checked(
    connection: AsyncConnection, workspace_id: UUID, data: Mapping[str, Any]
) -> Definition:
    definition = parse_definition(data)
    names = await names_of(connection, workspace_id, keep=False)
    issues = names.issues(definition)
    if issues:
        raise invalid("the workflow definition", issues)
    return definition


def _check_assumptions(definition: Definition, assume: Mapping[str, str]) -> None:
    blocks = definition.by_id()
    issues = []
    for id_, outcome in assume.items():
        block = blocks.get(id_)
        if block is None:
            issues.append(Issue(f"$.assume.{id_}", f"there is no block '{id_}'"))
            continue
        two_ways = isinstance(block, ConditionBlock | WaitForBlock | PromoBlock)
        sends = isinstance(block, MessageBlock | BestOfBlock | FirstReachableBlock)
        allowed = _ASSUMABLE if two_ways else _OF_MESSAGES if sends else ()
        if outcome not in allowed:
            right = f"must be one of {', '.join(allowed)}" if allowed else "has one outcome only"
            issues.append(Issue(f"$.assume.{id_}", right))
    if issues:
        raise InvalidInput("An assumption does not fit its block.", issues)
