"""The links in messages: leaving by one click, and choosing what to get.

The token in the address is all that a visitor needs, and mail programs follow links on their own:
so reading changes nothing, whoever does it.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from api.bodies import read_body
from api.dependencies import BackendDep, Now, Transaction, transaction
from api.errors import Problem
from api.preference_pages import Pages, language_of, no_such_link
from engine.consent import leaving
from engine.consent.links import Follower, find_follower

MAX_FORM = 64 * 1024
"""Bytes of a form: some hundred topics."""
MAX_FIELDS = 1000

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path(max_length=100)]


def _language(request: Request, follower: Follower | None) -> str:
    locale = follower.locale if follower else None
    return language_of(locale, request.headers.get("accept-language"))


@router.get("/unsubscribe/{token}")
async def ask(request: Request, connection: Transaction, token: Token) -> HTMLResponse:
    """Ask whether to unsubscribe: whoever only looks, or looks ahead, changes nothing."""
    follower = await find_follower(connection, token)
    if follower is None:
        return no_such_link(_language(request, None))
    return Pages(token, follower, _language(request, follower)).ask()


@router.post("/unsubscribe/{token}")
async def unsubscribe(
    request: Request, connection: Transaction, now: Now, token: Token
) -> HTMLResponse:
    """Unsubscribe at once, whatever the body says: the button of the page, or a mail program's."""
    follower = await find_follower(connection, token)
    if follower is None:
        return no_such_link(_language(request, None))
    if not follower.test and not follower.transactional:
        await leaving.unsubscribe(connection, follower, now=now)
    return Pages(token, follower, _language(request, follower)).left()


@router.get("/preferences/{token}")
async def choose(request: Request, connection: Transaction, token: Token) -> HTMLResponse:
    """What the contact gets, to be changed."""
    follower = await find_follower(connection, token)
    if follower is None:
        return no_such_link(_language(request, None))
    preferences = await leaving.preferences_of(connection, follower)
    return Pages(token, follower, _language(request, follower)).choices(preferences)


@router.post("/preferences/{token}")
async def save(request: Request, backend: BackendDep, now: Now, token: Token) -> HTMLResponse:
    """Save the form: the topics that are ticked, or nothing at all."""
    form = await _form(request)
    async with transaction(backend) as connection:
        follower = await find_follower(connection, token)
        if follower is None:
            return no_such_link(_language(request, None))
        pages = Pages(token, follower, _language(request, follower))
        if "all" in form:
            if not follower.test:
                await leaving.unsubscribe_from_all(connection, follower, now=now)
            return pages.left_all()
        if not follower.test:
            wanted = frozenset(form.get("topic", ()))
            await leaving.save_preferences(connection, follower, wanted, now=now)
        preferences = await leaving.preferences_of(connection, follower)
        return pages.choices(preferences, saved=True)


async def _form(request: Request) -> dict[str, list[str]]:
    body = await read_body(request, MAX_FORM)
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=MAX_FIELDS, keep_blank_values=True)
    except (UnicodeDecodeError, ValueError):
        raise Problem(400, "The form cannot be read.") from None
