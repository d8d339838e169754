"""The vocabulary of the routes: what a handler may ask for, as annotated types.

One request is one transaction: `Transaction` commits after the handler returned and *before* the
answer leaves, so a 2xx is only ever given for what is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from api.rates import AppRates
from engine.app_messages.listening import LiveFeeds
from engine.tracking.recorder import Recorder
from engine.tracking.tokens import Tokens
from engine.users.sessions import SignedIn
from engine.wakeup import Wakeup
from runtime.settings import Settings
from runtime.temporal_client import TemporalClient
from storage.database import Database


@dataclass(frozen=True)
class Backend:
    """What one API process works with."""

    settings: Settings
    database: Database
    wakeup: Wakeup
    """Set it after a commit that left work for the dispatcher."""
    temporal: TemporalClient | None
    """Connects at first use; None where the process needs none."""
    feeds: LiveFeeds
    """Who streams messages from this process."""
    recorder: Recorder
    """Of followed links and loaded pixels."""
    tokens: Tokens | None = None
    """What reads the links of messages; None while the installation has no key."""
    app_rates: AppRates = field(default_factory=AppRates)


def _backend(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend


BackendDep = Annotated[Backend, Depends(_backend)]


@asynccontextmanager
async def transaction(backend: Backend) -> AsyncIterator[AsyncConnection]:
    """A transaction bounded by what a request may spend; for requests that make more than one."""
    async with (
        asyncio.timeout(backend.settings.request_timeout),
        backend.database.transaction() as connection,
    ):
        yield connection


async def _transaction(backend: BackendDep) -> AsyncIterator[AsyncConnection]:
    async with transaction(backend) as connection:
        yield connection


Transaction = Annotated[AsyncConnection, Depends(_transaction, scope="function")]


def _now() -> datetime:
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(_now)]
"""The moment at which this request is handled."""


@dataclass(frozen=True)
class Caller:
    """Who calls: with a key of a workspace, or as a user who is signed in to it."""

    workspace_id: UUID
    key_id: UUID | None
    kind: str
    """`write` or `secret`, or `user`."""
    name: str
    """The key's or the user's."""
    user: SignedIn | None = None
