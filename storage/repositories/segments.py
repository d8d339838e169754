"""Segments: their predicates, the members of static lists, and who names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, null, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.lanes import LANE_SQL, LANES
from storage.repositories.keyset import (
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.repositories.refs import Lock, as_uuid, locked
from storage.sql import statement
from storage.tables import Segment


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A segment; `definition` is its predicate, None for a static list."""

    id: UUID
    key: str
    name: str
    definition: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    state: str = "live"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What a change of a static list did; `unknown` are the references that lead to no contact."""

    added: int
    removed: int
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class NamingDefinition:
    """A workflow's key and one of its definitions that matter: the draft, or a version in use."""

    workflow: str
    definition: dict[str, Any]


_COLUMNS: tuple[Any, ...] = (
    col(Segment.id),
    col(Segment.key),
    col(Segment.name),
    col(Segment.definition),
    col(Segment.created_at),
    col(Segment.updated_at),
    col(Segment.state),
)


async def list_segments(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest
) -> Page[SegmentRecord]:
    """The workspace's segments, newest first."""
    statement = newest_first(
        select(*_COLUMNS).where(col(Segment.workspace_id) == workspace_id),
        col(Segment.created_at),
        col(Segment.id),
        page,
    )
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, SegmentRecord), page, lambda s: Position(s.created_at, s.id))


async def all_segments(
    connection: AsyncConnection, workspace_id: UUID, *, keep: bool = False
) -> list[SegmentRecord]:
    """All segments by key; with `keep` none of them can be deleted until the transaction ends."""
    statement = (
        select(*_COLUMNS)
        .where(col(Segment.workspace_id) == workspace_id)
        .order_by(col(Segment.key))
    )
    if keep:
        statement = statement.with_for_update(read=True, key_share=True)
    return records((await connection.execute(statement)).all(), SegmentRecord)


async def find_segment(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> SegmentRecord | None:
    """The segment with this id or key, its row locked if asked for.

    Locking it for `delete` waits for drafts and segments that are being saved with it.
    """
    id_ = as_uuid(ref)
    statement = select(*_COLUMNS).where(
        col(Segment.workspace_id) == workspace_id,
        col(Segment.key) == ref if id_ is None else col(Segment.id) == id_,
    )
    return record_or_none(
        (await connection.execute(locked(statement, lock))).one_or_none(), SegmentRecord
    )


async def insert_segment(
    connection: AsyncConnection, workspace_id: UUID, record: SegmentRecord
) -> bool:
    """Insert it; False, and nothing written, when the key is in use."""
    statement = (
        upsert(Segment)
        .values(
            workspace_id=workspace_id,
            id=record.id,
            key=record.key,
            name=record.name,
            definition=_stored(record.definition),
            created_at=record.created_at,
            updated_at=record.updated_at,
        )
        .on_conflict_do_nothing(index_elements=["workspace_id", "key"])
        .returning(col(Segment.id))
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def update_segment(connection: AsyncConnection, record: SegmentRecord) -> None:
    """Replace name and predicate of a locked segment."""
    await connection.execute(
        update(Segment)
        .where(col(Segment.id) == record.id)
        .values(
            name=record.name,
            definition=_stored(record.definition),
            updated_at=record.updated_at,
        )
    )


async def delete_segment(connection: AsyncConnection, id_: UUID) -> None:
    """Delete a locked segment; what is stored of its members stays, to be cleared away."""
    await connection.execute(delete(Segment).where(col(Segment.id) == id_))


_NO_BACKFILL = text("""
    WITH backfills AS (
        DELETE FROM segment_backfills WHERE segment_id = ANY(CAST(:ids AS uuid[]))
    )
    UPDATE segments SET state = 'live' WHERE id = ANY(CAST(:ids AS uuid[]))
""")


async def end_backfills(connection: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Nobody is to be looked at: these segments came to have parameters."""
    if ids:
        await connection.execute(_NO_BACKFILL, {"ids": list(ids)})


def _stored(definition: dict[str, Any] | None) -> Any:
    """SQL's null for a static list: JSON's null would be a predicate that cannot be read."""
    return null() if definition is None else definition


_FOUND = """
    found AS (
        SELECT DISTINCT ON (r.ref) r.ref, r.contact_id
        FROM (
            SELECT i.value AS ref, i.contact_id, 0 AS rank FROM identities i
            WHERE i.workspace_id = :workspace AND i.kind = 'user'
              AND i.value = ANY(CAST(:refs AS text[]))
            UNION ALL
            SELECT u.ref, c.id, 1 FROM unnest(CAST(:id_refs AS text[]), CAST(:ids AS uuid[]))
                AS u(ref, id)
            JOIN contacts c ON c.workspace_id = :workspace AND c.id = u.id
        ) r ORDER BY r.ref, r.rank
    )
"""


def _queued(changed: str, entered: str) -> str:
    """Rules and segments that name the list hear of it; in the order of the contacts' lanes."""
    return f"""
        INSERT INTO facts (workspace_id, lane, contact_id, kind, ref, change)
        SELECT i.workspace_id, {LANE_SQL}, contact_id, 'list', :segment,
               '{{"entered": {entered}}}'
        FROM {changed}
        JOIN segments s ON s.id = :segment
        JOIN interests i ON i.workspace_id = s.workspace_id AND i.kind = 'list' AND i.name = s.key
    """  # noqa: S608


# Contacts are kept from being merged or erased meanwhile, and are locked in one order by all.
_ADD = statement(f"""
    WITH {_FOUND}, kept AS MATERIALIZED (
        SELECT c.id FROM contacts c
        WHERE c.id IN (SELECT contact_id FROM found) ORDER BY c.id FOR KEY SHARE
    ), added AS (
        INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at)
        SELECT :workspace, :segment, id, :now FROM kept
        ON CONFLICT DO NOTHING RETURNING contact_id
    ), queued AS ({_queued("added", "true")})
    SELECT (SELECT count(*) FROM added) AS changed,
           ARRAY(SELECT ref FROM found WHERE contact_id IN (SELECT id FROM kept)) AS known
""")  # noqa: S608  (put together from constants)
_REMOVE = statement(f"""
    WITH {_FOUND}, kept AS MATERIALIZED (
        SELECT c.id FROM contacts c
        WHERE c.id IN (SELECT contact_id FROM found) ORDER BY c.id FOR KEY SHARE
    ), gone AS (
        DELETE FROM segment_members
        WHERE segment_id = :segment AND contact_id IN (SELECT id FROM kept)
        RETURNING workspace_id, segment_id, contact_id, entered_at
    ), stays AS (
        INSERT INTO segment_stays (workspace_id, segment_id, contact_id, entered_at, left_at)
        SELECT workspace_id, segment_id, contact_id, entered_at, :now FROM gone
    ), queued AS ({_queued("gone", "false")})
    SELECT (SELECT count(*) FROM gone) AS changed, ARRAY(SELECT ref FROM found) AS known
""")  # noqa: S608


async def change_members(
    connection: AsyncConnection,
    workspace_id: UUID,
    segment_id: UUID,
    *,
    add: Sequence[str],
    remove: Sequence[str],
    now: datetime,
) -> MemberChange:
    """Take contacts (by `userId` or id) off a locked static list, then put others on it."""

    async def run(statement: Any, refs: Sequence[str]) -> tuple[int, set[str]]:
        if not refs:
            return 0, set()
        ids = [(ref, id_) for ref in refs if (id_ := as_uuid(ref)) is not None]
        row = (
            await connection.execute(
                statement,
                {
                    "workspace": workspace_id,
                    "segment": segment_id,
                    "refs": list(refs),
                    "id_refs": [ref for ref, _ in ids],
                    "ids": [id_ for _, id_ in ids],
                    "now": now,
                    "lanes": LANES,
                },
            )
        ).one()
        return row.changed, set(row.known)

    removed, gone = await run(_REMOVE, remove)
    added, come = await run(_ADD, add)
    unknown = [ref for ref in add if ref not in come] + [ref for ref in remove if ref not in gone]
    return MemberChange(added, removed, list(dict.fromkeys(unknown)))


_MENTIONING = text("""
    WITH used AS (
        SELECT w.key, w.definition FROM workflows w
        WHERE w.workspace_id = :workspace AND w.state <> 'archived'
        UNION ALL
        SELECT w.key, v.definition
        FROM workflows w JOIN workflow_versions v ON v.workflow_id = w.id
        WHERE w.workspace_id = :workspace
          AND (w.state <> 'archived' AND v.version = w.version
               OR EXISTS (SELECT FROM journeys j WHERE j.workflow_id = w.id
                          AND j.state = 'running' AND j.version_id = v.id))
    )
    SELECT key AS workflow, definition FROM used
    WHERE jsonb_path_exists(definition, '$.** ? (@ == $key)', :variables)
    ORDER BY key
""").bindparams(bindparam("variables", type_=JSONB()))


async def definitions_mentioning(
    connection: AsyncConnection, workspace_id: UUID, key: str
) -> list[NamingDefinition]:
    """Definitions in use in which the key stands anywhere, perhaps as something else's name.

    In use are drafts and running versions of workflows that are not archived, and older versions
    on which journeys are still running.
    """
    rows = await connection.execute(
        _MENTIONING, {"workspace": workspace_id, "variables": {"key": key}}
    )
    return records(rows.all(), NamingDefinition)
