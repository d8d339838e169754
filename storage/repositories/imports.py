"""Imports of files: the rows of uploads, of their parts, and of what was wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import (
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.tables import FileImport, ImportChunk, ImportFault

ImportState = Literal["receiving", "waiting", "running", "completed", "failed", "cancelled"]
ACTIVE = ("waiting", "running")
"""States in which an import may be worked on."""
OPEN = ("receiving", *ACTIVE)


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import: see `FileImport`."""

    workspace_id: UUID
    id: UUID
    kind: Any
    state: ImportState
    file: str | None
    dry_run: bool
    backfill: bool
    event: str | None
    encoding: str
    delimiter: str
    quote: str
    columns: list[dict[str, Any]]
    preview: list[dict[str, Any]]
    size: int
    position: int
    line: int
    read: int
    accepted: int
    rejected: int
    errors: int
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    refusing: str | None = None
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """What was wrong with a line."""

    number: int
    line: int
    column: str | None
    value: str | None
    reason: str


_COLUMNS = tuple(getattr(FileImport, name) for name in ImportRecord.__dataclass_fields__)


async def insert_import(
    connection: AsyncConnection,
    workspace_id: UUID,
    import_id: UUID,
    *,
    kind: str,
    file: str | None,
    dry_run: bool,
    backfill: bool,
    event: str | None,
    now: datetime,
) -> None:
    """Make an import whose file is about to arrive."""
    await connection.execute(
        insert(FileImport).values(
            workspace_id=workspace_id, id=import_id, kind=kind, state="receiving", file=file,
            dry_run=dry_run, backfill=backfill, event=event, encoding="", delimiter="", quote="",
            columns=[], preview=[], size=0, position=0, line=1, read=0, accepted=0, rejected=0,
            errors=0, created_at=now,
        )
    )  # fmt: skip


async def insert_chunk(
    connection: AsyncConnection, workspace_id: UUID, import_id: UUID, number: int, data: bytes
) -> None:
    """Keep the next part of the file."""
    await connection.execute(
        insert(ImportChunk).values(
            workspace_id=workspace_id, import_id=import_id, number=number, data=data
        )
    )


async def read_chunk(connection: AsyncConnection, import_id: UUID, number: int) -> bytes | None:
    """A part of the file; None when it is gone: the import has ended."""
    data: bytes | None = await connection.scalar(
        select(col(ImportChunk.data)).where(
            col(ImportChunk.import_id) == import_id, col(ImportChunk.number) == number
        )
    )
    return data


async def complete_upload(
    connection: AsyncConnection, import_id: UUID, values: dict[str, Any]
) -> bool:
    """The file is there: what was found in it; False when the import was cancelled meanwhile."""
    changed = await connection.execute(
        update(FileImport)
        .where(col(FileImport.id) == import_id, col(FileImport.state) == "receiving")
        .values(**values, state="waiting")
    )
    return changed.rowcount == 1


async def delete_import(connection: AsyncConnection, import_id: UUID) -> None:
    """Forget an upload that came to nothing."""
    await connection.execute(delete(FileImport).where(col(FileImport.id) == import_id))


async def delete_abandoned(
    connection: AsyncConnection, workspace_id: UUID, *, before: datetime
) -> None:
    """Forget uploads that began before this moment and never ended: their process died."""
    await connection.execute(
        delete(FileImport).where(
            col(FileImport.workspace_id) == workspace_id,
            col(FileImport.state) == "receiving",
            col(FileImport.created_at) < before,
        )
    )


async def unfinished_imports(
    connection: AsyncConnection, *, before: datetime
) -> list[tuple[UUID, UUID]]:
    """Workspace and id of the active imports of before this moment that no command will start."""
    rows = await connection.execute(
        text(
            "SELECT workspace_id, id FROM imports i "
            "WHERE state = ANY(:active) AND created_at < :before AND NOT EXISTS ("
            "SELECT FROM commands c WHERE c.journey_id = i.id AND c.kind = 'import')"
        ),
        {"active": list(ACTIVE), "before": before},
    )
    return [(row.workspace_id, row.id) for row in rows]


async def list_imports(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest
) -> Page[ImportRecord]:
    """The workspace's imports, the newest first."""
    statement = select(*_COLUMNS).where(col(FileImport.workspace_id) == workspace_id)
    statement = newest_first(statement, col(FileImport.created_at), col(FileImport.id), page)
    rows = (await connection.execute(statement)).all()
    return cut(records(rows, ImportRecord), page, lambda one: Position(one.created_at, one.id))


async def find_import(
    connection: AsyncConnection, workspace_id: UUID, import_id: UUID
) -> ImportRecord | None:
    """The workspace's import with this id."""
    statement = select(*_COLUMNS).where(
        col(FileImport.workspace_id) == workspace_id, col(FileImport.id) == import_id
    )
    return record_or_none((await connection.execute(statement)).one_or_none(), ImportRecord)


async def find_request(
    connection: AsyncConnection, workspace_id: UUID, request: str
) -> ImportRecord | None:
    """The import that an earlier call with this key made."""
    statement = select(*_COLUMNS).where(
        col(FileImport.workspace_id) == workspace_id, col(FileImport.request) == request
    )
    return record_or_none((await connection.execute(statement)).one_or_none(), ImportRecord)


async def hold_request(connection: AsyncConnection, workspace_id: UUID, request: str) -> None:
    """Wait for other calls with this key, and have them wait, until the transaction ends."""
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:request, 0))"),
        {"request": f"import:{workspace_id}:{request}"},
    )


async def find_any_import(connection: AsyncConnection, import_id: UUID) -> ImportRecord | None:
    """The import with this id, of whatever workspace."""
    statement = select(*_COLUMNS).where(col(FileImport.id) == import_id)
    return record_or_none((await connection.execute(statement)).one_or_none(), ImportRecord)


async def hold_import(connection: AsyncConnection, import_id: UUID) -> Row[Any] | None:
    """Lock an import: its state, position and count of kept errors."""
    statement = text("SELECT state, position, errors FROM imports WHERE id = :id FOR NO KEY UPDATE")
    return (await connection.execute(statement, {"id": import_id})).one_or_none()


async def advance_import(
    connection: AsyncConnection,
    import_id: UUID,
    *,
    position: int,
    line: int,
    refusing: str | None,
    read: int,
    rejected: int,
    errors: int,
    now: datetime,
) -> None:
    """Move an import on by what one batch brought."""
    await connection.execute(
        text("""
            UPDATE imports SET state = 'running', started_at = coalesce(started_at, :now),
                position = :position, line = :line, refusing = :refusing, read = read + :read,
                accepted = accepted + :read - :rejected, rejected = rejected + :rejected,
                errors = errors + :errors
            WHERE id = :id
        """),
        {
            "id": import_id, "position": position, "line": line, "refusing": refusing,
            "read": read, "rejected": rejected, "errors": errors, "now": now,
        },
    )  # fmt: skip


async def end_import(
    connection: AsyncConnection,
    import_id: UUID,
    state: ImportState,
    *,
    now: datetime,
    reason: str | None = None,
    done: bool = False,
) -> bool:
    """End an import that has not ended, and drop its file; `done`: all of it was read."""
    ended = await connection.execute(
        text("""
            UPDATE imports SET state = :state, reason = :reason, ended_at = :now,
                started_at = coalesce(
                    started_at, CASE WHEN :done THEN CAST(:now AS timestamptz) END
                ),
                position = CASE WHEN :done THEN size ELSE position END
            WHERE id = :id AND state = ANY(:open)
        """),
        {
            "id": import_id, "state": state, "reason": reason, "now": now, "done": done,
            "open": list(OPEN),
        },
    )  # fmt: skip
    if ended.rowcount == 0:
        return False
    await delete_chunks(connection, import_id)
    return True


async def count_rows(
    connection: AsyncConnection, workspace_id: UUID, import_id: UUID, more: Mapping[UUID, int]
) -> dict[UUID, int]:
    """Count so many more rows of each content; how many there were before."""
    counted = await connection.execute(
        text("""
            INSERT INTO import_rows AS r (workspace_id, import_id, digest, seen)
            SELECT :workspace, :import, digest, seen
            FROM unnest(CAST(:digests AS uuid[]), CAST(:seen AS int[])) AS n(digest, seen)
            ON CONFLICT (import_id, digest) DO UPDATE SET seen = r.seen + excluded.seen
            RETURNING digest, seen
        """),
        {
            "workspace": workspace_id, "import": import_id,
            "digests": list(more), "seen": list(more.values()),
        },
    )  # fmt: skip
    return {row.digest: row.seen - more[row.digest] for row in counted.all()}


async def forget_rows(connection: AsyncConnection, import_id: UUID, *, limit: int) -> bool:
    """Drop the counts of an import that has ended, so many at once; whether there may be more."""
    dropped = await connection.execute(
        text("""
            DELETE FROM import_rows WHERE import_id = :id AND digest IN (
                SELECT digest FROM import_rows WHERE import_id = :id LIMIT :limit
            )
        """),
        {"id": import_id, "limit": limit},
    )
    return dropped.rowcount == limit


async def delete_chunks(connection: AsyncConnection, import_id: UUID) -> None:
    """Drop the file of an import."""
    await connection.execute(delete(ImportChunk).where(col(ImportChunk.import_id) == import_id))


async def add_faults(
    connection: AsyncConnection,
    workspace_id: UUID,
    import_id: UUID,
    after: int,
    faults: Sequence[tuple[int, str | None, str | None, str]],
) -> None:
    """Keep what was wrong with lines, numbered from `after` on."""
    if faults:
        await connection.execute(
            insert(ImportFault),
            [
                {
                    "workspace_id": workspace_id, "import_id": import_id, "number": number,
                    "line": line, "column": column, "value": value, "reason": reason,
                }
                for number, (line, column, value, reason) in enumerate(faults, after + 1)
            ],
        )  # fmt: skip


async def read_faults(
    connection: AsyncConnection, import_id: UUID, *, after: int, limit: int
) -> list[FaultRecord]:
    """What was wrong with lines, in the order of the file, past the number `after`."""
    statement = (
        select(
            col(ImportFault.number), col(ImportFault.line), col(ImportFault.column),
            col(ImportFault.value), col(ImportFault.reason),
        )
        .where(col(ImportFault.import_id) == import_id, col(ImportFault.number) > after)
        .order_by(col(ImportFault.number))
        .limit(limit)
    )  # fmt: skip
    return records((await connection.execute(statement)).all(), FaultRecord)
