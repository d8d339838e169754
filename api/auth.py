"""Who calls: keys, as the Basic user name (Segment's way) or a Bearer token, or a user's session.

A `secret` key may do everything in its workspace, a `write` key may only ingest, a user what the
role allows. Where a request has both a key and a session, the key counts.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from api.dependencies import Backend, BackendDep, Caller
from api.errors import Problem
from api.sessions import SIGNED_OUT, user_caller
from api.transactions import reconnecting
from engine.keys import KnownKey, find_key, note_use

CHALLENGE = {"WWW-Authenticate": 'Basic realm="sojourn", charset="UTF-8", Bearer'}


def key_in_header(request: Request) -> str | None:
    """The key of the Authorization header, or None when there is no such header."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value:
        return value
    if scheme.lower() == "basic":
        try:
            user, _, _ = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = ""
        if user:
            return user
    raise Problem(
        401,
        "The Authorization header must be `Basic base64(key:)` or `Bearer key`.",
        headers=CHALLENGE,
    )


async def identify_caller(backend: Backend, key: str | None) -> Caller:
    """The workspace of this key; 401 when there is none, so revoking works at once."""
    if key is None:
        raise Problem(
            401,
            "A key is needed: as the Basic user name, or as `Authorization: Bearer <key>`.",
            headers=CHALLENGE,
        )
    async with asyncio.timeout(backend.settings.request_timeout):
        known = await reconnecting(lambda: _look_up(backend, key))
    if known is None:
        raise Problem(401, "This key is unknown or was revoked.", headers=CHALLENGE)
    return Caller(known.workspace_id, known.id, known.kind, known.name)


async def _look_up(backend: Backend, key: str) -> KnownKey | None:
    async with backend.database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        known = await find_key(connection, key)
        if known is not None and known.stale:
            await note_use(connection, known.id, datetime.now(UTC))
        return known


async def _any_key(request: Request, backend: BackendDep) -> Caller:
    return await identify_caller(backend, key_in_header(request))


WriteCaller = Annotated[Caller, Depends(_any_key)]
"""Whoever may ingest: a write key or a secret one."""


async def _manager(request: Request, backend: BackendDep) -> Caller:
    key = key_in_header(request)
    if key is None:
        signed_in = await user_caller(request, backend)
        if signed_in is not None:
            return signed_in
        if "sec-fetch-mode" in request.headers:
            raise Problem(401, "You are not signed in.", headers=SIGNED_OUT)
    caller = await identify_caller(backend, key)
    if caller.kind != "secret":
        raise Problem(
            403, "A write key can only ingest; this call needs a secret key.", headers=CHALLENGE
        )
    request.state.key = caller
    return caller


SecretCaller = Annotated[Caller, Depends(_manager)]
"""Whoever may make this call: with a secret key, or as a user whose role allows it."""


async def _workspace(caller: SecretCaller) -> UUID:
    return caller.workspace_id


WorkspaceId = Annotated[UUID, Depends(_workspace)]
"""The workspace of the secret key, or of the user, that this call was made with."""


async def _caller_name(caller: SecretCaller) -> str:
    return caller.name


CallerName = Annotated[str, Depends(_caller_name)]
"""What the user or the key that makes this call is called."""
