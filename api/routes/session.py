"""The session of a browser: begun with a password, looked at, ended; and the user's own account."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.csrf import refuse_other_sites
from api.dependencies import Backend, BackendDep, Now, Transaction, transaction
from api.errors import Problem
from api.management import ManagementRoute
from api.models.problem import ALWAYS, BODY, problems
from api.models.users import OwnChange, SessionAnswer, SessionUserAnswer, SignIn
from api.sessions import SessionToken, SessionUser, take_cookie_back
from api.signing_in import NO_STORE, begin_session, client_address, session_answer
from channels.addresses import mail_address
from engine.users import accounts, passwords, tries
from engine.users.sessions import end_session
from journeys.errors import InvalidInput, Issue
from storage.repositories.users import UserRecord, find_by_email

router = APIRouter(
    prefix="/v1/session", tags=["signing in"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("", summary="Who is signed in")
async def get_session(
    connection: Transaction, user: SessionUser, token: SessionToken, response: Response
) -> SessionAnswer:
    """401 when nobody is. A key does not serve here."""
    response.headers.update(NO_STORE)
    who = SessionUserAnswer(id=user.user_id, email=user.email, name=user.name, role=user.role)
    return await session_answer(connection, user.workspace_id, who, token)


@router.post("", summary="Sign in", responses=BODY | problems(409, 429))
async def sign_in(
    backend: BackendDep, request: Request, response: Response, body: SignIn, now: Now
) -> SessionAnswer:
    """Sets the session's cookie. 401 when address or password is wrong, whichever it is.

    After too many tries for one account, or from one network address: 429 with `Retry-After`.
    """
    refuse_other_sites(request, backend.settings)
    email = (mail_address(body.email) or body.email).lower()
    account, address = tries.of_account(email), tries.of_address(client_address(request))
    async with transaction(backend) as connection:
        wait = await tries.count_try(connection, [account, address], now)
        user = await find_by_email(connection, email) if wait is None else None
    if wait is not None:
        raise _too_many(wait)
    user, found = await _compared(user, body.password)
    if user is None:
        raise Problem(401, "The address or the password is wrong.")
    async with transaction(backend) as connection:
        await tries.forgive(connection, account, address)
        if found.renewed and await accounts.renew_hash(
            connection, user.id, old=user.password_hash, new=found.renewed
        ):
            user = await accounts.user_of(connection, user.workspace_id, user.id)
        token = await begin_session(connection, backend, user, request, response, now=now)
        who = SessionUserAnswer.model_validate(user)
        return await session_answer(connection, user.workspace_id, who, token)


@router.delete("", status_code=204, summary="Sign out")
async def sign_out(
    connection: Transaction, backend: BackendDep, request: Request, response: Response,
    user: SessionUser, token: SessionToken,
) -> None:  # fmt: skip
    """The session is over from now on; the user's other ones go on."""
    del user
    await end_session(connection, token)
    take_cookie_back(request, response, backend.settings)


@router.patch("/user", summary="Change your name or password", responses=BODY | problems(409, 429))
async def change_own(
    backend: BackendDep, request: Request, response: Response, body: OwnChange,
    signed_in: SessionUser, token: SessionToken, now: Now,
) -> SessionAnswer:  # fmt: skip
    """A new password ends all sessions but this one, which gets another cookie and CSRF token."""
    new_hash = await _new_hash(backend, signed_in.email, body, request, now)
    async with transaction(backend) as connection:
        user = await accounts.change_user(
            connection, signed_in.workspace_id, signed_in.user_id, name=body.name
        )
        if new_hash is not None:
            await accounts.set_password(connection, user.id, new_hash)
            user = await accounts.user_of(connection, user.workspace_id, user.id)
            token = await begin_session(connection, backend, user, request, response, now=now)
        response.headers.update(NO_STORE)
        who = SessionUserAnswer.model_validate(user)
        return await session_answer(connection, user.workspace_id, who, token)


async def _new_hash(
    backend: Backend, email: str, body: OwnChange, request: Request, now: Now
) -> str | None:
    """The hash of the new password, if one is given and the old one is right."""
    if body.password is None:
        return None
    account, address = tries.of_account(email), tries.of_address(client_address(request))
    async with transaction(backend) as connection:
        wait = await tries.count_try(connection, [account, address], now)
        user = await find_by_email(connection, email)
    if wait is not None:
        raise _too_many(wait)
    user, _ = await _compared(user, body.current_password or "")
    if user is None:
        issue = Issue("$.current_password", "must be the password that you have now")
        raise InvalidInput("This is not your present password.", [issue])
    async with transaction(backend) as connection:
        await tries.forgive(connection, account, address)
    return await passwords.hash_of(body.password)


async def _compared(
    user: UserRecord | None, password: str
) -> tuple[UserRecord | None, passwords.Comparison]:
    """The user, if the password is theirs; takes as long when there is no such user."""
    usable = user if user is not None and user.activated_at is not None else None
    found = await passwords.compare(password, usable.password_hash if usable else None)
    return (usable if found.right else None), found


def _too_many(wait: int) -> Problem:
    return Problem(
        429,
        f"Too many tries to sign in; the next one may be made in {-(-wait // 60)} minutes.",
        headers={"Retry-After": str(wait)},
    )
