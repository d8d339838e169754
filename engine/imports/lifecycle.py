"""An import from its first byte to its end, each step in the caller's transaction."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.imports.inspection import Inspection, Options
from engine.imports.intake import Intake
from engine.lanes import lane_of
from journeys.errors import Conflict, NotFound
from storage.repositories import imports as repository
from storage.repositories.imports import ImportRecord

ABANDONED = timedelta(days=1)
"""No upload takes this long: its process was killed."""
_START = text(
    "INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at) "
    "VALUES (:workspace, :lane, :id, 'import', :now)"
)


async def begin_upload(
    connection: AsyncConnection,
    workspace_id: UUID,
    import_id: UUID,
    options: Options,
    *,
    file: str | None,
    dry_run: bool,
    backfill: bool,
    now: datetime,
) -> None:
    """Make the import that the arriving parts belong to."""
    await repository.delete_abandoned(connection, workspace_id, before=now - ABANDONED)
    await repository.insert_import(
        connection, workspace_id, import_id, kind=options.kind, file=file, dry_run=dry_run,
        backfill=backfill, event=options.event, now=now,
    )  # fmt: skip


async def finish_upload(
    connection: AsyncConnection,
    workspace_id: UUID,
    import_id: UUID,
    intake: Intake,
    found: Inspection,
    *,
    now: datetime,
    request: str | None = None,
) -> ImportRecord:
    """The file is there and fits: have it worked through.

    With a `request` that another call was the first with, answers with the import of that call.
    Raises Conflict when that was another file, or the import was cancelled meanwhile.
    """
    if request is not None:
        await repository.hold_request(connection, workspace_id, request)
        first = await repository.find_request(connection, workspace_id, request)
        if first is not None:
            await repository.delete_import(connection, import_id)
            return same_file(first, intake)
    values = {
        "encoding": intake.encoding,
        "delimiter": found.dialect.delimiter,
        "quote": found.dialect.quote,
        "columns": [asdict(column) for column in found.columns],
        "preview": found.preview,
        "size": intake.size,
        "position": found.position,
        "line": found.line,
        "request": request,
        "digest": intake.digest,
    }
    if not await repository.complete_upload(connection, import_id, values):
        await repository.delete_chunks(connection, import_id)
        raise Conflict("The import was cancelled while its file arrived.")
    start = {"workspace": workspace_id, "lane": lane_of(import_id), "id": import_id, "now": now}
    await connection.execute(_START, start)
    return await get_import(connection, workspace_id, import_id)


def same_file(first: ImportRecord, intake: Intake) -> ImportRecord:
    """The import of the first call with this key; raises Conflict when it had another file."""
    if first.digest != intake.digest:
        raise Conflict(
            f"The Idempotency-Key belongs to the import {first.id}, which had another file or "
            "other options. Send another key with another file."
        )
    return first


async def start_unfinished(connection: AsyncConnection, *, before: datetime, now: datetime) -> int:
    """Owe Temporal the start of every import made before a moment that has not ended; how many.

    Those that run are left alone by it; one whose execution is gone (Temporal was restored from a
    backup, or somebody terminated it) goes on where it stands.
    """
    found = await repository.unfinished_imports(connection, before=before)
    if found:
        owed = [
            {"workspace": workspace, "lane": lane_of(id_), "id": id_, "now": now}
            for workspace, id_ in found
        ]
        await connection.execute(_START, owed)
    return len(found)


async def get_import(
    connection: AsyncConnection, workspace_id: UUID, import_id: UUID
) -> ImportRecord:
    """The import with this id; raises NotFound."""
    record = await repository.find_import(connection, workspace_id, import_id)
    if record is None:
        raise NotFound(f"There is no import {str(import_id)!r} in this workspace.")
    return record


async def cancel_import(
    connection: AsyncConnection, workspace_id: UUID, import_id: UUID, *, now: datetime
) -> ImportRecord:
    """Stop an import where it stands: what was stored stays. Raises Conflict when it has ended."""
    await get_import(connection, workspace_id, import_id)
    ended = await repository.end_import(connection, import_id, "cancelled", now=now)
    record = await get_import(connection, workspace_id, import_id)
    if not ended and record.state != "cancelled":
        raise Conflict(f"The import has ended already: it is {record.state}.")
    return record
