"""People who sign in: users, their sessions, their one-time links, and the tries to sign in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from storage.tables.base import Row, utc


class User(Row, table=True):
    """A person with a role in one workspace; signs in by a password, a company's login, or both."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'editor', 'viewer')", name="role"),
        Index("ix_users_oidc", "oidc_issuer", "oidc_subject", unique=True),
        Index("ix_users_workspace", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True)
    """In lower case; no two users of the installation share one."""
    name: str
    role: str
    password_hash: str | None = None
    oidc_issuer: str | None = None
    oidc_subject: str | None = None
    created_at: datetime = utc(now=True)
    activated_at: datetime | None = utc(nullable=True)
    """When the invitation was taken up; until then nobody signs in with it."""
    last_seen_at: datetime | None = utc(nullable=True)


class UserSession(Row, table=True):
    """A browser that is signed in, by the SHA-256 of the token in its cookie."""

    __tablename__ = "user_sessions"

    hash: bytes = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    created_at: datetime = utc()
    used_at: datetime = utc()
    expires_at: datetime = utc()
    """Moves on with use, up to `ends_at`."""
    ends_at: datetime = utc()


class Invitation(Row, table=True):
    """A one-time link, by the SHA-256 of its token: a first start, an invitation, a new password.

    Without a user it makes the first owner of a workspace.
    """

    __tablename__ = "invitations"

    hash: bytes = Field(primary_key=True)
    user_id: UUID | None = Field(
        default=None, foreign_key="users.id", ondelete="CASCADE", index=True
    )
    created_at: datetime = utc()
    expires_at: datetime = utc()


class SignInTries(SQLModel, table=True):
    """How often an account, or an address on the network, tried to sign in since `begun_at`."""

    __tablename__ = "sign_in_tries"

    hash: bytes = Field(primary_key=True)
    begun_at: datetime = utc()
    tries: int
