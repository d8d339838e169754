"""One-time links: the first owner of a workspace, an invitation, a new password.

What a link holds is a random token; its hash is stored, and the row is gone once it was used.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.users.locking import lock_users
from engine.users.roles import Role
from engine.users.sessions import end_sessions, token_hash
from journeys.errors import Conflict, InvalidInput, Issue, NotFound
from storage.repositories.users import UserRecord, find_by_email, find_user, has_owner
from storage.sql import statement
from storage.tables.base import UTC_TIME

FIRST_START = timedelta(days=1)
INVITATION = timedelta(days=7)
NEW_PASSWORD = timedelta(days=1)
"""How long links of each kind can be used."""


@dataclass(frozen=True)
class Link:
    """What a valid link is for. Without a user it makes the first owner of the workspace."""

    workspace_id: UUID
    user_id: UUID | None
    email: str | None
    name: str
    role: Role


_MAKE = statement(
    "WITH older AS (DELETE FROM invitations WHERE workspace_id = :workspace "
    "AND (user_id = :user OR expires_at <= :now)) "
    "INSERT INTO invitations (workspace_id, hash, user_id, created_at, expires_at) "
    "VALUES (:workspace, :hash, :user, :now, :expires)"
).bindparams(bindparam("expires", type_=UTC_TIME))


async def make_link(
    connection: AsyncConnection,
    workspace_id: UUID,
    user_id: UUID | None,
    *,
    lifetime: timedelta,
    now: datetime,
) -> str:
    """Make a link's token; earlier links of the same user end.

    Those of a first start go on, because each process that starts shows one of its own.
    """
    token = secrets.token_urlsafe(32)
    await connection.execute(
        _MAKE,
        {
            "workspace": workspace_id, "user": user_id, "hash": token_hash(token),
            "now": now, "expires": now + lifetime,
        },
    )  # fmt: skip
    return token


async def first_start_link(
    connection: AsyncConnection, workspace_id: UUID, now: datetime
) -> str | None:
    """The token that makes the first owner; None once an owner can sign in."""
    if await has_owner(connection, workspace_id):
        return None
    return await make_link(connection, workspace_id, None, lifetime=FIRST_START, now=now)


_FIND = statement(
    "SELECT i.workspace_id, i.user_id, u.email, coalesce(u.name, '') AS name, "
    "coalesce(u.role, 'owner') AS role "
    "FROM invitations i LEFT JOIN users u ON u.id = i.user_id "
    "WHERE i.hash = :hash AND i.expires_at > :now AND (i.user_id IS NOT NULL OR NOT EXISTS "
    "(SELECT FROM users o WHERE o.workspace_id = i.workspace_id AND o.role = 'owner' "
    "AND o.activated_at IS NOT NULL))"
)


async def find_link(connection: AsyncConnection, token: str, now: datetime) -> Link:
    """What the link is for; NotFound when it never was, was used, or is too old."""
    row = (await connection.execute(_FIND, {"hash": token_hash(token), "now": now})).first()
    if row is None:
        raise NotFound(
            "This link is not valid any more: it was used, or is too old. Ask for a new one."
        )
    return Link(**row._mapping)  # noqa: SLF001  (a public name of SQLAlchemy)


async def take_up(
    connection: AsyncConnection,
    token: str,
    *,
    email: str | None,
    name: str,
    password_hash: str,
    now: datetime,
) -> UserRecord:
    """Use the link: the user gets this name and password, and older sessions end.

    NotFound when the link is not valid, InvalidInput when the address is not the invited one.
    """
    link = await find_link(connection, token, now)
    # Of two who use links of a first start at once, the second finds the first one's user.
    await lock_users(connection, link.workspace_id)
    link = await find_link(connection, token, now)
    if link.user_id is None:
        user_id = await _first_owner(connection, link, email, now)
    else:
        if email is not None and email != link.email:
            issue = Issue("$.email", f"must be {link.email}, or left out")
            raise InvalidInput("This link was made for another address.", [issue])
        user_id = link.user_id
    await connection.execute(
        statement(
            "WITH used AS (DELETE FROM invitations WHERE workspace_id = :workspace "
            "AND (hash = :hash OR user_id = :user)) "
            "UPDATE users SET name = :name, password_hash = :password, last_seen_at = :now, "
            "activated_at = coalesce(activated_at, :now) WHERE id = :user"
        ),
        {
            "workspace": link.workspace_id, "hash": token_hash(token), "user": user_id,
            "name": name, "password": password_hash, "now": now,
        },
    )  # fmt: skip
    await end_sessions(connection, user_id)
    user = await find_user(connection, link.workspace_id, user_id)
    assert user is not None
    return user


async def _first_owner(
    connection: AsyncConnection, link: Link, email: str | None, now: datetime
) -> UUID:
    if email is None:
        issue = Issue("$.email", "must be your mail address, by which you will sign in")
        raise InvalidInput("The first user needs an address.", [issue])
    known = await find_by_email(connection, email)
    if known is not None and known.workspace_id != link.workspace_id:
        raise Conflict("Somebody in another workspace has this address already.")
    if known is not None:
        # Invited before there was an owner; whoever holds this link decides on roles anyway.
        await connection.execute(
            text("UPDATE users SET role = 'owner' WHERE id = :id"), {"id": known.id}
        )
        return known.id
    await connection.execute(
        statement(
            "INSERT INTO users (workspace_id, id, email, name, role, created_at) "
            "VALUES (:workspace, :id, :email, '', 'owner', :now)"
        ),
        {"workspace": link.workspace_id, "id": (id_ := uuid4()), "email": email, "now": now},
    )
    return id_
