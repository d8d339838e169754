"""Sessions: a random token in a cookie, its hash in PostgreSQL, ended at once by deleting the row.

A session ends when it was not used for a while, and in any case some time after it began.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.users.roles import Role
from storage.sql import statement
from storage.tables.base import UTC_TIME

NOTED_EVERY = timedelta(minutes=1)
"""A session's use is written down this often at most."""


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts without use, and at most."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True)
class SignedIn:
    """Whom a session belongs to, as of now."""

    workspace_id: UUID
    user_id: UUID
    email: str
    name: str
    role: Role
    stale: bool
    """Its last use was noted a minute or more ago."""


def token_hash(token: str) -> bytes:
    """What is stored of a token. It has 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).digest()


def csrf_token(token: str) -> str:
    """What changing requests of this session carry in a header; does not give the token away."""
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest()


def _timed(sql: str) -> TextClause:
    return statement(sql).bindparams(
        *(
            bindparam(name, type_=UTC_TIME)
            for name in ("before", "expires", "ends")
            if f":{name}" in sql
        )
    )


# The row of the user is locked, so that a session begun with an old password cannot outlive the
# change that ends all sessions.
_START = _timed(
    "WITH known AS (SELECT workspace_id, id FROM users WHERE id = :user AND role = :role "
    "AND password_hash IS NOT DISTINCT FROM :password AND activated_at IS NOT NULL FOR UPDATE), "
    "seen AS (UPDATE users SET last_seen_at = :now FROM known WHERE users.id = known.id), "
    "over AS (DELETE FROM user_sessions s USING known WHERE s.user_id = known.id "
    "AND least(s.expires_at, s.ends_at) <= :now) "
    "INSERT INTO user_sessions "
    "(workspace_id, hash, user_id, created_at, used_at, expires_at, ends_at) "
    "SELECT workspace_id, :hash, id, :now, :now, :expires, :ends FROM known"
)


async def start_session(
    connection: AsyncConnection,
    user_id: UUID,
    *,
    role: str,
    password_hash: str | None,
    lifetime: Lifetime,
    now: datetime,
) -> str | None:
    """Begin a session and return its token.

    None when the user is gone, or has another role or password than the caller knew.
    """
    token = secrets.token_urlsafe(32)
    made = await connection.execute(
        _START,
        {
            "user": user_id, "role": role, "password": password_hash, "hash": token_hash(token),
            "now": now, "expires": now + min(lifetime.idle, lifetime.longest),
            "ends": now + lifetime.longest,
        },
    )  # fmt: skip
    return token if made.rowcount else None


_FIND = _timed(
    "SELECT u.workspace_id, u.id AS user_id, u.email, u.name, u.role, "
    "s.used_at <= :before AS stale "
    "FROM user_sessions s JOIN users u ON u.id = s.user_id "
    "WHERE s.hash = :hash AND s.expires_at > :now AND s.ends_at > :now"
)


async def find_session(connection: AsyncConnection, token: str, now: datetime) -> SignedIn | None:
    """Whose session this is; None when it never was or is over."""
    known = {"hash": token_hash(token), "now": now, "before": now - NOTED_EVERY}
    row = (await connection.execute(_FIND, known)).first()
    return SignedIn(**row._mapping) if row else None  # noqa: SLF001  (a public name of SQLAlchemy)


_NOTE = _timed(
    "WITH used AS (UPDATE user_sessions SET used_at = :now, expires_at = least(:expires, ends_at) "
    "WHERE hash IN (SELECT hash FROM user_sessions WHERE hash = :hash FOR UPDATE SKIP LOCKED) "
    "RETURNING user_id) "
    "UPDATE users SET last_seen_at = :now WHERE id IN "
    "(SELECT id FROM users WHERE id IN (SELECT user_id FROM used) FOR UPDATE SKIP LOCKED)"
)


async def note_use(
    connection: AsyncConnection, token: str, *, lifetime: Lifetime, now: datetime
) -> None:
    """Let the session last on, skipping it if another request is doing so right now."""
    await connection.execute(
        _NOTE, {"hash": token_hash(token), "now": now, "expires": now + lifetime.idle}
    )


async def end_session(connection: AsyncConnection, token: str) -> None:
    """Sign out."""
    await connection.execute(
        text("DELETE FROM user_sessions WHERE hash = :hash"), {"hash": token_hash(token)}
    )


async def end_sessions(connection: AsyncConnection, user_id: UUID) -> None:
    """Sign the user out everywhere."""
    await connection.execute(
        text("DELETE FROM user_sessions WHERE user_id = :user"), {"user": user_id}
    )
