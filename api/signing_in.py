"""What every way of signing in ends with: a session, its cookie, and the answer about it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from api.dependencies import Backend
from api.errors import Problem
from api.models.users import SessionAnswer, SessionUserAnswer, SessionWorkspace
from api.sessions import lifetime, set_cookie
from engine.users.sessions import csrf_token, start_session
from runtime.settings import Settings
from storage.repositories.users import UserRecord
from storage.tables import Workspace

NO_STORE = {"Cache-Control": "no-store"}


def public_base(request: Request, settings: Settings) -> str:
    """Where browsers reach this API: as the setting says, or as this request did."""
    return settings.public_url or str(request.base_url).rstrip("/")


def client_address(request: Request) -> str:
    """The network address of the caller; behind a trusted proxy, of the proxy's caller."""
    return request.client.host if request.client else "unknown"


async def begin_session(
    connection: AsyncConnection,
    backend: Backend,
    user: UserRecord,
    request: Request,
    response: Response,
    *,
    now: datetime,
) -> str:
    """Start a session, put its cookie on the answer, and return its token."""
    token = await start_session(
        connection, user.id,
        role=user.role, password_hash=user.password_hash,
        lifetime=lifetime(backend.settings), now=now,
    )  # fmt: skip
    if token is None:
        raise Problem(409, "This account was changed at this very moment; please try again.")
    set_cookie(request, response, backend.settings, token)
    response.headers.update(NO_STORE)
    return token


async def session_answer(
    connection: AsyncConnection, workspace_id: UUID, user: SessionUserAnswer, token: str
) -> SessionAnswer:
    """What GET /v1/session says."""
    columns = (col(Workspace.id), col(Workspace.name), col(Workspace.timezone))
    row = (
        await connection.execute(select(*columns).where(col(Workspace.id) == workspace_id))
    ).one()
    return SessionAnswer(
        user=user,
        workspace=SessionWorkspace.model_validate(row),
        csrf_token=csrf_token(token),
    )
