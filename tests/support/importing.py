"""Files as they are stored by an upload, for engine tests; the HTTP side has tests of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from engine.imports import lifecycle
from engine.imports.inspection import Options, inspect
from engine.imports.intake import Intake
from storage.database import Database
from storage.repositories import imports as repository


async def upload(
    database: Database,
    workspace_id: UUID,
    content: str | bytes,
    kind: str = "contacts",
    *,
    dry_run: bool = False,
    backfill: bool = False,
    **options: Any,
) -> UUID:
    """Store a file as `POST /v1/contacts/import` does; the import's id."""
    import_id = uuid4()
    said = Options(kind, options.pop("mapping", {}), **options)  # type: ignore[arg-type]
    intake = Intake(encoding=None, limit=10**9)
    data = content.encode() if isinstance(content, str) else content
    parts = [*intake.feed(data), *intake.close()]
    found = inspect(import_id, intake.sample, said, whole=len(parts) <= 1)
    async with database.transaction() as connection:
        await lifecycle.begin_upload(
            connection, workspace_id, import_id, said, file="test.csv",
            dry_run=dry_run, backfill=backfill, now=datetime.now(UTC),
        )  # fmt: skip
        for number, part in enumerate(parts):
            await repository.insert_chunk(connection, workspace_id, import_id, number, part)
        await lifecycle.finish_upload(
            connection, workspace_id, import_id, intake, found, now=datetime.now(UTC)
        )
    return import_id
