"""Workflows and their drafts: made, saved and deleted.

A draft is checked as a whole whenever it is saved, against the templates and segments of that
moment; the templates it names cannot be deleted before the save is committed. Whoever is still
drawing may have it checked later: publishing checks again. Its name is the definition's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.findings import when
from engine.reviewing import names_of
from engine.rule_lock import hold_rules
from engine.rules import rules_changed
from engine.schedules import owe_schedule
from journeys.definition import Definition
from journeys.errors import Conflict, NotFound
from journeys.parsing import invalid, parse_definition
from journeys.sketches import name_of, sketch_issues
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
    layout: dict[str, Any] | None = None,
    later: bool = False,
    by: str | None = None,
    now: datetime,
) -> WorkflowRecord:
    """Make a workflow with its first draft; `later` takes one that is still being drawn.

    Raises Conflict when the key is in use, InvalidInput when the definition is wrong.
    """
    draft = named(definition, name)
    title = await _name_checked(connection, workspace_id, draft, key=key, later=later)
    record = WorkflowRecord(
        id=uuid4(),
        key=key,
        name=title,
        state="draft",
        definition=draft,
        revision=1,
        version=None,
        created_at=now,
        updated_at=now,
        layout=layout,
        saved_by=by,
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
    layout: dict[str, Any] | None = None,
    revision: int | None = None,
    later: bool = False,
    by: str | None = None,
    now: datetime,
) -> WorkflowRecord:
    """Replace the draft; without `definition` or `layout`, that stays.

    `later` takes a draft that is still being drawn, `by` is who saves it, `revision` the one that
    the caller edited. Raises Conflict when somebody else saved since, InvalidInput when the
    definition is wrong, NotFound.
    """
    before = await get_workflow(connection, workspace_id, ref, lock="change")
    check_revision(before, revision)
    draft = named(before.definition if definition is None else definition, name)
    title = await _name_checked(connection, workspace_id, draft, key=before.key, later=later)
    return await repository.save_draft(
        connection, before.id, name=title, definition=draft, layout=layout, by=by, now=now
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
    names = await names_of(connection, workspace_id, keep=True)
    issues = names.issues(parsed)
    if issues:
        raise invalid("the workflow definition", issues)
    return parsed


async def _name_checked(
    connection: AsyncConnection,
    workspace_id: UUID,
    draft: Mapping[str, Any],
    *,
    key: str,
    later: bool,
) -> str:
    """The name of a draft that may be stored; raises InvalidInput."""
    if not later:
        return (await check(connection, workspace_id, draft)).name
    issues = sketch_issues(draft)
    if issues:
        raise invalid("the draft", issues)
    return name_of(draft, key)


def check_revision(record: WorkflowRecord, revision: int | None) -> None:
    """Raise Conflict when `revision` is given and is not the present one."""
    if revision is not None and revision != record.revision:
        by = f" by {record.saved_by}" if record.saved_by else ""
        raise Conflict(
            f"The draft was saved meanwhile{by}, at {when(record.updated_at)}: it is at revision "
            f"{record.revision}, not at {revision}. Read it again and repeat your change.",
            known={
                "revision": record.revision,
                "updated_at": record.updated_at,
                "saved_by": record.saved_by,
            },
        )


def named(definition: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    """The definition, called `name` if that is given."""
    return dict(definition) if name is None else {**definition, "name": name}


def no_workflow(ref: str) -> NotFound:
    """The error for a reference that leads nowhere."""
    return NotFound(f"There is no workflow {ref!r} in this workspace.")
