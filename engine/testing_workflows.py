"""Test launches: one contact through a draft or a version, for the eyes of whoever draws it.

A test is a real journey on the real engine. But its messages go to the address that it names, its
waits are cut short, and nothing about anybody is changed (`engine.advance.testing`). No rule
starts, stops or counts it: it ends by itself, or is stopped by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import lane_of
from engine.rule_lock import hold_rules
from engine.rules import rules_changed
from engine.workflows import check, get_workflow
from journeys.definition import Definition, EventForSegmentStart, EventStart
from journeys.errors import InvalidInput, Issue, NotFound
from journeys.matching import PropertyFilter
from storage.repositories.contacts import contact_id
from storage.repositories.workflows import WorkflowRecord
from storage.sql import statement


@dataclass(frozen=True)
class TestLaunch:
    """Who goes through what, and how."""

    __test__ = False  # (pytest)

    contact: str
    """The contact's `userId` or id."""
    to: str
    """The only address that messages go to."""
    longest_wait: int
    """Seconds that a wait lasts at most."""
    version: int | None = None
    """The version to run; None for the draft."""
    event: str | None = None
    """The name of the starting event, if it is to be compared with what starts the workflow."""
    params: Mapping[str, Any] | None = None
    """The starting event's properties."""


_VERSION = text(
    "SELECT id, definition FROM workflow_versions WHERE workflow_id = :w AND version = :v"
)

_SAME_DRAFT = text("""
    SELECT id FROM workflow_versions
    WHERE workflow_id = :w AND definition = CAST(:definition AS jsonb)
    ORDER BY version DESC NULLS LAST LIMIT 1
""").bindparams(bindparam("definition", type_=JSONB))

_KEEP_DRAFT = statement("""
    INSERT INTO workflow_versions (workspace_id, id, workflow_id, definition, published_at)
    VALUES (:workspace, :id, :workflow, CAST(:definition AS jsonb), :now)
""").bindparams(bindparam("definition", type_=JSONB))

_BEGIN = statement("""
    WITH begun AS (
        INSERT INTO journeys (
            workspace_id, id, workflow_id, version_id, contact_id, params, key_hash, exclusive,
            state, visit, step, parked, depth, started_at, test_to, test_wait
        ) VALUES (
            :workspace, :id, :workflow, :version, :contact, CAST(:params AS jsonb), :id, false,
            'running', 0, 0, false, 0, :now, :to, :wait
        ) RETURNING workspace_id, id
    )
    INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
    SELECT workspace_id, CAST(:lane AS int), id, 'start', :now FROM begun
""").bindparams(bindparam("params", type_=JSONB))


async def launch_test(
    connection: AsyncConnection, workspace_id: UUID, ref: str, launch: TestLaunch, *, now: datetime
) -> UUID:
    """Begin a test; the id of its journey.

    Raises NotFound for a workflow, version or contact that is not there, InvalidInput when the
    definition is wrong or the event would not start it.
    """
    await hold_rules(connection, workspace_id)
    record = await get_workflow(connection, workspace_id, ref, lock="change")
    version_id, definition = await _version(connection, workspace_id, record, launch, now)
    _check_event(definition, launch, now)
    contact = await contact_id(connection, workspace_id, launch.contact)
    if contact is None:
        raise NotFound(f"There is no contact {launch.contact!r} in this workspace.")
    journey = uuid4()
    await connection.execute(
        _BEGIN,
        {
            "workspace": workspace_id,
            "id": journey,
            "workflow": record.id,
            "version": version_id,
            "contact": contact,
            "params": dict(launch.params or {}),
            "lane": lane_of(contact),
            "to": launch.to,
            "wait": launch.longest_wait,
            "now": now,
        },
    )
    await rules_changed(connection, workspace_id)  # what the version waits for is listened for
    return journey


async def _version(
    connection: AsyncConnection,
    workspace_id: UUID,
    record: WorkflowRecord,
    launch: TestLaunch,
    now: datetime,
) -> tuple[UUID, Definition]:
    """The version to run. A draft that nobody published is kept as one that nothing starts on."""
    if launch.version is not None:
        row = (
            await connection.execute(_VERSION, {"w": record.id, "v": launch.version})
        ).one_or_none()
        if row is None:
            raise NotFound(f"The workflow {record.key!r} has no version {launch.version}.")
        return row.id, Definition.model_validate(row.definition)
    definition = await check(connection, workspace_id, record.definition)
    kept: UUID | None = await connection.scalar(
        _SAME_DRAFT, {"w": record.id, "definition": record.definition}
    )
    if kept is None:
        kept = uuid4()
        await connection.execute(
            _KEEP_DRAFT,
            {
                "workspace": workspace_id,
                "id": kept,
                "workflow": record.id,
                "definition": record.definition,
                "now": now,
            },
        )
    return kept, definition


def _check_event(definition: Definition, launch: TestLaunch, now: datetime) -> None:
    """Raise InvalidInput for an event that would not start the workflow."""
    start = definition.start
    if launch.params is None:
        return
    if not isinstance(start, EventStart | EventForSegmentStart):
        return
    if launch.event is not None and launch.event != start.event:
        raise InvalidInput(
            "This event does not start the workflow.",
            [Issue("$.event.event", f"the workflow starts by {start.event!r}")],
        )
    if not PropertyFilter(start.where).matches(launch.params, params=launch.params, now=now):
        raise InvalidInput(
            "This event does not start the workflow.",
            [Issue("$.event.properties", "the start's 'where' does not hold for them")],
        )
