"""Who somebody is to whom a company's OpenID provider vouches: known, invited, or a newcomer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.users.roles import Role
from storage.repositories.users import UserRecord, find_by_email, find_by_login
from storage.sql import statement


@dataclass(frozen=True)
class Identity:
    """What the provider says. The address is verified, and in lower case."""

    issuer: str
    subject: str
    email: str
    name: str


async def user_of_identity(
    connection: AsyncConnection,
    identity: Identity,
    *,
    newcomers: tuple[UUID, Role] | None,
    now: datetime,
) -> UserRecord | None:
    """The user, who is active from now on; None when nobody invited this address.

    `newcomers`: the workspace and role of those who were not invited; None refuses them.
    """
    known = await find_by_login(connection, identity.issuer, identity.subject)
    if known is not None:
        return known
    if newcomers is not None:
        workspace_id, role = newcomers
        await connection.execute(
            statement(
                "INSERT INTO users (workspace_id, id, email, name, role, created_at) "
                "VALUES (:workspace, :id, :email, '', :role, :now) ON CONFLICT DO NOTHING"
            ),
            {
                "workspace": workspace_id, "id": uuid4(), "email": identity.email,
                "role": role, "now": now,
            },
        )  # fmt: skip
    # An address that belongs to somebody else at the same provider was given to another person.
    await connection.execute(
        statement(
            "WITH taken AS (UPDATE users SET oidc_issuer = :issuer, oidc_subject = :subject, "
            "activated_at = coalesce(activated_at, :now), "
            "name = CASE WHEN name = '' THEN :name ELSE name END "
            "WHERE email = :email AND oidc_issuer IS DISTINCT FROM :issuer RETURNING id) "
            "DELETE FROM invitations USING taken WHERE user_id = taken.id"
        ),
        {
            "issuer": identity.issuer, "subject": identity.subject, "email": identity.email,
            "name": identity.name, "now": now,
        },
    )  # fmt: skip
    user = await find_by_email(connection, identity.email)
    return user if user and user.oidc_subject == identity.subject else None
