"""Who an app's call is for: the key, the user's id, and the proof where the workspace asks for it.

The id comes in the query or in the body. With a secret key, which no app has, nothing is to prove.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import identify_caller, key_in_header
from api.bodies import read_json
from api.dependencies import Backend, BackendDep, Caller
from api.errors import Problem, json_path
from api.models.app_messages import AppCall
from api.transactions import reconnecting, repeatable
from engine.app_messages.identity import Unproven, check_identity
from engine.ingest.items import Rejected
from engine.ingest.values import flaw, text_id
from journeys.errors import Issue
from storage.repositories.app_messages import Who

MAX_BODY = 8 * 1024
_Call = TypeVar("_Call", bound=AppCall)
_T = TypeVar("_T")
Work = Callable[[AsyncConnection], Awaitable[_T]]


@dataclass(frozen=True)
class AppUser:
    """Whom a call is for, and who makes it."""

    caller: Caller
    who: Who
    user_hash: str | None

    async def check(self, connection: AsyncConnection) -> None:
        """Raise a 403 problem when the caller may not speak for this user."""
        if self.caller.kind == "secret":
            return
        try:
            await check_identity(connection, self.who, self.user_hash)
        except Unproven as error:
            raise Problem(
                403, f"This workspace verifies identities: {error}.",
                issues=[Issue("$.userHash", str(error))],
            ) from None  # fmt: skip

    async def read(self, backend: Backend, work: Work[_T]) -> _T:
        """Check the identity and read, repeated once if the connection had been lost."""

        async def attempt() -> _T:
            async with backend.database.statements() as connection:
                await self.check(connection)
                return await work(connection)

        async with asyncio.timeout(backend.settings.request_timeout):
            return await reconnecting(attempt)

    async def write(self, backend: Backend, work: Work[_T]) -> _T:
        """Check the identity and write, in a transaction that is repeated where it must be."""

        async def checked(connection: AsyncConnection) -> _T:
            await self.check(connection)
            return await work(connection)

        return await repeatable(backend, checked)


def app_user(
    backend: Backend, caller: Caller, user_id: object, anonymous_id: object, user_hash: str | None
) -> AppUser:
    """The user that these ids name, userId first; counted against the limits."""
    try:
        user, anonymous = text_id(user_id, "userId"), text_id(anonymous_id, "anonymousId")
    except Rejected as error:
        issue = Issue(f"${error.path}", error.reason)
        raise Problem(422, f"{error.reason}.", issues=[issue]) from None
    for name, value in (("userId", user), ("anonymousId", anonymous), ("userHash", user_hash)):
        if value is not None and (why := flaw(value)):
            raise Problem(422, f"{name} {why}.", issues=[Issue(f"$.{name}", why)])
    kind, value = ("user", user) if user is not None else ("anonymous", anonymous)
    if value is None:
        raise Problem(
            422, "The call must say whose messages it is about.",
            issues=[Issue("$.userId", "give a userId, or an anonymousId")],
        )  # fmt: skip
    found = AppUser(caller, Who(caller.workspace_id, kind, value), user_hash)
    if caller.kind != "secret":
        backend.app_rates.check(found.who)
    return found


async def _asking(  # noqa: PLR0917  (a dependency)
    request: Request,
    backend: BackendDep,
    user_id: Annotated[str | None, Query(alias="userId")] = None,
    anonymous_id: Annotated[str | None, Query(alias="anonymousId")] = None,
    user_hash: Annotated[
        str | None,
        Query(alias="userHash", description="See verified identities in the documentation."),
    ] = None,
    write_key: Annotated[
        str | None,
        Query(alias="writeKey", description="A write key, where no header can be sent."),
    ] = None,
) -> AppUser:
    key = key_in_header(request)
    caller = await identify_caller(backend, key if key is not None else write_key)
    if key is None and caller.kind == "secret":
        raise Problem(401, "A secret key does not belong into an address: send it in a header.")
    return app_user(backend, caller, user_id, anonymous_id, user_hash)


AppUserDep = Annotated[AppUser, Depends(_asking)]
"""Whom a call without a body is for."""


async def read_call(
    request: Request, backend: Backend, model: type[_Call]
) -> tuple[AppUser, _Call]:
    """The body of a call, and whom it is for."""
    key = key_in_header(request)
    caller = await identify_caller(backend, key) if key is not None else None
    body = await read_json(request, MAX_BODY)
    try:
        call = model.model_validate(body.data)
    except ValidationError as error:
        issues = [Issue(json_path(("body", *one["loc"])), one["msg"]) for one in error.errors()]
        raise Problem(422, "The body does not fit what is expected here.", issues=issues) from None
    if caller is None:
        caller = await identify_caller(backend, call.write_key)
    return app_user(backend, caller, call.user_id, call.anonymous_id, call.user_hash), call
