"""What makes rows of events the same, for those that name no `messageId`.

A row is its content and its number among the equal rows of its file, so the same file again adds
nothing, and a file with a thing twice tells it twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.imports import cells
from engine.imports.rows import Row
from storage.repositories import imports as repository


async def with_message_ids(
    connection: AsyncConnection, workspace_id: UUID, import_id: UUID, rows: Sequence[Row]
) -> list[Row]:
    """The rows, each with a `messageId`.

    How often each was read is counted in the caller's transaction, which moves the import on.
    """
    digests = [None if "messageId" in row.raw else _digest(row) for row in rows]
    here = Counter(digest for digest in digests if digest is not None)
    if not here:
        return list(rows)
    so_far = await repository.count_rows(connection, workspace_id, import_id, here)
    named = []
    for row, digest in zip(rows, digests, strict=True):
        if digest is not None:
            so_far[digest] += 1
            message_id = f"file:{digest.hex}:{so_far[digest]}"
            row = replace(row, raw={**row.raw, "messageId": message_id})  # noqa: PLW2901
        named.append(row)
    return named


def _digest(row: Row) -> UUID:
    properties = {name: _plain(value) for name, value in row.raw["properties"].items()}
    canonical = orjson.dumps({**row.raw, "properties": properties}, option=orjson.OPT_SORT_KEYS)
    return UUID(bytes=blake2b(canonical, digest_size=16).digest())


def _plain(value: Any) -> Any:
    """A value as it is read on its own: rows that follow may make another type of its column."""
    return cells.read(value, cells.detect([value])) if isinstance(value, str) else value
