from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import create_app
from channels.accounts import seal
from channels.providers import PROVIDER_KINDS
from engine.tracking.tokens import Tokens
from engine.wakeup import Wakeup
from runtime.settings import Settings
from storage.encryption import Encryption, new_key
from storage.repositories.providers import ProviderRecord, insert_provider
from tests.support.leaving import drop_workspace
from tests.support.quiet import quiet_others
from tests.support.scenario import Scenario

PUBLIC = "https://sojourn.example"
KEY = new_key()


@pytest.fixture
async def scenario(database, workspace_id) -> AsyncIterator[Scenario]:
    await quiet_others(database, workspace_id)
    yield Scenario(database, workspace_id)
    await drop_workspace(database, workspace_id)


@pytest.fixture
def tokens() -> Tokens:
    tokens = Tokens.of(Encryption([KEY]))
    assert tokens is not None
    return tokens


@pytest.fixture
def wakeup() -> Wakeup:
    return Wakeup()


@pytest.fixture
def app(database, wakeup) -> FastAPI:
    settings = Settings(encryption_keys=SecretStr(KEY), public_url=PUBLIC)
    return create_app(settings, database=database, wakeup=wakeup)


@pytest.fixture
async def web(app) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without cookies that follows no redirects."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url=PUBLIC,
        headers={
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        },
    ) as client:
        yield client
        await app.state.backend.recorder.close()


TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def account(scenario):
    async def made(kind, **values):
        settings = PROVIDER_KINDS[kind].settings.read(values)
        id_, now = uuid4(), datetime.now(UTC)
        record = ProviderRecord(
            id_, scenario.workspace_id, PROVIDER_KINDS[kind].channel, kind, settings.open_values(),
            seal(Encryption([KEY]), scenario.workspace_id, id_, settings), None, True, 1, now, now,
        )  # fmt: skip
        async with scenario.database.transaction() as connection:
            await insert_provider(connection, record)
        return id_

    return made


@pytest.fixture
async def twilio(account):
    return await account(
        "twilio", account_sid="AC" + "0" * 32, auth_token=TOKEN, sender="+15005550006"
    )
