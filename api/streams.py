"""Server-sent events: what changes of somebody's messages, as it changes.

A stream tells the state, not a log: after each change the feed is read again from the version that
was told last, so a slow reader gets less often told and nothing piles up.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import orjson
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.app_users import AppUser
from api.availability import is_unavailable
from api.dependencies import Backend
from api.errors import Problem, unavailable
from api.models.app_messages import InAppMessage
from api.rates import too_often
from engine.app_messages.listening import Follower, TooMany
from storage.repositories.app_messages import Feed, Standing, read_feed

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that nobody in between hangs up."""
LONGEST = 30 * 60.0
"""Seconds after which a stream ends and the app connects again, perhaps to another process."""
RETRY = 2000
"""Milliseconds that a browser waits before it connects again."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """A response that cannot be held open for ever by who reads nothing of it."""

    media_type = "text/event-stream"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST + 2 * HEARTBEAT):
                await super().__call__(scope, receive, send)


@dataclass(frozen=True)
class Place:
    """Up to which version of whose feed somebody was told, as `Last-Event-ID` has it."""

    contact_id: UUID
    version: int

    def __str__(self) -> str:
        return f"{self.contact_id.hex}-{self.version}"

    @classmethod
    def parse(cls, text: str | None) -> Place | None:
        """None for what is no place of ours: then all is told."""
        contact, _, version = (text or "").partition("-")
        try:
            if len(contact) == 32 and version.isascii() and version.isdigit() and len(version) < 19:
                return cls(UUID(hex=contact), int(version))
        except ValueError:
            pass
        return None


async def open_stream(backend: Backend, user: AppUser, last_event_id: str | None) -> EventStream:
    """Begin a stream, or refuse it with a problem: who may not, or too many of them."""
    events = _Events(backend, user, Place.parse(last_event_id))
    stack = contextlib.AsyncExitStack()
    try:
        follower = await stack.enter_async_context(
            backend.feeds.following(user.who, user.caller.key_id)
        )
    except TooMany as error:
        if error.of_one:
            raise too_often("This user has too many streams open.", 30) from None
        raise unavailable("This process has no room for another stream.") from None
    try:
        first = await events.read()
    except BaseException:
        await stack.aclose()
        raise
    return EventStream(_closing(stack, events.all(follower, first)), headers=_HEADERS)


async def _closing(
    stack: contextlib.AsyncExitStack, events: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    async with stack:
        async for event in events:
            yield event


class _Events:
    """The events of one stream."""

    def __init__(self, backend: Backend, user: AppUser, place: Place | None) -> None:
        self._backend = backend
        self._user = user
        self._place = place
        self._unread: int | None = None

    async def read(self) -> Feed:
        """What is new since the place that was told."""
        place = self._place
        return await self._user.read(
            self._backend,
            lambda connection: read_feed(
                connection, self._user.who,
                known=place.contact_id if place else None, since=place.version if place else 0,
            ),
        )  # fmt: skip

    async def all(self, follower: Follower, feed: Feed | None) -> AsyncIterator[bytes]:
        """The present messages, then what changes, until somebody ends it."""
        yield f"retry: {RETRY}\n\n".encode()
        until = asyncio.get_running_loop().time() + LONGEST * random.uniform(0.8, 1.0)  # noqa: S311
        while True:
            if feed is not None:
                events = self._told(feed)
                self._backend.feeds.move(follower, Standing(feed.contact_id, feed.version))
                if events:
                    yield b"".join(events)
            woken = await follower.wait(HEARTBEAT)
            if follower.ended is None and asyncio.get_running_loop().time() > until:
                follower.end("time")
            if follower.ended is not None:
                yield _event("end", {"reason": follower.ended})
                return
            if not woken:
                yield b": \n\n"
                continue
            feed = await self._again(follower)

    async def _again(self, follower: Follower) -> Feed | None:
        """What is new; None, with the stream ended or woken once more, if it cannot be read."""
        try:
            feed = await self.read()
        except Problem:
            follower.end("identity")
            return None
        except Exception as error:
            if not is_unavailable(error):
                raise
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311
            follower.wake()
            return None
        if feed.contact_id is None and self._place is not None:
            follower.end("gone")
        return feed

    def _told(self, feed: Feed) -> list[bytes]:
        if feed.contact_id is None:
            return []
        place = Place(feed.contact_id, feed.version)
        if place == self._place and feed.unread == self._unread:
            return []
        events = [
            _event("withdrawn", {"id": str(message.id)}, place)
            if message.gone
            else _event("message", InAppMessage.of(message).model_dump(mode="json"), place)
            for message in sorted(feed.messages, key=lambda one: one.version)
        ]
        if feed.unread != self._unread:
            events.append(_event("inbox", {"unread": feed.unread}, place))
        self._place, self._unread = place, feed.unread
        return events


def _event(name: str, data: object, place: Place | None = None) -> bytes:
    id_ = f"id: {place}\n" if place is not None else ""
    return f"event: {name}\n{id_}data: ".encode() + orjson.dumps(data) + b"\n\n"
