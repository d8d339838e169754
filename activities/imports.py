"""Working through an uploaded file, a slice at a time."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from engine.imports.intake import CHUNK
from engine.imports.rows import Batch, Batches
from engine.imports.slices import Job, open_job, store_batch
from engine.ingest import Stale
from storage.database import Database
from storage.faults import CONFLICTS, is_passing, sqlstate
from storage.repositories import imports as repository
from workflows.contracts import ImportFailure, ImportInput, ImportSlice

SLICE_SECONDS = 20.0
"""How long a slice goes on with the next batch, so that other bulk work gets its turn."""
ROWS_AT_ONCE = 50_000
"""Rows forgotten in one transaction, once an import has ended."""
ATTEMPTS = 12
"""Times that a batch in another transaction's way is tried before Temporal's retry policy takes
over."""

log = structlog.get_logger(__name__)


class ImportActivities:
    """`import_slice` and `fail_import` on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="import_slice")
    async def import_slice(self, call: ImportInput) -> ImportSlice:
        """Store rows from where the import stands, for a while or until its end.

        May be repeated, and run twice at once: the import moves on with the rows it stores.
        """
        try:
            return await self._work(UUID(call.import_id))
        except ApplicationError:
            raise
        except Exception as error:
            if _passes(error):
                raise
            log.exception("import.failed", import_id=call.import_id)
            # Temporal is told what kind of error it is, and no value of the file: so no cause.
            reason = (
                f"it met an error of this program: {type(error).__name__} {sqlstate(error) or ''}"
            )
            raise ApplicationError(
                reason.rstrip(), type="ImportFailed", non_retryable=True
            ) from None

    async def _work(self, import_id: UUID) -> ImportSlice:
        async with self._database.transaction() as connection:
            job = await open_job(connection, import_id)
        if job is None:
            return await self._done(import_id, 0)
        began = time.monotonic()
        rows = 0
        batches = Batches(job.layout, position=job.position, line=job.line, refusing=job.refusing)
        chunk, skip = divmod(job.position, CHUNK)
        while chunk * CHUNK < job.size:
            data = await self._chunk(import_id, chunk)
            if data is None:  # the import was ended
                return await self._done(import_id, rows)
            batches.feed(data[skip:], last=(chunk + 1) * CHUNK >= job.size)
            while (batch := batches.take()) is not None:
                if not await self._store(job, batch):
                    if await self._is_active(import_id):
                        return ImportSlice(rows)
                    return await self._done(import_id, rows)
                rows += sum(len(row.lines) for row in batch.rows)
                activity.heartbeat(rows)
                if time.monotonic() - began > SLICE_SECONDS or activity.is_worker_shutdown():
                    return ImportSlice(rows)
            activity.heartbeat(rows)
            chunk, skip = chunk + 1, 0
        async with self._database.transaction() as connection:
            await repository.end_import(
                connection, import_id, "completed", now=datetime.now(UTC), done=True
            )
        return await self._done(import_id, rows)

    async def _done(self, import_id: UUID, rows: int) -> ImportSlice:
        """Forget, piece by piece, which rows were read: there is nothing left to do."""
        await self._forget_rows(import_id)
        return ImportSlice(rows, done=True)

    async def _forget_rows(self, import_id: UUID) -> None:
        left = True
        while left:
            async with self._database.transaction() as connection:
                left = await repository.forget_rows(connection, import_id, limit=ROWS_AT_ONCE)
            activity.heartbeat()

    @activity.defn(name="fail_import")
    async def fail_import(self, failure: ImportFailure) -> None:
        """Record that the import cannot go on."""
        async with self._database.transaction() as connection:
            await repository.end_import(
                connection, UUID(failure.import_id), "failed",
                now=datetime.now(UTC), reason=failure.reason,
            )  # fmt: skip
        await self._forget_rows(UUID(failure.import_id))

    async def _chunk(self, import_id: UUID, number: int) -> bytes | None:
        async with self._database.transaction() as connection:
            return await repository.read_chunk(connection, import_id, number)

    async def _is_active(self, import_id: UUID) -> bool:
        async with self._database.transaction() as connection:
            return await open_job(connection, import_id) is not None

    async def _store(self, job: Job, batch: Batch) -> bool:
        one_by_one = False
        for number in range(1, ATTEMPTS):
            try:
                return await self._attempt(job, batch, one_by_one=one_by_one)
            except Stale:
                pass
            except (DBAPIError, asyncpg.PostgresError) as error:
                if sqlstate(error) not in CONFLICTS:
                    if one_by_one or _passes(error):
                        raise
                    one_by_one = True
            await asyncio.sleep(random.uniform(0, 0.01 * number))  # noqa: S311
        return await self._attempt(job, batch, one_by_one=one_by_one)

    async def _attempt(self, job: Job, batch: Batch, *, one_by_one: bool) -> bool:
        async with self._database.transaction() as connection:
            return await store_batch(
                connection, job, batch, now=datetime.now(UTC), one_by_one=one_by_one
            )


def _passes(error: Exception) -> bool:
    """Whether the same may well succeed a little later."""
    return isinstance(error, Stale | asyncpg.InterfaceError) or is_passing(error)
