"""Messages in the app: kept, read, and every change told by the version of the contact's feed.

Lock order: the contact before its journeys, its feed after everything else; several feeds by the
order of their contacts' ids. `NOTIFY` is a word to whoever listens; what it says is found again by
looking, so nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextualSelect, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.repositories.keyset import Page, PageRequest, Position, cut, records
from storage.sql import statement

NOTIFICATIONS = "sojourn_app_messages"
"""Whose payload is the id of a contact whose messages changed."""
SHOWN = 50
"""In-app messages of one contact that the app is told of, the newest."""
MOST_UNREAD = 999
"""Unread messages are counted no further."""

NOTIFY = f"pg_notify('{NOTIFICATIONS}', CAST({{}} AS text))"

_OWNER = text("""
    SELECT m.workspace_id, m.contact_id, m.journey_id
    FROM messages m JOIN contacts c ON c.id = m.contact_id
    WHERE m.id = :id FOR KEY SHARE OF c
""")
_RUNNING = text("SELECT state = 'running' FROM journeys WHERE id = :id FOR SHARE")

_FEED = """
    feed AS (
        INSERT INTO app_feeds (workspace_id, contact_id, version)
        VALUES (CAST(:workspace AS uuid), CAST(:contact AS uuid), 1)
        ON CONFLICT (contact_id) DO UPDATE SET version = app_feeds.version + 1
        RETURNING version
    )
"""

_KEEP = statement(f"""
    WITH {_FEED}
    INSERT INTO app_messages (workspace_id, id, contact_id, channel, content, version, created_at,
                              expires_at)
    SELECT :workspace, :id, :contact, :channel, :content, version, :now, :expires_at FROM feed
    ON CONFLICT (id) DO NOTHING
""").bindparams(bindparam("content", type_=JSONB))  # noqa: S608  (fixed text)

_TELL = text(f"SELECT {NOTIFY.format(':contact')}")


@dataclass(frozen=True)
class Owner:
    """Whose message it is: its contact is locked against being merged or erased."""

    workspace_id: UUID
    contact_id: UUID
    journey_id: UUID


async def hold_owner(connection: AsyncConnection, message_id: UUID) -> Owner | None:
    """The owner of a message; None when it is gone, or its contact was merged meanwhile."""
    row = (await connection.execute(_OWNER, {"id": message_id})).one_or_none()
    return None if row is None else Owner(*row)


async def hold_running(connection: AsyncConnection, journey_id: UUID) -> bool:
    """Whether the journey runs, and will until the commit."""
    return bool(await connection.scalar(_RUNNING, {"id": journey_id}))


async def keep(
    connection: AsyncConnection,
    owner: Owner,
    message_id: UUID,
    *,
    channel: str,
    content: Mapping[str, Any],
    expires_at: datetime,
    now: datetime,
) -> None:
    """Put the message into its contact's feed; the same id again changes nothing."""
    await connection.execute(
        _KEEP,
        {
            "workspace": owner.workspace_id, "contact": owner.contact_id, "id": message_id,
            "channel": channel, "content": dict(content), "expires_at": expires_at, "now": now,
        },
    )  # fmt: skip


async def tell(connection: AsyncConnection, contact_id: UUID) -> None:
    """Wake those who stream this contact's messages.

    Outside of the transaction that changed them where that is possible: transactions that notify
    commit one after the other.
    """
    await connection.execute(_TELL, {"contact": str(contact_id)})


@dataclass(frozen=True, slots=True)
class AppMessageRecord:
    """One message of a feed."""

    id: UUID
    channel: str
    content: Mapping[str, Any]
    version: int
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    seen_count: int
    read_at: datetime | None
    gone: bool


@dataclass(frozen=True)
class Feed:
    """What there is for one contact as of `version`; no contact, no messages."""

    contact_id: UUID | None
    version: int
    unread: int
    messages: list[AppMessageRecord]


_UNREAD = f"""
    (SELECT count(*) FROM (
        SELECT FROM app_messages u
        WHERE u.contact_id = i.contact_id AND u.channel = 'inbox' AND u.read_at IS NULL
          AND u.gone_at IS NULL AND u.expires_at > now() LIMIT {MOST_UNREAD}
    ) unread)
"""  # noqa: S608  (fixed text)

_COLUMNS = """
    a.id, a.channel, a.content, a.version, a.created_at, a.expires_at, a.seen_at, a.seen_count,
    a.read_at, (a.gone_at IS NOT NULL OR a.expires_at <= now()) AS gone
"""

_WHO = "i.workspace_id = :workspace AND i.kind = :kind AND i.value = :value"

_READ_FEED = text(f"""
    SELECT i.contact_id, coalesce(f.version, 0) AS feed, {_UNREAD} AS unread, a.*
    FROM identities i
    LEFT JOIN app_feeds f ON f.contact_id = i.contact_id
    LEFT JOIN LATERAL (
        SELECT {_COLUMNS} FROM app_messages a
        WHERE a.contact_id = i.contact_id AND a.channel = 'in_app'
          AND a.version > CASE WHEN CAST(:known AS uuid) = i.contact_id THEN :since ELSE 0 END
          AND (CAST(:known AS uuid) = i.contact_id
               OR (a.gone_at IS NULL AND a.expires_at > now()))
        ORDER BY a.created_at DESC, a.id DESC LIMIT {SHOWN}
    ) a ON true
    WHERE {_WHO}
""").columns(content=JSONB(none_as_null=True))  # noqa: S608


@dataclass(frozen=True)
class Who:
    """By which id somebody is known: `kind` is `user` or `anonymous`."""

    workspace_id: UUID
    kind: str
    value: str


def _parameters(who: Who) -> dict[str, Any]:
    return {"workspace": who.workspace_id, "kind": who.kind, "value": who.value}


async def read_feed(
    connection: AsyncConnection, who: Who, *, known: UUID | None = None, since: int = 0
) -> Feed:
    """The in-app messages, newest first, and how many of the inbox are unread.

    With `known`, the contact that this id led to before, only what changed after the version
    `since`, those that are gone among them. For another contact (they were merged) all there is.
    """
    rows = (
        await connection.execute(_READ_FEED, {**_parameters(who), "known": known, "since": since})
    ).all()
    if not rows:
        return Feed(None, 0, 0, [])
    names = AppMessageRecord.__dataclass_fields__
    found = [row._mapping for row in rows if row.id is not None]  # noqa: SLF001
    return Feed(
        rows[0].contact_id, rows[0].feed, rows[0].unread,
        [AppMessageRecord(**{name: row[name] for name in names}) for row in found],
    )  # fmt: skip


@dataclass(frozen=True)
class Inbox:
    """One page of the app's inbox."""

    page: Page[AppMessageRecord]
    unread: int


_READ_UNREAD = text(f"SELECT {_UNREAD} FROM identities i WHERE {_WHO}")  # noqa: S608


def _inbox_page(*, unread: bool, after: bool) -> TextualSelect:
    return text(f"""
        SELECT {_COLUMNS} FROM identities i JOIN app_messages a ON a.contact_id = i.contact_id
        WHERE {_WHO} AND a.channel = 'inbox' AND a.gone_at IS NULL AND a.expires_at > now()
          {"AND a.read_at IS NULL" if unread else ""}
          {"AND (a.created_at, a.id) < (:at, :id)" if after else ""}
        ORDER BY a.created_at DESC, a.id DESC LIMIT :limit
    """).columns(content=JSONB)  # noqa: S608


async def read_inbox(
    connection: AsyncConnection, who: Who, page: PageRequest, *, unread: bool
) -> Inbox:
    """The messages of the inbox, newest first, and how many are unread in all."""
    after = page.after
    place = {} if after is None else {"at": after.at, "id": after.id}
    rows = (
        await connection.execute(
            _inbox_page(unread=unread, after=after is not None),
            {**_parameters(who), **place, "limit": page.limit + 1},
        )
    ).all()
    count = await connection.scalar(_READ_UNREAD, _parameters(who))
    found = records(rows, AppMessageRecord)
    return Inbox(cut(found, page, lambda m: Position(m.created_at, m.id)), count or 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody's stream stands: at which version of which contact's feed."""

    contact_id: UUID | None
    version: int


_STANDINGS = text("""
    SELECT i.contact_id, coalesce(f.version, 0) AS version
    FROM unnest(CAST(:workspaces AS uuid[]), CAST(:kinds AS text[]), CAST(:values AS text[]))
        WITH ORDINALITY AS w(workspace_id, kind, value, place)
    LEFT JOIN identities i
        ON i.workspace_id = w.workspace_id AND i.kind = w.kind AND i.value = w.value
    LEFT JOIN app_feeds f ON f.contact_id = i.contact_id
    ORDER BY w.place
""")


async def standings(connection: AsyncConnection, people: Sequence[Who]) -> list[Standing]:
    """How far the feed of each of these is, in their order."""
    rows = await connection.execute(
        _STANDINGS,
        {
            "workspaces": [who.workspace_id for who in people],
            "kinds": [who.kind for who in people],
            "values": [who.value for who in people],
        },
    )
    return [Standing(*row) for row in rows.all()]
