"""A stored account and what it holds in the clear: sealed for the database, opened to send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from channels.errors import TransientFailure
from channels.http_answers import RETRY_ACCOUNT
from channels.protocol import Channel
from channels.provider_settings import ProviderContext, ProviderSettings
from channels.providers import PROVIDER_KINDS
from storage.encryption import Encryption, NoKeyError, UndecipherableError
from storage.repositories.providers import ProviderRecord


def seal(
    encryption: Encryption, workspace_id: UUID, id_: UUID, settings: ProviderSettings
) -> bytes | None:
    """The secret settings, encrypted for this account alone; None where there are none.

    Raises NoKeyError.
    """
    secrets = settings.secret_values()
    if not secrets:
        return None
    return encryption.encrypt(orjson.dumps(secrets), _purpose(workspace_id, id_))


def unseal(encryption: Encryption, account: ProviderRecord) -> dict[str, Any]:
    """The secret settings in the clear. Raises UndecipherableError, NoKeyError."""
    if account.secrets is None:
        return {}
    opened = encryption.decrypt(account.secrets, _purpose(account.workspace_id, account.id))
    secrets: dict[str, Any] = orjson.loads(opened)
    return secrets


def open_account(
    encryption: Encryption, account: ProviderRecord, context: ProviderContext
) -> Channel:
    """The channel that the account delivers.

    Raises TransientFailure for what people repair: a lost key, settings that this release does not
    know. The messages wait for that.
    """
    kind = PROVIDER_KINDS.get(account.kind)
    if kind is None:
        raise TransientFailure(f"this process knows no provider {account.kind}", RETRY_ACCOUNT)
    try:
        secrets = unseal(encryption, account)
        return kind.open(kind.settings.read({**account.settings, **secrets}), context)
    except (UndecipherableError, NoKeyError) as error:
        raise TransientFailure(
            f"the credentials of {account.kind} cannot be read: {error}", RETRY_ACCOUNT
        ) from error
    except (ValidationError, ValueError):
        # Without the cause: its text would repeat what was stored.
        raise TransientFailure(
            f"the settings of {account.kind} do not fit this release; save them again",
            RETRY_ACCOUNT,
        ) from None


def _purpose(workspace_id: UUID, id_: UUID) -> str:
    return f"provider {workspace_id} {id_}"
