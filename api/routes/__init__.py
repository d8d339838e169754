"""The routes of the API. Each module has a `router`; one that is not listed here does not exist."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import data, imports, inbox, ingest, management

ROUTERS: tuple[APIRouter, ...] = (
    ingest.router,
    data.router,
    imports.router,
    *management.ROUTERS,
    inbox.router,
)
