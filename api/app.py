"""The API as an application: routes, errors, metrics, and what runs beside it.

It starts and serves whether or not Temporal or PostgreSQL can be reached: connections are made when
they are needed, and their failure is a 503 that goes away by itself.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from api import errors, health, metrics
from api.audit import Audit
from api.body_limit import BodyLimit
from api.cors import IngestCors
from api.dependencies import Backend
from api.routes import ROUTERS
from api.web_app import WebApp
from engine.app_messages.listening import LiveFeeds
from engine.tracking.recorder import Recorder
from engine.tracking.tokens import Tokens
from engine.wakeup import Wakeup
from runtime.builder import DIST
from runtime.encryption import encryption_of
from runtime.settings import Settings
from runtime.temporal_client import TemporalClient
from storage.database import Database

Service = Callable[[Backend], AbstractAsyncContextManager[Any]]
"""Something that lives as long as the application: entered at start, left at shutdown."""


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    wakeup: Wakeup | None = None,
    temporal: TemporalClient | None = None,
    services: Sequence[Service] = (),
) -> FastAPI:
    """The application.

    A `database` that is passed in stays the caller's to close. `services` are entered in
    order once the application starts, and left in reverse order.
    """
    pool = database or Database(settings.database_url, pool_size=settings.database_pool)
    wakeup = wakeup or Wakeup()
    backend = Backend(
        settings=settings,
        database=pool,
        wakeup=wakeup,
        temporal=temporal,
        feeds=LiveFeeds(pool),
        recorder=Recorder(pool, wakeup),
        tokens=Tokens.of(encryption_of(settings)),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if database is None:
                stack.push_async_callback(backend.database.close)
            stack.push_async_callback(backend.recorder.close)
            stack.push_async_callback(backend.feeds.close)
            for service in services:
                await stack.enter_async_context(service(backend))
            _spare_the_collector()
            yield

    app = FastAPI(title="Sojourn", version="1", lifespan=lifespan, openapi_url="/v1/openapi.json")
    app.state.backend = backend
    errors.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Audit)
    app.add_middleware(IngestCors)
    app.add_middleware(metrics.RequestMetrics)
    for router in (health.router, metrics.router, *ROUTERS):
        app.include_router(router)
    app.router.default = WebApp(settings.builder_dir or DIST, app.router.default)
    return app


def _spare_the_collector() -> None:
    """Take everything that was imported out of the garbage collector's sight.

    It lives as long as the process; looking through it again and again while batches come and go
    costs a quarter of the time that ingestion spends in Python.
    """
    gc.collect()
    gc.freeze()
