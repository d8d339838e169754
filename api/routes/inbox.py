"""`/inbox`: what the local inbox caught, for people and (`/inbox/messages.json`) for tests.

There is no login, so it exists only where SOJOURN_INBOX_ENABLED says so: in `sojourn dev`. Who is
signed in as a viewer all the same changes nothing here either.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel

from api.dependencies import BackendDep, Transaction
from api.models.values import Text
from api.routes.inbox_page import CSP, MAIL_CSP, detail_page, list_page
from api.sessions import refuse_viewers
from storage.repositories.caught import Caught, find, forget, forget_all, newest

SHOWN = 200
"""Messages on the page."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def _enabled(request: Request, backend: BackendDep) -> None:
    if not backend.settings.inbox_enabled:
        raise HTTPException(404, "the local inbox is off; SOJOURN_INBOX_ENABLED=true shows it")
    await refuse_viewers(request, backend)


router = APIRouter(prefix="/inbox", include_in_schema=False, dependencies=[Depends(_enabled)])


class CaughtOut(BaseModel):
    """A caught message without its HTML and source."""

    id: UUID
    channel: str
    sender: str | None
    to: str
    subject: str | None
    text: str | None
    received_at: datetime


class CaughtList(BaseModel):
    """Messages, newest first."""

    data: list[CaughtOut]


class CaughtDetail(CaughtOut):
    """A caught message, and what else there is of it."""

    headers: dict[str, str]
    has_html: bool
    has_source: bool


def _html(page: str, csp: str) -> HTMLResponse:
    return HTMLResponse(page, headers={**_HEADERS, "Content-Security-Policy": csp})


async def _found(connection: Transaction, message_id: UUID) -> Caught:
    message = await find(connection, message_id)
    if message is None:
        raise HTTPException(404, "no such message; only the newest are kept")
    return message


@router.get("")
async def show_list(
    connection: Transaction, to: Annotated[str | None, Query()] = None
) -> HTMLResponse:
    """The page with the newest messages."""
    nonce = secrets.token_urlsafe(12)
    messages = await newest(connection, limit=SHOWN, to=to)
    return _html(list_page(messages, nonce, SHOWN), CSP.format(nonce=nonce))


@router.delete("", status_code=204)
async def delete_all(connection: Transaction) -> None:
    """Empty the inbox."""
    await forget_all(connection)


@router.get("/messages.json")
async def list_messages(
    connection: Transaction,
    to: Annotated[str | None, Query()] = None,
    after: Annotated[AwareDatetime | None, Query()] = None,
    channel: Annotated[str | None, Query()] = None,
    search: Annotated[Text | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> CaughtList:
    """The newest messages: to one address, received after an instant, by one channel.

    `search` is a part of the recipient or the subject, in any case.
    """
    messages = await newest(
        connection, limit=limit, to=to, after=after, channel=channel, search=search
    )
    return CaughtList(data=[CaughtOut.model_validate(m, from_attributes=True) for m in messages])


@router.get("/{message_id}")
async def show_message(connection: Transaction, message_id: UUID) -> HTMLResponse:
    """The page of one message."""
    message = await _found(connection, message_id)
    nonce = secrets.token_urlsafe(12)
    return _html(detail_page(message, nonce), CSP.format(nonce=nonce))


@router.get("/{message_id}/html")
async def show_html(connection: Transaction, message_id: UUID) -> HTMLResponse:
    """A message's own HTML, which may do nothing but be looked at."""
    message = await _found(connection, message_id)
    return _html(f'<base target="_blank">{message.html or ""}', MAIL_CSP)


@router.get("/{message_id}/message.json")
async def read_message(connection: Transaction, message_id: UUID) -> CaughtDetail:
    """All of one message but its HTML and source, which have addresses of their own."""
    message = await _found(connection, message_id)
    return CaughtDetail(
        **vars(CaughtOut.model_validate(message, from_attributes=True)),
        headers=dict(message.headers), has_html=bool(message.html), has_source=bool(message.raw),
    )  # fmt: skip


@router.get("/{message_id}/raw")
async def show_source(connection: Transaction, message_id: UUID) -> Response:
    """The mail as it came."""
    message = await _found(connection, message_id)
    return Response(message.raw or b"", media_type="text/plain", headers=_HEADERS)


@router.delete("/{message_id}", status_code=204)
async def delete_message(connection: Transaction, message_id: UUID) -> None:
    """Forget one message."""
    await forget(connection, message_id)
