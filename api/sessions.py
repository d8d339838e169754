"""The session cookie: read, set and taken back; and whom it belongs to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from structlog.contextvars import bind_contextvars

from api import csrf
from api.dependencies import Backend, BackendDep, Caller
from api.errors import Problem
from api.permissions import READING_METHODS, refusal
from api.transactions import reconnecting
from engine.users.sessions import Lifetime, SignedIn, find_session, note_use
from runtime.settings import Settings

COOKIE = "sojourn_session"
SIGNED_OUT = {"WWW-Authenticate": "Bearer"}
"""Not Basic: a browser would ask for a name and password of its own accord."""


def lifetime(settings: Settings) -> Lifetime:
    """How long sessions last."""
    return Lifetime(
        timedelta(hours=settings.session_idle_hours), timedelta(hours=settings.session_hours)
    )


def is_secure(request: Request, settings: Settings) -> bool:
    """Whether browsers reach this API over https."""
    by_setting = (settings.public_url or "").startswith("https://")
    return by_setting or request.url.scheme == "https"


def _cookie_name(request: Request, settings: Settings) -> str:
    # With this prefix browsers refuse a cookie that another host of the domain, or http, has set.
    return f"__Host-{COOKIE}" if is_secure(request, settings) else COOKIE


def session_token(request: Request, settings: Settings) -> str | None:
    """The token in the request's cookie."""
    return request.cookies.get(_cookie_name(request, settings)) or None


def set_cookie(request: Request, response: Response, settings: Settings, token: str) -> None:
    """Let the browser keep the token; whether it is still valid the server knows."""
    response.set_cookie(
        _cookie_name(request, settings), token, max_age=int(settings.session_hours * 3600),
        path="/", secure=is_secure(request, settings), httponly=True, samesite="lax",
    )  # fmt: skip


def take_cookie_back(request: Request, response: Response, settings: Settings) -> None:
    """Let the browser forget the token."""
    response.delete_cookie(
        _cookie_name(request, settings),
        path="/", secure=is_secure(request, settings), httponly=True, samesite="lax",
    )  # fmt: skip


async def whose_session(backend: Backend, token: str) -> SignedIn | None:
    """The user of a valid session; its use is noted now and then, so that it lasts on."""
    now = datetime.now(UTC)

    async def look_up() -> SignedIn | None:
        async with backend.database.statements() as connection:
            found = await find_session(connection, token, now)
            if found is not None and found.stale:
                await note_use(connection, token, lifetime=lifetime(backend.settings), now=now)
            return found

    async with asyncio.timeout(backend.settings.request_timeout):
        return await reconnecting(look_up)


async def user_caller(request: Request, backend: Backend) -> Caller | None:
    """The signed-in user who makes this request, if it carries a session at all.

    401 when the session is over, 403 when another site is behind the request or the user's role
    does not allow what it does.
    """
    token = session_token(request, backend.settings)
    if token is None:
        return None
    user = await whose_session(backend, token)
    if user is None:
        raise Problem(401, "Your session is over; please sign in again.", headers=SIGNED_OUT)
    request.state.user = user
    bind_contextvars(user_id=str(user.user_id))
    csrf.check(request, backend.settings, token)
    reason = refusal(user.role, request.method, request.scope["route"].path)
    if reason is not None:
        raise Problem(403, reason)
    return Caller(user.workspace_id, None, "user", user.name, user)


async def refuse_viewers(request: Request, backend: Backend) -> None:
    """On a route that needs no login: 403 for a user whose role would not allow it."""
    token = session_token(request, backend.settings)
    if token is None or request.method in READING_METHODS:
        return
    user = await whose_session(backend, token)
    reason = user and refusal(user.role, request.method, request.scope["route"].path)
    if reason:
        raise Problem(403, reason)


async def _signed_in(request: Request, backend: BackendDep) -> SignedIn:
    caller = await user_caller(request, backend)
    if caller is None or caller.user is None:
        raise Problem(401, "You are not signed in.", headers=SIGNED_OUT)
    return caller.user


SessionUser = Annotated[SignedIn, Depends(_signed_in)]
"""The signed-in user, for routes that a key cannot call."""


async def session_of(request: Request, backend: BackendDep) -> str:
    """The token of the request's session, which `SessionUser` found valid."""
    token = session_token(request, backend.settings)
    assert token is not None
    return token


SessionToken = Annotated[str, Depends(session_of)]
