"""Storing rows of a file, and how far it is done, in one transaction: all of a batch, or nothing.

Whoever works on an import holds its row. A batch that does not begin where the import stands was
stored by somebody else already, so two who work on one import at once do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.subscriptions import topic_keys
from engine.imports.columns import Column
from engine.imports.identity import with_message_ids
from engine.imports.kinds import SUBSCRIPTIONS
from engine.imports.records import Dialect
from engine.imports.rows import Batch, Fault, Layout, Row
from engine.ingest import Envelope, Outcome, Rejection, parse_items, store
from engine.ingest.upserts import parse_contacts
from engine.orders import parse_orders, store_orders
from storage.faults import sqlstate
from storage.repositories import imports as repository

MAX_FAULTS = 100_000
"""Reasons kept of one import; the lines are counted all the same."""
_PLACE = re.compile(r"\$\[\d+\](?:\.(?:fields|properties|traits))?\.?(.*)")
_ITEM = re.compile(r"items\[\d+\]\.?")


@dataclass(frozen=True, slots=True)
class Job:
    """An import that is to be worked on, as it stood when it was opened."""

    workspace_id: UUID
    layout: Layout
    dry_run: bool
    backfill: bool
    size: int
    position: int
    line: int
    refusing: str | None = None
    topics: frozenset[str] = frozenset()


async def open_job(connection: AsyncConnection, import_id: UUID) -> Job | None:
    """The import, if there is anything left to do for it."""
    record = await repository.find_any_import(connection, import_id)
    if record is None or record.state not in repository.ACTIVE:
        return None
    columns = [Column(**column) for column in record.columns]
    dialect = Dialect(record.delimiter, record.quote)
    layout = Layout(record.id, record.kind, columns, dialect, record.event)
    topics: frozenset[str] = frozenset()
    if any((column.to or "").startswith(SUBSCRIPTIONS) for column in columns):
        topics = await topic_keys(connection, record.workspace_id)
    return Job(
        record.workspace_id, layout, record.dry_run, record.backfill,
        record.size, record.position, record.line, record.refusing, topics,
    )  # fmt: skip


async def store_batch(
    connection: AsyncConnection, job: Job, batch: Batch, *, now: datetime, one_by_one: bool = False
) -> bool:
    """Store a batch and move the import on; False: it stands elsewhere, or is not to go on.

    `one_by_one` keeps a row that the database refuses from costing the others. Raises `Stale` when
    the transaction must be repeated.
    """
    held = await repository.hold_import(connection, job.layout.import_id)
    if held is None or held.state not in repository.ACTIVE or held.position != batch.begin:
        return False
    faults = [fault for row in batch.rows if row.faults for fault in _of_all_lines(row)]
    good = [row for row in batch.rows if not row.faults]
    if job.layout.kind == "events" and not job.dry_run:
        good = await with_message_ids(connection, job.workspace_id, job.layout.import_id, good)
    envelope = Envelope(
        workspace_id=job.workspace_id, received_at=now, backfill=job.backfill,
        suspicious=batch.suspicious, sized=batch.sized, path="$", topics=job.topics,
    )  # fmt: skip
    if one_by_one:
        for row in good:
            faults += await _store_one(connection, job, envelope, row)
    elif good:
        faults += await _store(connection, job, envelope, good)
    rejected = len({fault.line for fault in faults})
    read = sum(len(row.lines) for row in batch.rows)
    kept = sorted(faults, key=lambda fault: fault.line)[: MAX_FAULTS - held.errors]
    await repository.add_faults(
        connection, job.workspace_id, job.layout.import_id, held.errors,
        [(fault.line, fault.column, fault.value, fault.reason) for fault in kept],
    )  # fmt: skip
    await repository.advance_import(
        connection, job.layout.import_id, position=batch.end, line=batch.next_line,
        refusing=batch.refusing, read=read, rejected=rejected, errors=len(kept), now=now,
    )  # fmt: skip
    return True


async def _store(
    connection: AsyncConnection, job: Job, envelope: Envelope, rows: Sequence[Row]
) -> list[Fault]:
    """Store rows as the API does; what it refuses."""
    items: list[Any] = [row.raw for row in rows]
    rejected: list[Rejection]
    outcome = Outcome()
    if job.layout.kind == "orders":
        orders, rejected = parse_orders(items, envelope)
        if not job.dry_run:
            outcome = await store_orders(connection, envelope, orders)
    else:
        parse = parse_contacts if job.layout.kind == "contacts" else parse_items
        accepted, rejected = parse(items, envelope)
        if not job.dry_run:
            outcome = await store(
                connection, job.workspace_id, accepted, now=envelope.received_at, path="$",
                source="import",
            )  # fmt: skip
    return [
        fault
        for refusal in [*rejected, *outcome.rejected]
        for fault in _faults(job.layout, rows[refusal.index], refusal)
    ]


async def _store_one(
    connection: AsyncConnection, job: Job, envelope: Envelope, row: Row
) -> list[Fault]:
    try:
        async with connection.begin_nested():
            return await _store(connection, job, envelope, [row])
    except (DBAPIError, asyncpg.PostgresError) as error:
        state = sqlstate(error) or ""
        # Anything but a complaint about the data itself is about the database.
        if not state.startswith(("21", "22", "23", "54")):
            raise
        reason = f"the database cannot store this line (SQLSTATE {state})"
        return [Fault.of(line, reason) for line in row.lines]


def _faults(layout: Layout, row: Row, refusal: Rejection) -> list[Fault]:
    """A refusal as faults of the row's lines, naming the column that it is about."""
    place = _PLACE.fullmatch(refusal.path)
    target = _ITEM.sub("items.", place[1]) if place else ""
    column = next((one for one in layout.columns if one.to == target and target), None)
    value = row.raw.get(target, row.raw.get("fields", {}).get(target)) if column else None
    first = Fault.of(row.lines[0], refusal.reason, column.name if column else None, value)
    return [first, *(_because(line, row.lines[0]) for line in row.lines[1:])]


def _of_all_lines(row: Row) -> list[Fault]:
    """What is wrong with a row; nothing of an order is stored when one of its lines is bad."""
    bad = {fault.line for fault in row.faults}
    others = [_because(line, min(bad)) for line in row.lines if line not in bad]
    return [*row.faults, *others]


def _because(line: int, of: int) -> Fault:
    return Fault.of(line, f"line {of} of the same order is wrong")
