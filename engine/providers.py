"""A workspace's accounts with providers: saved with their credentials encrypted, and tested.

Of the kinds that deliver the same channel one is on at a time, so that it is never a question by
which account a message goes; switching one on switches the other off in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.accounts import seal, unseal
from channels.provider_settings import ProviderSettings
from channels.providers import PROVIDER_KINDS, ProviderKind
from journeys.errors import Conflict, InvalidInput, Issue, NotFound
from storage.encryption import HOW, Encryption, UndecipherableError
from storage.repositories import providers as repository
from storage.repositories.providers import ProviderRecord
from storage.repositories.refs import Lock

PAGE = 200


@dataclass(frozen=True)
class Saved:
    """What a caller wants of an account. A secret that is left out stays as it is."""

    settings: Mapping[str, Any]
    rate_per_second: float | None = None
    enabled: bool = True


async def get_provider(
    connection: AsyncConnection, workspace_id: UUID, ref: str, *, lock: Lock | None = None
) -> ProviderRecord:
    """The account with this id or of this kind. Raises NotFound."""
    found = await repository.find_provider(connection, workspace_id, ref, lock=lock)
    if found is None:
        raise NotFound(f"There is no account {ref!r} in this workspace.")
    return found


async def create_provider(
    connection: AsyncConnection,
    encryption: Encryption,
    workspace_id: UUID,
    kind: str,
    saved: Saved,
    *,
    now: datetime,
) -> ProviderRecord:
    """Store an account.

    Raises InvalidInput when the settings are wrong, Conflict when there is one of this kind or the
    installation cannot encrypt.
    """
    described = _kind(kind)
    settings = _read(described, saved.settings)
    id_ = uuid4()
    await repository.hold_workspace(connection, workspace_id)
    record = ProviderRecord(
        id=id_,
        workspace_id=workspace_id,
        channel=described.channel,
        kind=kind,
        settings=settings.open_values(),
        secrets=_seal(encryption, workspace_id, id_, settings),
        rate_per_second=saved.rate_per_second,
        enabled=saved.enabled,
        revision=1,
        created_at=now,
        updated_at=now,
    )
    if saved.enabled:
        await _switch_off_rivals(connection, workspace_id, kind, now)
    try:
        async with connection.begin_nested():
            await repository.insert_provider(connection, record)
    except IntegrityError:
        raise Conflict(f"There is an account of the kind {kind!r} already; change that.") from None
    return record


async def save_provider(
    connection: AsyncConnection,
    encryption: Encryption,
    workspace_id: UUID,
    ref: str,
    saved: Saved,
    *,
    now: datetime,
) -> ProviderRecord:
    """Replace an account's settings; secrets that are left out are kept.

    Where an account is led to another server, its secrets must be given anew: whoever may change
    a host must not thereby be handed the password.
    Raises NotFound, InvalidInput, Conflict.
    """
    await repository.hold_workspace(connection, workspace_id)
    present = await get_provider(connection, workspace_id, ref, lock="change")
    described = _kind(present.kind)
    given = dict(saved.settings)
    kept = described.settings.secret_fields() - given.keys()
    if kept and present.secrets is not None:
        secrets = _unseal(encryption, present)
        if _leads_elsewhere(described, present.settings, given):
            missing = sorted(kept & secrets.keys())
            if missing:
                raise InvalidInput(
                    "The account leads to another server now: give its secrets again.",
                    [Issue(f"$.settings.{name}", "is needed again") for name in missing],
                )
        given |= {name: value for name, value in secrets.items() if name in kept}
    # null takes a secret away
    settings = _read(described, given)
    changed = replace(
        present,
        settings=settings.open_values(),
        secrets=_seal(encryption, workspace_id, present.id, settings),
        rate_per_second=saved.rate_per_second,
        enabled=saved.enabled,
        revision=present.revision + 1,
        updated_at=now,
    )
    if saved.enabled:
        await _switch_off_rivals(connection, workspace_id, present.kind, now)
    await repository.update_provider(
        connection,
        present.id,
        settings=changed.settings,
        secrets=changed.secrets,
        rate_per_second=changed.rate_per_second,
        enabled=changed.enabled,
        updated_at=now,
    )
    return changed


async def delete_provider(connection: AsyncConnection, workspace_id: UUID, ref: str) -> None:
    """Remove an account. Raises NotFound."""
    await repository.hold_workspace(connection, workspace_id)
    present = await get_provider(connection, workspace_id, ref, lock="delete")
    await repository.delete_provider(connection, present.id)


async def renew_secrets(connection: AsyncConnection, encryption: Encryption) -> int:
    """Encrypt everything with the first key, and say how much was not yet.

    Raises UndecipherableError when no key opens something, NoKeyError.
    """
    renewed, after = 0, None
    while page := await repository.sealed_page(connection, after, PAGE):
        old = {id_: sealed for id_, sealed in page if not encryption.opens_with_first(sealed)}
        new = {id_: encryption.renew(sealed) for id_, sealed in old.items()}
        await repository.replace_sealed(connection, new)
        renewed += len(new)
        after = page[-1][0]
    return renewed


def _kind(kind: str) -> ProviderKind:
    found = PROVIDER_KINDS.get(kind)
    if found is None:
        issue = Issue("$.kind", f"must be one of {', '.join(sorted(PROVIDER_KINDS))}")
        raise InvalidInput(f"There is no provider {kind!r}.", [issue])
    return found


def _read(kind: ProviderKind, values: Mapping[str, Any]) -> ProviderSettings:
    try:
        return kind.settings.read(values)
    except ValidationError as error:
        issues = [
            Issue(".".join(("$.settings", *map(str, fault["loc"]))), fault["msg"])
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise InvalidInput("The settings of the account are not right.", issues) from None


def _seal(
    encryption: Encryption, workspace_id: UUID, id_: UUID, settings: ProviderSettings
) -> bytes | None:
    if not encryption.available:
        raise Conflict(f"This installation cannot keep credentials yet: {HOW}.")
    return seal(encryption, workspace_id, id_, settings)


def _unseal(encryption: Encryption, record: ProviderRecord) -> dict[str, Any]:
    if not encryption.available:
        raise Conflict(f"This installation cannot read credentials: {HOW}.")
    try:
        return unseal(encryption, record)
    except UndecipherableError:
        raise Conflict(
            "The stored secrets cannot be read with this installation's keys: give them again."
        ) from None


def _leads_elsewhere(
    kind: ProviderKind, present: Mapping[str, Any], given: Mapping[str, Any]
) -> bool:
    """Whether one of the fields by which the secrets are sent somewhere has changed."""
    fields = kind.settings.DESTINATION
    return any(present.get(name) != given.get(name, present.get(name)) for name in fields)


async def _switch_off_rivals(
    connection: AsyncConnection, workspace_id: UUID, kind: str, now: datetime
) -> None:
    described = PROVIDER_KINDS[kind]
    rivals = [
        name
        for name, other in PROVIDER_KINDS.items()
        if other.channel == described.channel and name != kind and name not in described.beside
    ]
    if rivals:
        await repository.disable(connection, workspace_id, rivals, now=now)
