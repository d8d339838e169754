"""Signing in through a company's OpenID provider: two redirects, with the provider in between.

Browsers come here themselves, so what goes wrong is told on the sign-in page: it is opened with
`?problem=` and a short code.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from api.dependencies import Backend, BackendDep, Now, transaction
from api.errors import Problem
from api.models.problem import problems
from api.models.values import Text
from api.oidc import FLOW_SECONDS, Flow, OidcError, Provider, new_flow
from api.sessions import is_secure
from api.signing_in import NO_STORE, begin_session, public_base
from engine.users.company_logins import Identity, user_of_identity
from storage.repositories.users import UserRecord, oldest_workspace

PATH = "/v1/sign-in/oidc"
COOKIE = "sojourn_oidc"
log = structlog.get_logger(__name__)

router = APIRouter(prefix=PATH, tags=["signing in"], responses=problems(404, 503))


@router.get(
    "", summary="Go to the company's sign-in page", status_code=303,
    response_class=RedirectResponse,
)  # fmt: skip
async def begin(
    backend: BackendDep,
    request: Request,
    then: Annotated[
        Text, Query(alias="next", max_length=2000, description="Where to go afterwards.")
    ] = "/",
) -> RedirectResponse:
    """404 when no provider is set up."""
    provider = _provider(backend)
    flow = new_flow(then if _is_own_page(then) else "/")
    try:
        url = await provider.authorization_url(flow, _callback(request, backend))
    except OidcError as error:
        return _failed(error)
    answer = RedirectResponse(url, 303, headers=NO_STORE)
    # Lax: the provider sends the browser back by a link, which carries such cookies.
    answer.set_cookie(
        COOKIE, provider.seal(flow), max_age=FLOW_SECONDS, path=PATH,
        secure=is_secure(request, backend.settings), httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


@router.get(
    "/callback", summary="Come back from it", status_code=303, response_class=RedirectResponse
)
async def come_back(
    backend: BackendDep,
    request: Request,
    now: Now,
    code: Annotated[Text | None, Query(max_length=4000)] = None,
    state: Annotated[Text | None, Query(max_length=200)] = None,
    error: Annotated[Text | None, Query(max_length=200)] = None,
) -> RedirectResponse:
    """Signs in, and goes on to the page that was wanted. The provider sends browsers here."""
    provider = _provider(backend)
    try:
        flow = provider.unseal(request.cookies.get(COOKIE), state)
        identity = await provider.identify(flow, code, error, _callback(request, backend))
        answer = await _sign_in(backend, request, identity, flow, now)
    except OidcError as failure:
        answer = _failed(failure)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


async def _sign_in(
    backend: Backend, request: Request, identity: Identity, flow: Flow, now: datetime
) -> RedirectResponse:
    answer = RedirectResponse(flow.next, 303, headers=NO_STORE)
    async with transaction(backend) as connection:
        workspace = await oldest_workspace(connection)
        role = backend.settings.oidc_default_role
        newcomers = (workspace, role) if workspace and role else None
        user: UserRecord | None = await user_of_identity(
            connection, identity, newcomers=newcomers, now=now
        )
        if user is None:
            raise OidcError("not_invited", "nobody invited this address")
        await begin_session(connection, backend, user, request, answer, now=now)
    return answer


def _provider(backend: Backend) -> Provider:
    if backend.settings.oidc_issuer is None:
        raise Problem(404, "No OpenID provider is set up here; sign in with a password.")
    return Provider(backend.settings)


def _callback(request: Request, backend: Backend) -> str:
    return f"{public_base(request, backend.settings)}{PATH}/callback"


def _is_own_page(address: str) -> bool:
    """Whether this is a path of ours, which no browser takes for another site."""
    parts = urlsplit(address)
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
        and not any(ord(one) <= 32 or one == "\\" for one in address)
    )


def _failed(error: OidcError) -> RedirectResponse:
    log.warning("sign-in through the provider failed", problem=error.code, reason=str(error))
    return RedirectResponse(f"/sign-in?problem={error.code}", 303, headers=NO_STORE)
