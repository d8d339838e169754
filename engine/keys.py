"""API keys: made once, shown once, stored as a hash, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import ApiKey

KeyKind = Literal["write", "secret"]
PREFIX_LENGTH = 18
"""Characters of a key kept readable: its kind and the first few random ones."""


@dataclass(frozen=True)
class KnownKey:
    """A key that is valid now. `stale`: its last use was noted a minute or more ago."""

    id: UUID
    workspace_id: UUID
    kind: str
    name: str
    stale: bool


def hash_of(plain: str) -> bytes:
    """What is stored. The key has 256 random bits, so a plain hash cannot be searched through."""
    return hashlib.sha256(plain.encode()).digest()


async def create_key(
    connection: AsyncConnection, workspace_id: UUID, kind: KeyKind, name: str
) -> tuple[ApiKey, str]:
    """Make a key; returns its row and the key itself, which cannot be had again."""
    plain = f"sjn_{kind}_{secrets.token_urlsafe(32)}"
    row = (
        await connection.execute(
            text(
                "INSERT INTO api_keys (workspace_id, id, kind, name, prefix, hash) "
                "VALUES (:workspace, :id, :kind, :name, :prefix, :hash) RETURNING created_at"
            ),
            {
                "workspace": workspace_id,
                "id": (key_id := uuid4()),
                "kind": kind,
                "name": name,
                "prefix": plain[:PREFIX_LENGTH],
                "hash": hash_of(plain),
            },
        )
    ).one()
    return (
        ApiKey(
            workspace_id=workspace_id,
            id=key_id,
            kind=kind,
            name=name,
            prefix=plain[:PREFIX_LENGTH],
            hash=hash_of(plain),
            created_at=row.created_at,
        ),
        plain,
    )


_FIND = text(
    "SELECT id, workspace_id, kind, name, "
    "coalesce(last_used_at < now() - interval '1 minute', true) AS stale "
    "FROM api_keys WHERE hash = :hash AND revoked_at IS NULL"
)


async def find_key(connection: AsyncConnection, plain: str) -> KnownKey | None:
    """The valid key, or None if it is unknown or revoked."""
    row = (await connection.execute(_FIND, {"hash": hash_of(plain)})).first()
    return KnownKey(row.id, row.workspace_id, row.kind, row.name, row.stale) if row else None


async def note_use(connection: AsyncConnection, key_id: UUID, now: datetime) -> None:
    """Remember that the key is in use, skipping it if another request is doing so right now."""
    await connection.execute(
        text(
            "UPDATE api_keys SET last_used_at = :now WHERE id IN "
            "(SELECT id FROM api_keys WHERE id = :id FOR UPDATE SKIP LOCKED)"
        ),
        {"id": key_id, "now": now},
    )


async def revoke_key(
    connection: AsyncConnection, workspace_id: UUID, key_id: UUID, *, now: datetime
) -> bool:
    """Refuse the key from now on; False when this workspace has no such valid key."""
    changed = await connection.execute(
        text(
            "UPDATE api_keys SET revoked_at = :now "
            "WHERE workspace_id = :workspace AND id = :id AND revoked_at IS NULL"
        ),
        {"workspace": workspace_id, "id": key_id, "now": now},
    )
    return changed.rowcount == 1
