"""Whether this process is alive, and whether it can serve."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from sqlalchemy import text

from api.dependencies import BackendDep

READY_WITHIN = 2.0
"""Seconds the database has for the simplest of queries."""

router = APIRouter(tags=["operations"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive. Says nothing about the database, so that an outage there restarts nobody."""
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
async def readyz(backend: BackendDep) -> dict[str, str]:
    """Ready to serve: the database answers. 503 otherwise. Temporal is not needed for serving."""
    async with (
        asyncio.timeout(READY_WITHIN),
        backend.database.engine.connect() as connection,
    ):
        await connection.execute(text("SELECT 1"))
    return {"status": "ready"}
