"""Workflows and their drafts: made, saved and deleted.

A draft is checked as a whole whenever it is saved, against the templates and segments of that
moment; the templates it names cannot be deleted before the save is committed. Its name is the
definition's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.rules import hold_rules, rules_changed
from engine.schedules import owe_schedule
from journeys.definition import Definition
from journeys.errors import Conflict, NotFound
from journeys.parsing import invalid, parse_definition, parse_predicate
from journeys.segment_names import parameters
from journeys.validation import SegmentKind, check_definition
from storage.repositories import workflows as repository
from storage.repositories.refs import Lock
from storage.repositories.workflows import WorkflowRecord


async def get_workflow(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> WorkflowRecord:
    """The workflow with this id or key; raises NotFound."""
    record = await repository.find_workflow(connection, workspace_id, ref, lock=lock)
    if record is None:
        raise no_workflow(ref)
    return record


async def create_workflow(
    connection: AsyncConnection,
    workspace_id: UUID,
    *,
    key: str,
    definition: Mapping[str, Any],
    name: str | None = None,
    now: datetime,
) -> WorkflowRecord:
    """Make a workflow with its first draft.

    Raises Conflict when the key is in use, InvalidInput when the definition is wrong.
    """
    draft = named(definition, name)
    checked = await check(connection, workspace_id, draft)
    record = WorkflowRecord(
        id=uuid4(),
        key=key,
        name=checked.name,
        state="draft",
        definition=draft,
        revision=1,
        version=None,
        created_at=now,
        updated_at=now,
    )
    if not await repository.insert_workflow(connection, workspace_id, record):
        raise Conflict(f"The key {key!r} is in use by another workflow.")
    return record


async def save_draft(
    connection: AsyncConnection,
    workspace_id: UUID,
    ref: str,
    *,
    definition: Mapping[str, Any] | None,
    name: str | None = None,
    revision: int | None = None,
    now: datetime,
) -> WorkflowRecord:
    """Replace the draft; without `definition`, only its name changes.

    `revision` is the one that the caller edited. Raises Conflict when somebody else saved since,
    InvalidInput when the definition is wrong, NotFound.
    """
    before = await get_workflow(connection, workspace_id, ref, lock="change")
    check_revision(before, revision)
    draft = named(before.definition if definition is None else definition, name)
    checked = await check(connection, workspace_id, draft)
    return await repository.save_draft(
        connection, before.id, name=checked.name, definition=draft, now=now
    )


async def delete_workflow(connection: AsyncConnection, workspace_id: UUID, ref: str) -> None:
    """Delete a workflow with its history; raises Conflict while journeys of it are running."""
    await hold_rules(connection, workspace_id)
    record = await get_workflow(connection, workspace_id, ref, lock="delete")
    if await repository.has_running_journeys(connection, record.id):
        raise Conflict(
            f"Journeys of the workflow {record.key!r} are running. Archive it and let them finish, "
            "or stop them, before deleting it."
        )
    await owe_schedule(connection, record.id)
    await repository.delete_workflow(connection, record.id)
    await rules_changed(connection, workspace_id)


async def check(
    connection: AsyncConnection, workspace_id: UUID, definition: Mapping[str, Any]
) -> Definition:
    """The definition as typed data; raises InvalidInput naming all that is wrong with it."""
    parsed = parse_definition(definition)
    predicates = await repository.segment_predicates(connection, workspace_id)
    takes = {
        key: [] if predicate is None else parameters(parse_predicate(predicate))
        for key, predicate in predicates.items()
    }
    issues = check_definition(
        parsed,
        templates=await repository.template_channels(connection, workspace_id),
        segments={key: _kind_of(predicates[key], names) for key, names in takes.items()},
        parameters=takes,
        pools=await repository.pool_keys(connection, workspace_id),
    )
    if issues:
        raise invalid("the workflow definition", issues)
    return parsed


def _kind_of(predicate: dict[str, Any] | None, names: Sequence[str]) -> SegmentKind:
    if predicate is None:
        return "list"
    return "parameterised" if names else "dynamic"


def check_revision(record: WorkflowRecord, revision: int | None) -> None:
    """Raise Conflict when `revision` is given and is not the present one."""
    if revision is not None and revision != record.revision:
        raise Conflict(
            f"The draft was saved meanwhile: it is at revision {record.revision}, "
            f"not at {revision}. Read it again and repeat your change."
        )


def named(definition: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    """The definition, called `name` if that is given."""
    return dict(definition) if name is None else {**definition, "name": name}


def no_workflow(ref: str) -> NotFound:
    """The error for a reference that leads nowhere."""
    return NotFound(f"There is no workflow {ref!r} in this workspace.")
