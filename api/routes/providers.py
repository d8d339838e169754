"""Accounts with the providers that deliver messages."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import WorkspaceId
from api.dependencies import BackendDep, Now, Transaction, transaction
from api.errors import unavailable
from api.management import ManagementRoute
from api.models.problem import ALWAYS, BODY, problems
from api.models.providers import (
    ProviderAnswer,
    ProviderCreate,
    ProviderKindAnswer,
    ProviderKinds,
    ProviderPage,
    ProviderSave,
    ProviderTestAnswer,
    ProviderTestRequest,
)
from api.models.values import Text
from api.paging import Paging
from channels.accounts import open_account, unseal
from channels.errors import TransientFailure
from channels.providers import PROVIDER_KINDS
from channels.registry import provider_context
from engine import provider_tests
from engine import providers as service
from journeys.errors import Conflict
from runtime.encryption import encryption_of
from storage.encryption import Encryption, NoKeyError, UndecipherableError
from storage.repositories import providers as repository
from storage.repositories.providers import ProviderRecord

router = APIRouter(
    prefix="/v1/providers", tags=["providers"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(max_length=200, description="The account's id or kind.")]


def _answer(record: ProviderRecord, encryption: Encryption) -> ProviderAnswer:
    known = PROVIDER_KINDS.get(record.kind)
    fields = known.settings.secret_fields() if known else frozenset()
    try:
        present, readable = set(unseal(encryption, record)), True
    except (UndecipherableError, NoKeyError):
        present, readable = set(), False
    return ProviderAnswer.model_validate(
        {
            **{name: getattr(record, name) for name in ProviderRecord.__dataclass_fields__},
            "secrets": {name: name in present for name in sorted(fields)},
            "readable": readable,
        }
    )


@router.get("", summary="List accounts")
async def list_providers(
    connection: Transaction, backend: BackendDep, workspace: WorkspaceId, page: Paging
) -> ProviderPage:
    """The newest first. Secrets are not answered, only which of them are set."""
    found = await repository.list_providers(connection, workspace, page)
    return ProviderPage.of(found, lambda record: _answer(record, encryption_of(backend.settings)))


@router.get("/kinds", summary="List the kinds of provider")
async def list_kinds(_: WorkspaceId) -> ProviderKinds:
    """What each delivers, and the schema of its settings."""
    return ProviderKinds(
        data=[
            ProviderKindAnswer(
                kind=name,
                channel=kind.channel,
                beside=sorted(kind.beside),
                secrets=sorted(kind.settings.secret_fields()),
                settings_schema=kind.settings.model_json_schema(),
            )
            for name, kind in PROVIDER_KINDS.items()
        ]
    )


@router.post("", status_code=201, summary="Add an account", responses=BODY | problems(409))
async def create_provider(
    connection: Transaction,
    backend: BackendDep,
    workspace: WorkspaceId,
    now: Now,
    body: ProviderCreate,
) -> ProviderAnswer:
    """Its secrets are stored encrypted. A workspace has one account of each kind."""
    saved = service.Saved(body.settings, body.rate_per_second, body.enabled)
    record = await service.create_provider(
        connection, encryption_of(backend.settings), workspace, body.kind, saved, now=now
    )
    return _answer(record, encryption_of(backend.settings))


@router.get("/{ref}", summary="Read an account", responses=problems(404))
async def get_provider(
    connection: Transaction, backend: BackendDep, workspace: WorkspaceId, ref: Ref
) -> ProviderAnswer:
    """The account with this id or of this kind."""
    return _answer(
        await service.get_provider(connection, workspace, ref), encryption_of(backend.settings)
    )


@router.put("/{ref}", summary="Save an account", responses=BODY | problems(404, 409))
async def put_provider(
    connection: Transaction,
    backend: BackendDep,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: ProviderSave,
) -> ProviderAnswer:
    """Replace the settings; a secret that is left out is kept.

    Where the account is led to another server, its secrets must be given again.
    """
    saved = service.Saved(body.settings, body.rate_per_second, body.enabled)
    record = await service.save_provider(
        connection, encryption_of(backend.settings), workspace, ref, saved, now=now
    )
    return _answer(record, encryption_of(backend.settings))


@router.delete("/{ref}", status_code=204, summary="Remove an account", responses=problems(404))
async def delete_provider(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> None:
    """Messages of its channel fail from now on, unless something else delivers them."""
    await service.delete_provider(connection, workspace, ref)


@router.post("/{ref}/test", summary="Send a test", responses=BODY | problems(404, 409))
async def test_provider(
    backend: BackendDep, workspace: WorkspaceId, ref: Ref, body: ProviderTestRequest
) -> ProviderTestAnswer:
    """Really send by this account, whether or not it is switched on, and say what it answered.

    To an address, or to a contact (all of its devices, for push). Nothing of it is stored.
    """
    async with transaction(backend) as connection:
        record = await service.get_provider(connection, workspace, ref)
        if body.user_id is not None:
            recipient = await provider_tests.recipient_by_user_id(
                connection, workspace, body.user_id
            )
        else:
            recipient = provider_tests.recipient_by_address(record.channel, body.to or "")
    context = provider_context(backend.settings)
    try:
        channel = open_account(encryption_of(backend.settings), record, context)
    except TransientFailure as failure:
        raise Conflict(f"The account cannot be used: {failure.reason}.") from None
    try:
        async with asyncio.timeout(backend.settings.request_timeout):
            results = await provider_tests.send_provider_test(
                channel, workspace, recipient, field="userId" if body.user_id else "to"
            )
    except TimeoutError:
        raise unavailable(f"The provider {record.kind} did not answer in time.") from None
    finally:
        await channel.close()
    return ProviderTestAnswer.model_validate({"data": results}, from_attributes=True)
