"""The routes of the API. Each module has a `router`; one that is not listed here does not exist."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    app_inbox,
    data,
    hooks,
    imports,
    in_app,
    inbox,
    ingest,
    management,
    tracking,
    unsubscribe,
    verified_identities,
)

ROUTERS: tuple[APIRouter, ...] = (
    ingest.router,
    data.router,
    in_app.router,
    app_inbox.router,
    imports.router,
    *management.ROUTERS,
    verified_identities.router,
    tracking.router,
    hooks.router,
    unsubscribe.router,
    inbox.router,
)
