"""The inbox inside an app: its messages, what is unread, and what the user does with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from api.app_users import AppUserDep, read_call
from api.dependencies import BackendDep
from api.models.app_messages import (
    AppCall,
    Done,
    InboxMessage,
    InboxPage,
    ReadAllAnswer,
    ReadAllCall,
)
from api.models.problem import BODY, problems
from api.paging import Paging, encode_cursor
from api.routes.in_app import APP, DONE, body_of
from engine.app_messages.marking import AllRead, InboxDeed, mark_inbox, read_all
from storage.repositories.app_messages import Inbox, read_inbox

router = APIRouter(prefix="/v1/app-inbox", tags=["in-app"], responses=APP)


@router.get("", summary="List the app's inbox")
async def list_app_inbox(
    backend: BackendDep,
    user: AppUserDep,
    page: Paging,
    unread: Annotated[bool, Query(description="Only those that are unread.")] = False,
) -> InboxPage:
    """The messages that were neither deleted nor have expired, the newest first."""

    async def work(connection: AsyncConnection) -> Inbox:
        return await read_inbox(connection, user.who, page, unread=unread)

    inbox = await user.read(backend, work)
    following = inbox.page.next
    return InboxPage(
        data=[InboxMessage.of(message) for message in inbox.page.items],
        next=None if following is None else encode_cursor(following),
        unread=inbox.unread,
    )


@router.post("/read-all", summary="Mark all of the app's inbox as read",
             responses=BODY, openapi_extra=body_of(ReadAllCall))  # fmt: skip
async def read_all_of_app_inbox(request: Request, backend: BackendDep) -> ReadAllAnswer:
    """All that came up to `before`; give the time of the newest message that the user was shown."""
    user, call = await read_call(request, backend, ReadAllCall)

    async def work(connection: AsyncConnection) -> AllRead:
        now = datetime.now(UTC)
        return await read_all(connection, user.who, before=call.before or now, now=now)

    found = await user.write(backend, work)
    if found.heard:
        backend.wakeup.set()
    return ReadAllAnswer(success=True, read=found.count)


@router.post("/{message_id}/{deed}", summary="Mark or delete a message of the app's inbox",
             responses=BODY | problems(404), openapi_extra=body_of(AppCall))  # fmt: skip
async def tell_app_inbox(
    request: Request,
    backend: BackendDep,
    message_id: UUID,
    deed: Annotated[InboxDeed, Path(description="What the user does with it.")],
) -> Done:
    """Mark it as read or unread, note that its link was followed, or delete it."""
    user, _ = await read_call(request, backend, AppCall)

    async def work(connection: AsyncConnection) -> bool:
        return await mark_inbox(connection, user.who, message_id, deed, now=datetime.now(UTC))

    if await user.write(backend, work):
        backend.wakeup.set()
    return DONE
