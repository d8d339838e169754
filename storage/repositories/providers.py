"""Accounts with providers. What is secret of them leaves here as it is stored: encrypted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import (
    Page,
    PageRequest,
    Position,
    cut,
    newest_first,
    record_or_none,
    records,
)
from storage.repositories.refs import Lock, as_uuid, locked
from storage.tables import Provider, Workspace


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """An account."""

    id: UUID
    workspace_id: UUID
    channel: str
    kind: str
    settings: dict[str, Any]
    secrets: bytes | None
    rate_per_second: float | None
    enabled: bool
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """An enabled account as a message knows it: enough to tell whether what is open is the same."""

    id: UUID
    kind: str
    revision: int


_COLUMNS: tuple[Any, ...] = tuple(
    getattr(Provider, name) for name in ProviderRecord.__dataclass_fields__
)


async def list_providers(
    connection: AsyncConnection, workspace_id: UUID, page: PageRequest
) -> Page[ProviderRecord]:
    """The workspace's accounts, newest first."""
    found = newest_first(
        select(*_COLUMNS).where(col(Provider.workspace_id) == workspace_id),
        col(Provider.created_at),
        col(Provider.id),
        page,
    )
    rows = (await connection.execute(found)).all()
    return cut(records(rows, ProviderRecord), page, lambda one: Position(one.created_at, one.id))


async def find_provider(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> ProviderRecord | None:
    """The account with this id or of this kind."""
    id_ = as_uuid(ref)
    named = col(Provider.id) == id_ if id_ else col(Provider.kind) == ref
    statement = select(*_COLUMNS).where(col(Provider.workspace_id) == workspace_id, named)
    row = (await connection.execute(locked(statement, lock))).one_or_none()
    return record_or_none(row, ProviderRecord)


async def read_provider(connection: AsyncConnection, id_: UUID) -> ProviderRecord | None:
    """The account with this id, of whichever workspace."""
    row = (await connection.execute(select(*_COLUMNS).where(col(Provider.id) == id_))).one_or_none()
    return record_or_none(row, ProviderRecord)


async def hold_workspace(connection: AsyncConnection, workspace_id: UUID) -> None:
    """Let one transaction at a time change a workspace's accounts."""
    await connection.execute(
        select(col(Workspace.id))
        .where(col(Workspace.id) == workspace_id)
        .with_for_update(key_share=True)
    )


async def insert_provider(connection: AsyncConnection, record: ProviderRecord) -> None:
    """Add the account."""
    values = {name: getattr(record, name) for name in ProviderRecord.__dataclass_fields__}
    await connection.execute(insert(Provider).values(**values))


async def update_provider(connection: AsyncConnection, id_: UUID, **values: Any) -> None:
    """Change columns, and with them the revision."""
    await connection.execute(
        update(Provider)
        .where(col(Provider.id) == id_)
        .values(revision=col(Provider.revision) + 1, **values)
    )


async def disable(
    connection: AsyncConnection, workspace_id: UUID, kinds: Sequence[str], *, now: datetime
) -> list[str]:
    """Switch off the accounts of these kinds, and say which were on."""
    changed = await connection.execute(
        update(Provider)
        .where(
            col(Provider.workspace_id) == workspace_id,
            col(Provider.kind).in_(kinds),
            col(Provider.enabled),
        )
        .values(enabled=False, revision=col(Provider.revision) + 1, updated_at=now)
        .returning(col(Provider.kind))
    )
    return sorted(changed.scalars())


async def delete_provider(connection: AsyncConnection, id_: UUID) -> None:
    """Remove the account."""
    await connection.execute(delete(Provider).where(col(Provider.id) == id_))


async def enabled_accounts(
    connection: AsyncConnection, workspace_id: UUID, channel: str
) -> list[Account]:
    """Those that deliver the channel, by kind."""
    statement = (
        select(col(Provider.id), col(Provider.kind), col(Provider.revision))
        .where(
            col(Provider.workspace_id) == workspace_id,
            col(Provider.channel) == channel,
            col(Provider.enabled),
        )
        .order_by(col(Provider.kind))
    )
    return [Account(*row) for row in (await connection.execute(statement)).all()]


async def served_channels(connection: AsyncConnection, workspace_id: UUID) -> dict[str, list[str]]:
    """The channels that enabled accounts deliver, each with the kinds."""
    statement = (
        select(col(Provider.channel), func.array_agg(col(Provider.kind)).label("kinds"))
        .where(col(Provider.workspace_id) == workspace_id, col(Provider.enabled))
        .group_by(col(Provider.channel))
    )
    rows = (await connection.execute(statement)).all()
    return {channel: sorted(kinds) for channel, kinds in rows}


async def sealed_page(
    connection: AsyncConnection, after: UUID | None, limit: int
) -> list[tuple[UUID, bytes]]:
    """What is stored encrypted, of all workspaces, in the order of ids; the rows are locked."""
    statement = (
        select(col(Provider.id), col(Provider.secrets))
        .where(
            col(Provider.secrets).is_not(None),
            col(Provider.id) > after if after else literal(True),
        )
        .order_by(col(Provider.id))
        .limit(limit)
        .with_for_update(key_share=True)
    )
    rows = (await connection.execute(statement)).all()
    return [(id_, secrets) for id_, secrets in rows if secrets is not None]


async def replace_sealed(connection: AsyncConnection, sealed: Mapping[UUID, bytes]) -> None:
    """Store the same secrets, encrypted anew; the accounts did not change."""
    await connection.execute(
        text(
            "UPDATE providers p SET secrets = n.secrets"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:secrets AS bytea[])) AS n(id, secrets)"
            " WHERE p.id = n.id"
        ),
        {"ids": list(sealed), "secrets": list(sealed.values())},
    )
