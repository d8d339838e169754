"""What ties a contact to the world: the ids it is known by, its devices, its groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import AnySelect, records
from storage.tables import Device, Group, GroupMember, Identity

SHOWN = 200
"""Of each kind, at most."""


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """An id that leads to the contact: `user` or `anonymous`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A push token."""

    token: str
    platform: str | None
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A company, team or household that the contact is in."""

    group_id: str
    traits: dict[str, Any]
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Ties:
    """All of it for one contact."""

    identities: list[IdentityRecord]
    devices: list[DeviceRecord]
    groups: list[GroupRecord]


async def contact_ties(connection: AsyncConnection, contact_id: UUID) -> Ties:
    """User ids before anonymous ones, the device seen last and the group joined last first."""
    identities: AnySelect = (
        select(col(Identity.kind), col(Identity.value))
        .where(col(Identity.contact_id) == contact_id)
        .order_by(col(Identity.kind).desc(), col(Identity.value))
    )
    devices: AnySelect = (
        select(
            col(Device.token),
            col(Device.platform),
            col(Device.created_at),
            col(Device.last_seen_at),
        )
        .where(col(Device.contact_id) == contact_id)
        .order_by(col(Device.last_seen_at).desc(), col(Device.token))
    )
    groups: AnySelect = (
        select(col(Group.group_id), col(Group.traits), col(GroupMember.joined_at))
        .join(
            GroupMember,
            (col(GroupMember.workspace_id) == col(Group.workspace_id))
            & (col(GroupMember.group_id) == col(Group.group_id)),
        )
        .where(col(GroupMember.contact_id) == contact_id)
        .order_by(col(GroupMember.joined_at).desc(), col(Group.group_id))
    )
    return Ties(
        records((await connection.execute(identities.limit(SHOWN))).all(), IdentityRecord),
        records((await connection.execute(devices.limit(SHOWN))).all(), DeviceRecord),
        records((await connection.execute(groups.limit(SHOWN))).all(), GroupRecord),
    )
