"""What the app tells of its messages: shown, clicked, dismissed, read, deleted.

Everything may be told again: a showing or click is one event by its `messageId`, and only a new
event counts. The events are recorded as if the app had sent them, so workflows start by them and
wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.ingest import Envelope, Outcome, Stale, parse_items, store
from engine.tracking.states import Sign, Told, tell
from journeys.errors import InvalidInput, Issue, NotFound
from storage.repositories.app_messages import NOTIFY, Who
from storage.sql import statement

Deed = Literal["seen", "clicked", "dismissed"]
InboxDeed = Literal["read", "unread", "clicked", "delete"]
_EVENTS = {"seen": "In-App Shown", "clicked": "In-App Clicked"}

_FIND = text("""
    SELECT a.contact_id, a.content, w.key AS workflow, m.block, m.template
    FROM identities i
    JOIN app_messages a ON a.contact_id = i.contact_id
    JOIN messages m ON m.id = a.id
    JOIN workflows w ON w.id = m.workflow_id
    WHERE i.workspace_id = :workspace AND i.kind = :kind AND i.value = :value
      AND a.id = :id AND a.channel = :channel
""")

_ONCE = "content ->> 'frequency' = 'once'"
_CHANGES = {
    "seen": (
        "seen_at = :now, seen_count = seen_count + 1",
        f"CASE WHEN {_ONCE} THEN 'seen' END",
    ),
    "clicked": ("clicked_at = coalesce(clicked_at, :now)", "'clicked'"),
    "dismissed": (
        "dismissed_at = coalesce(dismissed_at, :now)",
        f"CASE WHEN {_ONCE} THEN 'dismissed' END",
    ),
}
"""What each deed changes, and the reason for which the message is gone then, if it is."""
_INBOX_CHANGES = {
    "read": ("read_at = coalesce(read_at, :now)", "CAST(NULL AS text)", "read_at IS NULL"),
    "unread": ("read_at = NULL", "CAST(NULL AS text)", "read_at IS NOT NULL"),
    "clicked": (
        "clicked_at = coalesce(clicked_at, :now), read_at = coalesce(read_at, :now)",
        "CAST(NULL AS text)",
        "true",
    ),
    "delete": ("seen_count = seen_count", "'deleted'", "gone_at IS NULL"),
}


def _change(changes: str, reason: str, needed: str = "true") -> TextClause:
    return statement(f"""
        WITH feed AS (
            UPDATE app_feeds SET version = version + 1 WHERE contact_id = :contact
            RETURNING version
        ), changed AS (
            UPDATE app_messages a
            SET {changes}, version = feed.version,
                gone_at = CASE WHEN {reason} IS NULL THEN gone_at ELSE coalesce(gone_at, :now) END,
                gone_reason = coalesce(gone_reason, {reason})
            FROM feed WHERE a.id = :id AND a.contact_id = :contact AND {needed}
            RETURNING a.id
        )
        SELECT (SELECT count(*) FROM feed), (SELECT {NOTIFY.format(":contact")} FROM changed)
    """)  # noqa: S608  (texts from above)


_MARK = {deed: _change(*change) for deed, change in _CHANGES.items()}
_MARK_INBOX = {deed: _change(*change) for deed, change in _INBOX_CHANGES.items()}

_UNREAD = text("""
    SELECT a.id, a.contact_id FROM identities i JOIN app_messages a ON a.contact_id = i.contact_id
    WHERE i.workspace_id = :workspace AND i.kind = :kind AND i.value = :value
      AND a.channel = 'inbox' AND a.read_at IS NULL AND a.gone_at IS NULL
      AND a.created_at <= :before
""")
_READ_ALL = statement(f"""
    WITH feed AS (
        UPDATE app_feeds SET version = version + 1 WHERE contact_id = :contact
        RETURNING version, {NOTIFY.format("contact_id")}
    ), changed AS (
        UPDATE app_messages a SET read_at = :now, version = feed.version
        FROM feed
        WHERE a.id = ANY(CAST(:ids AS uuid[])) AND a.contact_id = :contact AND a.read_at IS NULL
        RETURNING a.id
    )
    SELECT (SELECT count(*) FROM feed), (SELECT count(*) FROM changed)
""")  # noqa: S608


@dataclass(frozen=True)
class Telling:
    """What else the app says: which showing it is about, when it was, and what was clicked."""

    message_id: str | None = None
    timestamp: str | None = None
    sent_at: datetime | None = None
    button: int | None = None
    link: str | None = None


async def mark(
    connection: AsyncConnection, who: Who, id_: UUID, deed: Deed, telling: Telling, *, now: datetime
) -> bool:
    """Note what happened to an in-app message, and record the event for it.

    The event moves the message's state, as that of an app would. Returns whether there are new
    facts for the dispatcher. Raises NotFound when this is no message of theirs, InvalidInput for a
    wrong timestamp or button, Stale to repeat the transaction.
    """
    row = (
        await connection.execute(_FIND, {**_parameters(who), "id": id_, "channel": "in_app"})
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such message of this user.")
    if deed == "dismissed":
        await _apply(connection, _MARK[deed], id_, row.contact_id, now)
        return False
    link = _link_of(row.content, telling) if deed == "clicked" else None
    about: dict[str, Any] = {
        "message_id": str(id_), "workflow": row.workflow, "block": row.block,
        "template": row.template, "link": link,
    }  # fmt: skip
    outcome = await _record(connection, who, deed, telling, about, now=now)
    if outcome.events:
        await _apply(connection, _MARK[deed], id_, row.contact_id, now)
    return outcome.facts > 0


async def mark_inbox(
    connection: AsyncConnection, who: Who, id_: UUID, deed: InboxDeed, *, now: datetime
) -> bool:
    """Note what became of a message of the inbox; whether there are new facts for the dispatcher.

    Raises NotFound, or Stale to repeat the transaction.
    """
    row = (
        await connection.execute(_FIND, {**_parameters(who), "id": id_, "channel": "inbox"})
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such message of this user.")
    heard = False
    if deed in ("read", "clicked"):
        sign: Sign = "clicked" if deed == "clicked" else "opened"
        link = row.content.get("link") if deed == "clicked" else None
        heard = await _tell(connection, who, row.contact_id, [id_], sign, link=link, now=now)
    await _apply(connection, _MARK_INBOX[deed], id_, row.contact_id, now)
    return heard


@dataclass(frozen=True)
class AllRead:
    """How many messages were unread, and whether the dispatcher has something to do now."""

    count: int
    heard: bool


async def read_all(
    connection: AsyncConnection, who: Who, *, before: datetime, now: datetime
) -> AllRead:
    """Mark all of the inbox that came up to a moment as read. Raises Stale to repeat it."""
    rows = (await connection.execute(_UNREAD, {**_parameters(who), "before": before})).all()
    if not rows:
        return AllRead(0, heard=False)
    ids, contact_id = [row.id for row in rows], rows[0].contact_id
    heard = await _tell(connection, who, contact_id, ids, "opened", now=now)
    found = {"ids": ids, "contact": contact_id, "now": now}
    feeds, count = (await connection.execute(_READ_ALL, found)).one()
    if not feeds:
        raise Stale
    return AllRead(count, heard)


async def _tell(
    connection: AsyncConnection,
    who: Who,
    contact_id: UUID,
    ids: Sequence[UUID],
    sign: Sign,
    *,
    now: datetime,
    link: str | None = None,
) -> bool:
    """Move the messages' states; whether the dispatcher got facts by it."""
    signs = [Told(id_, sign, now, link=link, contact_id=contact_id) for id_ in ids]
    return any(one.facts for one in await tell(connection, who.workspace_id, signs))


async def _apply(
    connection: AsyncConnection, change: TextClause, id_: UUID, contact_id: UUID, now: datetime
) -> None:
    row = (await connection.execute(change, {"id": id_, "contact": contact_id, "now": now})).one()
    if not row[0]:
        raise Stale  # merged meanwhile: the feed is another contact's


def _link_of(content: Mapping[str, Any], telling: Telling) -> str | None:
    """The link that was followed: the button's, or one of the message's own."""
    if telling.button is not None:
        buttons = content["buttons"]
        if not 0 <= telling.button < len(buttons):
            raise InvalidInput(
                "The message has no such button.",
                [Issue("$.button", f"the message has {len(buttons)} buttons, counted from 0")],
            )
        link: str | None = buttons[telling.button]["link"]
        return link
    links = {content["link"], *(button["link"] for button in content["buttons"])} - {None}
    if telling.link is not None and telling.link not in links:
        raise InvalidInput(
            "The message has no such link.", [Issue("$.link", "must be a link of the message")]
        )
    return telling.link or content["link"]


async def _record(
    connection: AsyncConnection,
    who: Who,
    deed: Deed,
    telling: Telling,
    about: Mapping[str, Any],
    *,
    now: datetime,
) -> Outcome:
    """The event, once: as a call that the app could have made itself."""
    which = "" if telling.button is None else f":{telling.button}"
    properties = {**about, "button": telling.button}
    call: dict[str, Any] = {
        "event": _EVENTS[deed],
        "userId" if who.kind == "user" else "anonymousId": who.value,
        "messageId": telling.message_id or f"in-app:{about['message_id']}:{deed}{which}",
        "properties": {name: value for name, value in properties.items() if value is not None},
    }
    if telling.timestamp is not None:
        call["timestamp"] = telling.timestamp
    envelope = Envelope(
        workspace_id=who.workspace_id, received_at=now, sent_at=telling.sent_at, sized=True, path=""
    )
    items, rejected = parse_items([call], envelope, "track")
    if rejected:
        raise InvalidInput("The call is wrong.", [Issue(one.path, one.reason) for one in rejected])
    return await store(connection, who.workspace_id, items, now=now, path="")


def _parameters(who: Who) -> dict[str, Any]:
    return {"workspace": who.workspace_id, "kind": who.kind, "value": who.value}
