"""Messages in the app, without a provider: kept for the app to fetch, and told to who listens.

`in_app` messages are shown by the app while it is used, `inbox` messages stand in its list. Both
are kept under the message's id, so that a repeat changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from channels.errors import TransientFailure
from channels.local_inbox import LocalInboxChannel
from channels.protocol import Delivered, OutgoingMessage, Recipient, Rejected, Unreachable
from journeys.app_display import DEFAULT_EXPIRES, MAX_CONTENT
from journeys.durations import nominal_seconds
from journeys.templates import RenderedMessage
from storage.database import Database
from storage.faults import is_passing
from storage.repositories import app_messages as repository


class AppChannel:
    """One of the two. With `copies` each message is also put into the local inbox, to be seen."""

    def __init__(
        self, channel: str, database: Database, copies: LocalInboxChannel | None = None
    ) -> None:
        self._channel = channel
        self._database = database
        self._copies = copies

    def address(self, recipient: Recipient) -> str | Unreachable:
        """The contact's userId: the app asks by it."""
        return recipient.user_id or Unreachable("no userId")

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """Keep the message, unless its journey ended meanwhile."""
        content = content_of(self._channel, message.content)
        if len(orjson.dumps(content)) > MAX_CONTENT:
            return Rejected(f"the message is larger than {MAX_CONTENT // 1024} KB")
        try:
            contact_id = await self._keep(message, content)
            if isinstance(contact_id, Rejected):
                return contact_id
            async with self._database.statements() as connection:
                await repository.tell(connection, contact_id)
        except Exception as error:
            if is_passing(error):
                raise TransientFailure(f"the database did not keep it: {error}") from error
            raise
        if self._copies is not None:
            await self._copies.send(message)
        return Delivered(str(message.id))

    async def close(self) -> None:
        """There is nothing to close: the database belongs to the process."""

    async def _keep(self, message: OutgoingMessage, content: dict[str, Any]) -> UUID | Rejected:
        now = datetime.now(UTC)
        expires = message.content.display.get("expires") or DEFAULT_EXPIRES[self._channel]
        async with self._database.transaction() as connection:
            owner = await repository.hold_owner(connection, message.id)
            if owner is None:
                raise TransientFailure("the contact is being merged or erased", retry_after=1.0)
            if not await repository.hold_running(connection, owner.journey_id):
                return Rejected("the journey has ended")
            await repository.keep(
                connection, owner, message.id, channel=self._channel, content=content,
                expires_at=now + timedelta(seconds=nominal_seconds(expires)), now=now,
            )  # fmt: skip
        return owner.contact_id


def content_of(channel: str, message: RenderedMessage) -> dict[str, Any]:
    """What the app is told of a message: texts as they are, durations also in seconds."""
    texts = {
        "title": message.title, "body": message.body, "image": message.image,
        "link": message.link, "data": dict(message.data),
    }  # fmt: skip
    if channel == "inbox":
        return texts
    display = message.display
    frequency = display.get("frequency", "once")
    every = None if frequency in ("once", "session") else nominal_seconds(frequency)
    given = display.get("trigger", {"on": "session_start"})
    trigger = {"on": None, "after": None, "seconds": None, "event": None, "where": [], **given}
    if trigger["after"] is not None:
        trigger["seconds"] = nominal_seconds(trigger["after"])
    return {
        **texts,
        "layout": display.get("layout", "modal"),
        "buttons": display.get("buttons", []),
        "trigger": trigger,
        "frequency": frequency,
        "every": every,
    }
