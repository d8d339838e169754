"""What apps show: messages to fetch or to stream, and what became of them. With a write key."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.app_users import AppUserDep, read_call
from api.dependencies import BackendDep
from api.errors import Problem
from api.models.app_messages import DeedCall, Done, InAppList, InAppMessage
from api.models.problem import BODY, problems
from api.streams import open_stream
from engine.app_messages.marking import Deed, Telling, mark
from engine.ingest.items import Rejected
from engine.ingest.values import instant
from journeys.errors import Issue
from storage.repositories.app_messages import Feed, read_feed

APP = problems(401, 403, 422, 429, 503)
"""What every call of an app may be answered."""
DONE = Done(success=True)

router = APIRouter(prefix="/v1/in-app", tags=["in-app"], responses=APP)


def body_of(model: type[Any]) -> dict[str, Any]:
    """The body in the API's description, which the route reads by hand, as text/plain too."""
    schema = model.model_json_schema(by_alias=True)
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


@router.get("", summary="List in-app messages", response_model=InAppList,
            responses={304: {"description": "Nothing changed since `If-None-Match`."}})  # fmt: skip
async def list_in_app(
    backend: BackendDep,
    user: AppUserDep,
    if_none_match: Annotated[str | None, Header(description="The `ETag` that you have.")] = None,
) -> Response:
    """What the app may show to this user now or later, each message with its rules.

    The app decides by them when to show it, and tells that. `once` messages are listed until they
    were seen, others until they were clicked or expire.
    """

    async def work(connection: AsyncConnection) -> Feed:
        return await read_feed(connection, user.who)

    feed = await user.read(backend, work)
    answer = InAppList(data=[InAppMessage.of(m) for m in feed.messages], unread=feed.unread)
    content = orjson.dumps(answer.model_dump(mode="json"))
    etag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}


@router.get(
    "/stream", summary="Stream in-app messages", response_class=Response,
    responses={200: {"description": "Server-sent events.", "content": _EVENTS}},
)  # fmt: skip
async def stream_in_app(
    backend: BackendDep,
    user: AppUserDep,
    last_event_id: Annotated[
        str | None, Header(description="The `id` of the last event that was received.")
    ] = None,
) -> Response:
    """The messages there are, then each change as it happens, as server-sent events.

    `message` has a message as in the list, new or changed; `withdrawn` the `id` of one that is not
    to be shown any more; `inbox` how many messages of the inbox are `unread`; `end` the `reason`
    for which the server closes: `time`, `shutdown` (connect again), `key`, `identity` (do not) or
    `gone` (this user is unknown now). A message may be told twice.
    """
    return await open_stream(backend, user, last_event_id)


@router.post("/{message_id}/{deed}", summary="Tell what became of an in-app message",
             responses=BODY | problems(404), openapi_extra=body_of(DeedCall))  # fmt: skip
async def tell_in_app(
    request: Request,
    backend: BackendDep,
    message_id: UUID,
    deed: Annotated[Deed, Path(description="What happened.")],
) -> Done:
    """It was shown, a link or button of it was clicked, or it was closed.

    `seen` and `clicked` also record the events `In-App Shown` and `In-App Clicked` of the contact,
    with `message_id`, `workflow`, `block`, `template`, `button` and `link`. A repeat changes
    nothing.
    """
    user, call = await read_call(request, backend, DeedCall)
    telling = Telling(call.message_id, call.timestamp, _sent_at(call), call.button, call.link)

    async def work(connection: AsyncConnection) -> bool:
        return await mark(connection, user.who, message_id, deed, telling, now=datetime.now(UTC))

    if await user.write(backend, work):
        backend.wakeup.set()
    return DONE


def _sent_at(call: DeedCall) -> datetime | None:
    try:
        return instant(call.sent_at, "sentAt") if call.sent_at is not None else None
    except Rejected as error:
        issue = Issue(f"${error.path}", error.reason)
        raise Problem(422, f"{error.reason}.", issues=[issue]) from None
