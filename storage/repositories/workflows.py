"""Workflows, their drafts and their published versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
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
from storage.repositories.refs import Lock, as_uuid, locked
from storage.tables import Journey, PromoPool, Segment, Template, Workflow, WorkflowVersion


@dataclass(frozen=True, slots=True)
class WorkflowRecord:
    """A workflow with its draft."""

    id: UUID
    key: str
    name: str
    state: str
    definition: dict[str, Any]
    revision: int
    version: int | None
    created_at: datetime
    updated_at: datetime
    layout: dict[str, Any] | None = None
    saved_by: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowSummary:
    """A workflow in a list: all but its drawing."""

    id: UUID
    key: str
    name: str
    state: str
    revision: int
    version: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A published version."""

    id: UUID
    version: int
    definition: dict[str, Any]
    published_at: datetime
    layout: dict[str, Any] | None = None


_SUMMARY: tuple[Any, ...] = (
    col(Workflow.id),
    col(Workflow.key),
    col(Workflow.name),
    col(Workflow.state),
    col(Workflow.revision),
    col(Workflow.version),
    col(Workflow.created_at),
    col(Workflow.updated_at),
)
_WORKFLOW: tuple[Any, ...] = (
    *_SUMMARY,
    col(Workflow.definition),
    col(Workflow.layout),
    col(Workflow.saved_by),
)
_VERSION: tuple[Any, ...] = (
    col(WorkflowVersion.id),
    col(WorkflowVersion.version),
    col(WorkflowVersion.definition),
    col(WorkflowVersion.published_at),
    col(WorkflowVersion.layout),
)


async def list_workflows(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest, *, state: str | None = None
) -> Page[WorkflowSummary]:
    """The workspace's workflows, newest first."""
    statement = select(*_SUMMARY).where(col(Workflow.workspace_id) == workspace_id)
    if state is not None:
        statement = statement.where(col(Workflow.state) == state)
    statement = newest_first(statement, col(Workflow.created_at), col(Workflow.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, WorkflowSummary), page, lambda w: Position(w.created_at, w.id))


async def find_workflow(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> WorkflowRecord | None:
    """The workflow with this id or key, its row locked if asked for."""
    id_ = as_uuid(ref)
    statement = select(*_WORKFLOW).where(
        col(Workflow.workspace_id) == workspace_id,
        col(Workflow.key) == ref if id_ is None else col(Workflow.id) == id_,
    )
    return record_or_none(
        (await connection.execute(locked(statement, lock))).one_or_none(), WorkflowRecord
    )


async def workflow_id(connection: AsyncConnection, workspace_id: UUID, ref: str) -> UUID | None:
    """The id of the workflow with this id or key."""
    id_ = as_uuid(ref)
    statement = select(col(Workflow.id)).where(
        col(Workflow.workspace_id) == workspace_id,
        col(Workflow.key) == ref if id_ is None else col(Workflow.id) == id_,
    )
    return (await connection.execute(statement)).scalar_one_or_none()


async def insert_workflow(
    connection: AsyncConnection, workspace_id: UUID, record: WorkflowRecord
) -> bool:
    """Insert it; False, and nothing written, when the key is in use."""
    statement = (
        upsert(Workflow)
        .values(
            workspace_id=workspace_id,
            id=record.id,
            key=record.key,
            name=record.name,
            state=record.state,
            definition=record.definition,
            layout=record.layout,
            revision=record.revision,
            version=record.version,
            saved_by=record.saved_by,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )
        .on_conflict_do_nothing(index_elements=["workspace_id", "key"])
        .returning(col(Workflow.id))
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def save_draft(
    connection: AsyncConnection,
    id_: UUID,
    *,
    name: str,
    definition: dict[str, Any],
    layout: dict[str, Any] | None = None,
    by: str | None = None,
    now: datetime,
) -> WorkflowRecord:
    """Replace the draft of a locked workflow and count its revision up; no layout: it stays."""
    statement = (
        update(Workflow)
        .where(col(Workflow.id) == id_)
        .values(
            name=name,
            definition=definition,
            layout=col(Workflow.layout) if layout is None else layout,
            revision=col(Workflow.revision) + 1,
            saved_by=by,
            updated_at=now,
        )
        .returning(*_WORKFLOW)
    )
    return WorkflowRecord(**(await connection.execute(statement)).one()._mapping)  # noqa: SLF001


async def set_state(
    connection: AsyncConnection, id_: UUID, *, state: str, version: int | None, now: datetime
) -> None:
    """Set state and running version of a locked workflow."""
    await connection.execute(
        update(Workflow)
        .where(col(Workflow.id) == id_)
        .values(state=state, version=version, updated_at=now)
    )


async def begin_schedule(connection: AsyncConnection, id_: UUID, *, now: datetime) -> None:
    """Count the moments of a locked workflow's schedule from now on."""
    await connection.execute(
        update(Workflow).where(col(Workflow.id) == id_).values(schedule_since=now)
    )


async def delete_workflow(connection: AsyncConnection, id_: UUID) -> None:
    """Delete a locked workflow with its versions, journeys and messages."""
    await connection.execute(delete(Workflow).where(col(Workflow.id) == id_))


async def has_running_journeys(connection: AsyncConnection, id_: UUID) -> bool:
    """Whether any journey of the workflow is running."""
    running = exists().where(col(Journey.workflow_id) == id_, col(Journey.state) == "running")
    return bool((await connection.execute(select(running))).scalar_one())


async def list_versions(
    connection: AsyncConnection, workspace_id: UUID, id_: UUID, page: PageRequest
) -> Page[VersionRecord]:
    """The published versions, newest first."""
    statement = select(*_VERSION).where(
        col(WorkflowVersion.workspace_id) == workspace_id,
        col(WorkflowVersion.workflow_id) == id_,
        col(WorkflowVersion.version).is_not(None),
    )
    statement = newest_first(
        statement, col(WorkflowVersion.published_at), col(WorkflowVersion.id), page
    )
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, VersionRecord), page, lambda v: Position(v.published_at, v.id))


async def find_version(
    connection: AsyncConnection, id_: UUID, version: int
) -> VersionRecord | None:
    """The published version of this number."""
    statement = select(*_VERSION).where(
        col(WorkflowVersion.workflow_id) == id_, col(WorkflowVersion.version) == version
    )
    return record_or_none((await connection.execute(statement)).one_or_none(), VersionRecord)


async def latest_version(connection: AsyncConnection, id_: UUID) -> VersionRecord | None:
    """The newest published version."""
    statement = (
        select(*_VERSION)
        .where(col(WorkflowVersion.workflow_id) == id_, col(WorkflowVersion.version).is_not(None))
        .order_by(col(WorkflowVersion.version).desc())
        .limit(1)
    )
    return record_or_none((await connection.execute(statement)).one_or_none(), VersionRecord)


async def insert_version(
    connection: AsyncConnection, workspace_id: UUID, workflow_id: UUID, record: VersionRecord
) -> None:
    """Insert a version of a locked workflow; without a number, a draft that is tested."""
    await connection.execute(
        insert(WorkflowVersion).values(
            workspace_id=workspace_id,
            workflow_id=workflow_id,
            id=record.id,
            version=record.version,
            definition=record.definition,
            layout=record.layout,
            published_at=record.published_at,
        )
    )


def _kept(statement: AnySelect, keep: bool) -> AnySelect:
    return statement.with_for_update(read=True, key_share=True) if keep else statement


async def template_channels(
    connection: AsyncConnection, workspace_id: UUID, *, keep: bool = True
) -> dict[str, str]:
    """Channel by template key. With `keep`, none can be deleted before the commit."""
    statement: AnySelect = (
        select(col(Template.key), col(Template.channel))
        .where(col(Template.workspace_id) == workspace_id)
        .order_by(col(Template.key))
    )
    return {row.key: row.channel for row in await connection.execute(_kept(statement, keep))}


async def segment_predicates(
    connection: AsyncConnection, workspace_id: UUID, *, keep: bool = True
) -> dict[str, dict[str, Any] | None]:
    """Predicate by the segment's key, None for a static list.

    With `keep`, none can be deleted before the commit.
    """
    statement: AnySelect = (
        select(col(Segment.key), col(Segment.definition))
        .where(col(Segment.workspace_id) == workspace_id)
        .order_by(col(Segment.key))
    )
    return {row.key: row.definition for row in await connection.execute(_kept(statement, keep))}


async def pool_keys(
    connection: AsyncConnection, workspace_id: UUID, *, keep: bool = True
) -> set[str]:
    """The promo pools' keys. With `keep`, none can be deleted before the commit."""
    statement: AnySelect = (
        select(col(PromoPool.key))
        .where(col(PromoPool.workspace_id) == workspace_id)
        .order_by(col(PromoPool.key))
    )
    return set((await connection.execute(_kept(statement, keep))).scalars())


_USING = text(
    """
    SELECT w.key FROM workflows w
    WHERE w.workspace_id = :workspace_id AND (
        w.state <> 'archived'
            AND jsonb_path_exists(w.definition, CAST(:uses AS jsonpath), :variables)
        OR EXISTS (
            SELECT 1 FROM workflow_versions v
            WHERE v.workflow_id = w.id
              AND (
                w.state <> 'archived' AND v.version = w.version
                OR EXISTS (
                    SELECT 1 FROM journeys j
                    WHERE j.workflow_id = w.id AND j.state = 'running' AND j.version_id = v.id
                )
              )
              AND jsonb_path_exists(v.definition, CAST(:uses AS jsonpath), :variables)
        )
    )
    ORDER BY w.key
    """
).bindparams(
    bindparam("variables", type_=JSONB),
    uses="$.blocks[*] ? "
    "(@.template == $key || @.templates[*] == $key || @.channels[*].template == $key"
    " || @.variants[*].template == $key)",
)


_TAKES_FROM_POOL = '$.blocks[*] ? (@.kind == "promo" && @.pool == $key)'


async def workflows_using(
    connection: AsyncConnection, workspace_id: UUID, template_key: str
) -> list[str]:
    """Keys of the workflows that may still send this template, in order.

    That is by a draft or running version that is not archived, or by an older version on which
    journeys are still running.
    """
    result = await connection.execute(
        _USING, {"workspace_id": workspace_id, "variables": {"key": template_key}}
    )
    return list(result.scalars())


async def workflows_using_pool(
    connection: AsyncConnection, workspace_id: UUID, pool_key: str
) -> list[str]:
    """Keys of the workflows that may still take codes from this pool, in order."""
    result = await connection.execute(
        _USING,
        {"workspace_id": workspace_id, "variables": {"key": pool_key}, "uses": _TAKES_FROM_POOL},
    )
    return list(result.scalars())


async def workflows_using_topic(
    connection: AsyncConnection, workspace_id: UUID, topic_key: str
) -> list[str]:
    """Keys of the workflows that may still send on this topic, in order."""
    result = await connection.execute(
        _USING,
        {
            "workspace_id": workspace_id,
            "variables": {"key": topic_key},
            "uses": "$.blocks[*] ? (@.topic == $key)",
        },
    )
    return list(result.scalars())
