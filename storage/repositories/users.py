"""Users, found by their id, their address, or the login of their company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import record_or_none, records
from storage.tables import User, Workspace


@dataclass(frozen=True, slots=True)
class UserRecord:
    """What is known of a user; `password_hash` never leaves the process."""

    workspace_id: UUID
    id: UUID
    email: str
    name: str
    role: str
    password_hash: str | None
    oidc_issuer: str | None
    oidc_subject: str | None
    created_at: datetime
    activated_at: datetime | None
    last_seen_at: datetime | None

    @property
    def state(self) -> str:
        """`active`, or `invited` as long as the invitation was not taken up."""
        return "active" if self.activated_at else "invited"


_COLUMNS: tuple[Any, ...] = (
    col(User.workspace_id),
    col(User.id),
    col(User.email),
    col(User.name),
    col(User.role),
    col(User.password_hash),
    col(User.oidc_issuer),
    col(User.oidc_subject),
    col(User.created_at),
    col(User.activated_at),
    col(User.last_seen_at),
)


async def list_users(connection: AsyncConnection, workspace_id: UUID) -> list[UserRecord]:
    """All users of the workspace, the oldest first."""
    statement = select(*_COLUMNS).where(col(User.workspace_id) == workspace_id)
    statement = statement.order_by(col(User.created_at), col(User.id))
    return records((await connection.execute(statement)).all(), UserRecord)


async def find_user(
    connection: AsyncConnection, workspace_id: UUID, user_id: UUID
) -> UserRecord | None:
    """The user of this workspace."""
    return await _find(connection, col(User.workspace_id) == workspace_id, col(User.id) == user_id)


async def find_by_email(connection: AsyncConnection, email: str) -> UserRecord | None:
    """Whoever has this address (in lower case), in whatever workspace."""
    return await _find(connection, col(User.email) == email)


async def find_by_login(
    connection: AsyncConnection, issuer: str, subject: str
) -> UserRecord | None:
    """Whoever a company's OpenID provider calls by this subject."""
    return await _find(
        connection, col(User.oidc_issuer) == issuer, col(User.oidc_subject) == subject
    )


async def has_owner(connection: AsyncConnection, workspace_id: UUID | None = None) -> bool:
    """Whether an owner can sign in: to this workspace, or to any."""
    active = [col(User.role) == "owner", col(User.activated_at).is_not(None)]
    if workspace_id is not None:
        active.append(col(User.workspace_id) == workspace_id)
    return bool(await connection.scalar(select(exists().where(*active))))


async def oldest_workspace(connection: AsyncConnection) -> UUID | None:
    """Where those go who name no workspace."""
    oldest = select(col(Workspace.id)).order_by(col(Workspace.created_at), col(Workspace.id))
    found: UUID | None = await connection.scalar(oldest.limit(1))
    return found


async def _find(connection: AsyncConnection, *where: ColumnElement[bool]) -> UserRecord | None:
    row = (await connection.execute(select(*_COLUMNS).where(*where))).first()
    return record_or_none(row, UserRecord)
