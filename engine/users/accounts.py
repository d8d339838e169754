"""Users and their roles: invited, changed, removed. A workspace keeps at least one active owner."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.users.links import INVITATION, NEW_PASSWORD, make_link
from engine.users.locking import lock_users
from engine.users.roles import Role
from engine.users.sessions import end_sessions
from journeys.errors import Conflict, NotFound
from storage.repositories.users import UserRecord, find_by_email, find_user
from storage.sql import statement

_INVITE = statement(
    "INSERT INTO users (workspace_id, id, email, name, role, created_at) "
    "VALUES (:workspace, :id, :email, '', :role, :now) "
    "ON CONFLICT (email) DO UPDATE SET role = excluded.role "
    "WHERE users.workspace_id = excluded.workspace_id AND users.activated_at IS NULL RETURNING id"
)


async def invite(
    connection: AsyncConnection, workspace_id: UUID, email: str, role: Role, *, now: datetime
) -> tuple[UserRecord, str]:
    """Invite an address; returns the user and the token of the link to send.

    Inviting again gives a new link and ends the old one. Conflict when somebody active has the
    address.
    """
    await lock_users(connection, workspace_id)
    values = {"workspace": workspace_id, "id": uuid4(), "email": email, "role": role, "now": now}
    user_id = await connection.scalar(_INVITE, values)
    if user_id is None:
        raise Conflict(f"There is a user with the address {email} already.")
    token = await make_link(connection, workspace_id, user_id, lifetime=INVITATION, now=now)
    return await user_of(connection, workspace_id, user_id), token


async def new_link(
    connection: AsyncConnection, workspace_id: UUID, user_id: UUID, *, now: datetime
) -> tuple[UserRecord, str]:
    """A link by which the user sets a new password; for the invited, a new invitation."""
    user = await user_of(connection, workspace_id, user_id)
    lifetime = NEW_PASSWORD if user.activated_at else INVITATION
    return user, await make_link(connection, workspace_id, user.id, lifetime=lifetime, now=now)


async def user_of(connection: AsyncConnection, workspace_id: UUID, user_id: UUID) -> UserRecord:
    """The user; NotFound when there is no such one in this workspace."""
    user = await find_user(connection, workspace_id, user_id)
    if user is None:
        raise NotFound(f"There is no user {str(user_id)!r} in this workspace.")
    return user


async def user_named(connection: AsyncConnection, workspace_id: UUID, email: str) -> UserRecord:
    """The user with this address; NotFound when there is no such one in this workspace."""
    user = await find_by_email(connection, email)
    if user is None or user.workspace_id != workspace_id:
        raise NotFound(f"There is no user with the address {email} in this workspace.")
    return user


async def change_user(
    connection: AsyncConnection,
    workspace_id: UUID,
    user_id: UUID,
    *,
    role: Role | None = None,
    name: str | None = None,
) -> UserRecord:
    """Give the user another role or name. Another role ends the user's sessions."""
    await lock_users(connection, workspace_id)
    user = await user_of(connection, workspace_id, user_id)
    if role is not None and role != user.role:
        if role != "owner":
            await _keep_an_owner(connection, user)
        await end_sessions(connection, user_id)
    await connection.execute(
        text(
            "UPDATE users SET role = coalesce(:role, role), name = coalesce(:name, name) "
            "WHERE id = :id"
        ),
        {"role": role, "name": name, "id": user_id},
    )
    return await user_of(connection, workspace_id, user_id)


async def remove_user(connection: AsyncConnection, workspace_id: UUID, user_id: UUID) -> None:
    """Forget the user, with sessions and links."""
    await lock_users(connection, workspace_id)
    user = await user_of(connection, workspace_id, user_id)
    await _keep_an_owner(connection, user)
    await connection.execute(text("DELETE FROM users WHERE id = :id"), {"id": user_id})


async def set_password(connection: AsyncConnection, user_id: UUID, password_hash: str) -> None:
    """Store another password and sign the user out everywhere; open links end."""
    await connection.execute(
        text(
            "WITH links AS (DELETE FROM invitations WHERE user_id = :id) "
            "UPDATE users SET password_hash = :password WHERE id = :id"
        ),
        {"id": user_id, "password": password_hash},
    )
    await end_sessions(connection, user_id)


async def renew_hash(
    connection: AsyncConnection, user_id: UUID, *, old: str | None, new: str
) -> bool:
    """Store the same password as a newer kind of hash; False when it was changed meanwhile."""
    done = await connection.execute(
        text("UPDATE users SET password_hash = :new WHERE id = :id AND password_hash = :old"),
        {"id": user_id, "new": new, "old": old},
    )
    return done.rowcount == 1


async def _keep_an_owner(connection: AsyncConnection, user: UserRecord) -> None:
    if user.role != "owner" or user.activated_at is None:
        return
    another = await connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM users WHERE workspace_id = :workspace AND id <> :id "
            "AND role = 'owner' AND activated_at IS NOT NULL)"
        ),
        {"workspace": user.workspace_id, "id": user.id},
    )
    if not another:
        raise Conflict("This is the only owner; make somebody else an owner first.")
