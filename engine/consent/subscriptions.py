"""What contacts said of topics, by channel, and what follows from it.

A row is about one topic or all of them (an empty key), and about one channel or all of them
(empty). What is said of all topics only ever forbids. Of one topic, the row of the channel counts,
else the row of all channels, else what the topic says of those who said nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sql import statement

Source = Literal["api", "import", "one_click", "preferences"]
OWN_CHOICES = ("one_click", "preferences")
"""Where the contact itself spoke; no import takes that back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be written: of `topic` ("": all) on `channel` ("": all)."""

    contact_id: UUID
    topic: str
    channel: str
    subscribed: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One row."""

    topic: str
    channel: str
    subscribed: bool
    at: datetime
    source: Source


_WRITE = statement("""
    INSERT INTO subscriptions (workspace_id, contact_id, topic, channel, subscribed, at, source)
    SELECT CAST(:workspace AS uuid), c.contact, c.topic, c.channel, c.subscribed, :now,
           CAST(:source AS text)
    FROM unnest(CAST(:contacts AS uuid[]), CAST(:topics AS text[]), CAST(:channels AS text[]),
                CAST(:subscribed AS boolean[])) AS c(contact, topic, channel, subscribed)
    WHERE c.topic = '' OR EXISTS (
        SELECT FROM topics t WHERE t.workspace_id = :workspace AND t.key = c.topic
    )
    ORDER BY c.contact, c.topic, c.channel
    ON CONFLICT (contact_id, topic, channel) DO UPDATE
    SET subscribed = excluded.subscribed, at = excluded.at, source = excluded.source
    WHERE subscriptions.subscribed <> excluded.subscribed AND NOT (
        excluded.source = 'import' AND excluded.subscribed
        AND subscriptions.source = ANY(CAST(:own AS text[]))
    )
""")

_CLEAR = text("""
    DELETE FROM subscriptions s
    USING unnest(CAST(:contacts AS uuid[]), CAST(:topics AS text[]), CAST(:channels AS text[]))
        AS c(contact, topic, channel)
    WHERE s.contact_id = c.contact AND s.topic = c.topic AND c.channel IN ('*', s.channel)
""")
"""`*` stands for all channels, and for none in particular."""

_READ = text("""
    SELECT topic, channel, subscribed, at, source FROM subscriptions
    WHERE contact_id = :contact ORDER BY topic, channel
""")

TOPIC_KEYS = text("SELECT key FROM topics WHERE workspace_id = :workspace")


async def topic_keys(connection: AsyncConnection, workspace_id: UUID) -> frozenset[str]:
    """The keys of the workspace's topics."""
    found = await connection.execute(TOPIC_KEYS, {"workspace": workspace_id})
    return frozenset(found.scalars())


async def write(
    connection: AsyncConnection,
    workspace_id: UUID,
    choices: Sequence[Choice],
    source: Source,
    *,
    now: datetime,
) -> None:
    """Write these down; of several about the same, the last counts. An unknown topic is dropped."""
    last = {(one.contact_id, one.topic, one.channel): one for one in choices}
    if last:
        values = {
            "workspace": workspace_id,
            "subscribed": [one.subscribed for one in last.values()],
            "own": list(OWN_CHOICES),
            "source": source,
            "now": now,
            **_columns(last.values()),
        }
        await connection.execute(_WRITE, values)


async def overrule(
    connection: AsyncConnection,
    workspace_id: UUID,
    choices: Sequence[Choice],
    source: Source,
    *,
    now: datetime,
) -> None:
    """Write these down, and drop what was said otherwise before.

    What is said of a topic on all channels drops what was said of it on single ones. Whoever
    subscribes to a topic is no longer unsubscribed from everything, nor from a channel that is
    named.
    """
    clear = [replace(one, channel=one.channel or ("*" if one.topic else "")) for one in choices]
    for one in choices:
        if one.subscribed and one.topic:
            clear += [replace(one, topic=""), replace(one, topic="", channel="")]
    await connection.execute(_CLEAR, _columns(clear))
    kept = [one for one in choices if one.topic or not one.subscribed]
    await write(connection, workspace_id, kept, source, now=now)


def _columns(choices: Iterable[Choice]) -> dict[str, list[Any]]:
    rows = list(choices)
    return {
        "contacts": [one.contact_id for one in rows],
        "topics": [one.topic for one in rows],
        "channels": [one.channel for one in rows],
    }


async def said_by(connection: AsyncConnection, contact_id: UUID) -> list[Said]:
    """All that the contact said."""
    return [Said(*row) for row in await connection.execute(_READ, {"contact": contact_id})]


def is_subscribed(
    said: Iterable[Said], topic: str | None, channel: str, *, default: bool = True
) -> bool:
    """Whether messages on this topic (None: on none) may go out on this channel."""
    rows = {(one.topic, one.channel): one.subscribed for one in said}
    if not rows.get(("", ""), True) or not rows.get(("", channel), True):
        return False
    if topic is None:
        return True
    return rows.get((topic, channel), rows.get((topic, ""), default))
