"""Contacts, the ids they are known by, their devices and groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


class Contact(Row, table=True):
    """One person. Built-in traits have columns, all other ones live in `fields`."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("uq_contacts_user", "workspace_id", "user_id", unique=True),
        Index(
            "ix_contacts_lane",
            "workspace_id",
            text("((get_byte(uuid_send(id), 14) * 256 + get_byte(uuid_send(id), 15)) % 64)"),
            "id",
        ),
        Index("ix_contacts_page", "workspace_id", "created_at", "id"),
        Index("ix_contacts_id", "workspace_id", "id"),
        Index("ix_contacts_email", "workspace_id", text("lower(email)")),
        Index(
            "ix_contacts_phone",
            "workspace_id",
            "phone",
            postgresql_where=text("phone IS NOT NULL"),
        ),
        Index(
            "ix_contacts_fields",
            "fields",
            postgresql_using="gin",
            postgresql_ops={"fields": "jsonb_path_ops"},
        ),
    )

    id: UUID = Field(primary_key=True)
    user_id: str | None = None
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    locale: str | None = None
    fields: dict[str, Any] = jsonb()
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)
    last_seen_at: datetime | None = utc(nullable=True)


class Identity(Row, table=True):
    """Each id a contact is or was known by (its own, aliases, anonymous ones) leads to it."""

    __tablename__ = "identities"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(primary_key=True)
    """`user` or `anonymous`."""
    value: str = Field(primary_key=True)
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE", index=True)


class Device(Row, table=True):
    """A push token; it belongs to the contact that registered it last."""

    __tablename__ = "devices"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    token: str = Field(primary_key=True)
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE", index=True)
    platform: str | None = None
    created_at: datetime = utc(now=True)
    last_seen_at: datetime = utc(now=True)


class Group(Row, table=True):
    """A company, team or household (Segment's `group` call)."""

    __tablename__ = "groups"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    group_id: str = Field(primary_key=True)
    traits: dict[str, Any] = jsonb()
    updated_at: datetime = utc(now=True)


class GroupMember(Row, table=True):
    """A contact in a group."""

    __tablename__ = "group_members"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    group_id: str = Field(primary_key=True)
    contact_id: UUID = Field(
        foreign_key="contacts.id", ondelete="CASCADE", primary_key=True, index=True
    )
    joined_at: datetime = utc(now=True)
