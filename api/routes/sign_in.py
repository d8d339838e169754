"""Ways to sign in: which there are, one-time links, and a company's OpenID provider."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.csrf import refuse_other_sites
from api.dependencies import BackendDep, Now, Transaction, transaction
from api.management import ManagementRoute
from api.models.problem import BODY, problems
from api.models.users import (
    CompanyLogin,
    InvitationAnswer,
    SessionAnswer,
    SessionUserAnswer,
    SignInAnswer,
    TakeUp,
)
from api.models.values import Text
from api.signing_in import NO_STORE, begin_session, session_answer
from engine.users import links, passwords
from storage.repositories.users import has_owner

router = APIRouter(
    prefix="/v1", tags=["signing in"], route_class=ManagementRoute, responses=problems(422, 503),
    strict_content_type=False,
)  # fmt: skip
Token = Annotated[Text, Path(max_length=200, description="The last part of the link.")]


@router.get("/sign-in", summary="Ways to sign in")
async def ways(connection: Transaction, backend: BackendDep) -> SignInAnswer:
    """Open to all: what the sign-in page shows."""
    settings = backend.settings
    company = CompanyLogin(name=settings.oidc_name, url="/v1/sign-in/oidc")
    return SignInAnswer(
        password=True,
        oidc=company if settings.oidc_issuer else None,
        first_start=not await has_owner(connection),
    )


@router.get("/invitations/{token}", summary="Look at a one-time link", responses=problems(404))
async def get_invitation(
    connection: Transaction, token: Token, now: Now, response: Response
) -> InvitationAnswer:
    """Open to whoever has the link. 404 when it was used or is too old."""
    response.headers.update(NO_STORE)
    return InvitationAnswer.model_validate(await links.find_link(connection, token, now))


@router.post(
    "/invitations/{token}", summary="Use a one-time link", responses=BODY | problems(403, 404, 409)
)
async def take_up(
    backend: BackendDep, request: Request, response: Response, token: Token, body: TakeUp, now: Now
) -> SessionAnswer:
    """Sets name and password, ends older sessions, and signs in. The link is used up."""
    refuse_other_sites(request, backend.settings)
    async with transaction(backend) as connection:
        await links.find_link(connection, token, now)
    hashed = await passwords.hash_of(body.password)
    async with transaction(backend) as connection:
        user = await links.take_up(
            connection, token, email=body.email, name=body.name, password_hash=hashed, now=now
        )
        session = await begin_session(connection, backend, user, request, response, now=now)
        who = SessionUserAnswer.model_validate(user)
        return await session_answer(connection, user.workspace_id, who, session)
