"""Merging two contacts into one, and erasing one for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.app_messages.merging import move_app_messages
from engine.consent.suppressions import keep_hashes_only
from engine.lanes import lane_of
from engine.stopping import StopOrder, stop_journeys
from storage.repositories.refs import as_uuid


def _with_pairs(statement: str) -> TextClause:
    return text(_PAIRS + statement)


_PAIRS = """
    WITH pairs AS (
        SELECT * FROM unnest(CAST(:gone AS uuid[]), CAST(:kept AS uuid[]), CAST(:lanes AS int[]))
            AS p(gone, kept, lane)
    )
"""

_LOCK_JOURNEYS = text("""
    SELECT id, state FROM journeys WHERE contact_id = ANY(:contacts) ORDER BY id FOR UPDATE
""")
"""Before what is owed for them: the dispatcher strikes it out in that order."""

_COLLIDING = _with_pairs("""
    , running AS (
        SELECT j.id, row_number() OVER (
            PARTITION BY coalesce(p.kept, j.contact_id), j.workflow_id, j.key_hash
            ORDER BY p.gone IS NOT NULL, j.started_at, j.id
        ) AS place
        FROM journeys j LEFT JOIN pairs p ON p.gone = j.contact_id
        WHERE j.state = 'running' AND j.exclusive
          AND j.contact_id IN (SELECT gone FROM pairs UNION SELECT kept FROM pairs)
    )
    SELECT id FROM running WHERE place > 1 ORDER BY id
""")
"""Of two running journeys that may not run at once, the known contact's goes on."""

_COPIED = (
    _with_pairs("""
    INSERT INTO entries (workspace_id, workflow_id, contact_id, key_hash, last_started_at)
    SELECT e.workspace_id, e.workflow_id, p.kept, e.key_hash, max(e.last_started_at)
    FROM entries e JOIN pairs p ON p.gone = e.contact_id
    GROUP BY e.workspace_id, e.workflow_id, p.kept, e.key_hash
    ON CONFLICT (workflow_id, contact_id, key_hash) DO UPDATE
    SET last_started_at = greatest(entries.last_started_at, excluded.last_started_at)
    """),
    _with_pairs("""
    INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at)
    SELECT m.workspace_id, m.segment_id, p.kept, min(m.entered_at)
    FROM segment_members m
    JOIN pairs p ON p.gone = m.contact_id
    JOIN segments s ON s.id = m.segment_id
    GROUP BY m.workspace_id, m.segment_id, p.kept
    ON CONFLICT DO NOTHING
    """),
    _with_pairs("""
    INSERT INTO group_members (workspace_id, group_id, contact_id, joined_at)
    SELECT m.workspace_id, m.group_id, p.kept, min(m.joined_at)
    FROM group_members m JOIN pairs p ON p.gone = m.contact_id
    GROUP BY m.workspace_id, m.group_id, p.kept
    ON CONFLICT DO NOTHING
    """),
    _with_pairs("""
    INSERT INTO subscriptions (workspace_id, contact_id, topic, channel, subscribed, at, source)
    SELECT DISTINCT ON (p.kept, u.topic, u.channel)
           u.workspace_id, p.kept, u.topic, u.channel, u.subscribed, u.at, u.source
    FROM subscriptions u JOIN pairs p ON p.gone = u.contact_id
    ORDER BY p.kept, u.topic, u.channel, u.subscribed, u.at DESC
    ON CONFLICT (contact_id, topic, channel) DO UPDATE
    SET subscribed = excluded.subscribed, at = excluded.at, source = excluded.source
    WHERE subscriptions.subscribed AND NOT excluded.subscribed
    """),
)
"""Rows whose key holds the contact, and may exist for the known one too. Whether that one is in a
segment by its predicate is found out anew; what was entered once is not entered again. A segment
that is gone has rows until they are cleared away. Whoever unsubscribed once is unsubscribed."""

_LOOK_AGAIN = (
    _with_pairs("""
    DELETE FROM segment_instants i USING pairs p, segments s
    WHERE s.workspace_id = :workspace AND i.segment_id = s.id AND i.contact_id = p.gone
    """),
    _with_pairs("""
    , listed AS (
        SELECT DISTINCT m.segment_id, p.kept, p.lane, s.definition IS NULL AS is_list
        FROM segment_members m
        JOIN pairs p ON p.gone = m.contact_id
        JOIN segments s ON s.id = m.segment_id
        WHERE (s.definition IS NOT NULL OR EXISTS (
            SELECT FROM interests i
            WHERE i.workspace_id = s.workspace_id AND i.kind = 'list' AND i.name = s.key
        )) AND NOT EXISTS (SELECT FROM segment_members k
                          WHERE k.segment_id = m.segment_id AND k.contact_id = p.kept)
    )
    INSERT INTO facts (workspace_id, lane, contact_id, kind, ref, change)
    SELECT i.workspace_id, p.lane, p.kept, 'contact', CAST(NULL AS uuid), CAST(NULL AS jsonb)
    FROM (SELECT DISTINCT kept, lane FROM pairs) p
    JOIN interests i ON i.workspace_id = :workspace AND i.kind = 'contact'
    UNION ALL
    SELECT :workspace, lane, kept, CASE WHEN is_list THEN 'list' ELSE 'segment' END, segment_id,
           CAST('{"entered": true, "starts": false}' AS jsonb)
    FROM listed
    """),
)
"""Before the memberships are copied: by them the known contact stops and wakes journeys, and starts
none, since the other one did that."""

_MOVED = (
    "events", "orders", "journeys", "messages", "entry_decisions", "devices", "failed_facts",
    "identities", "segment_stays", "conversions",
)  # fmt: skip

_MOVE = tuple(
    _with_pairs(
        f"UPDATE {table} t SET contact_id = p.kept "  # noqa: S608  (names from above)
        "FROM pairs p WHERE t.contact_id = p.gone"
    )
    for table in _MOVED
)

_MOVE_FACTS = _with_pairs(
    "UPDATE facts f SET contact_id = p.kept, lane = p.lane FROM pairs p WHERE f.contact_id = p.gone"
)
"""They keep their `seq`: what was committed first is decided first, in the new lane too."""

_MOVE_COMMANDS = _with_pairs(
    "UPDATE commands c SET lane = p.lane "
    "FROM journeys j JOIN pairs p ON p.gone = j.contact_id WHERE c.journey_id = j.id"
)


async def merge_contacts(
    connection: AsyncConnection,
    workspace_id: UUID,
    pairs: Sequence[tuple[UUID, UUID]],
    *,
    now: datetime,
) -> None:
    """Move all that belongs to the first contact of each pair to the second, and drop the first.

    The caller holds `FOR UPDATE` locks on all of them, and has merged their fields. A running
    journey that the kept contact runs too is stopped (reason `merged`).
    """
    parameters = {
        "gone": [gone for gone, _ in pairs],
        "kept": [kept for _, kept in pairs],
        "lanes": [lane_of(kept) for _, kept in pairs],
    }
    await connection.execute(_LOCK_JOURNEYS, {"contacts": parameters["gone"]})
    colliding = (await connection.execute(_COLLIDING, parameters)).scalars().all()
    await stop_journeys(
        connection,
        [StopOrder(id_, "merged", "the contact already runs this workflow") for id_ in colliding],
        now=now,
    )
    await connection.execute(_MOVE_COMMANDS, parameters)
    await connection.execute(_MOVE_FACTS, parameters)
    for statement in _LOOK_AGAIN:
        await connection.execute(statement, {**parameters, "workspace": workspace_id})
    for statement in _COPIED:
        await connection.execute(statement, parameters)
    for move in _MOVE:
        await connection.execute(move, parameters)
    await move_app_messages(connection, pairs)
    await connection.execute(
        text("DELETE FROM contacts WHERE workspace_id = :workspace AND id = ANY(:gone)"),
        {"workspace": workspace_id, "gone": parameters["gone"]},
    )


async def erase_contact(
    connection: AsyncConnection, workspace_id: UUID, user_id: str, *, now: datetime
) -> bool:
    """Delete a contact and all that is known of it; False when nobody has this userId or id.

    Its running journeys are stopped first. What Temporal is owed for them survives: a command
    belongs to the workspace, and a start that was not made yet is dropped with its journey.
    """
    contact = await _lock_user(connection, workspace_id, user_id)
    if contact is None:
        # after waiting for a merge no row is found: the id belongs to another contact now
        contact = await _lock_user(connection, workspace_id, user_id)
    if contact is None:
        contact = await _lock_contact(connection, workspace_id, user_id)
    if contact is None:
        return False
    journeys = (await connection.execute(_LOCK_JOURNEYS, {"contacts": [contact.id]})).all()
    running = [journey.id for journey in journeys if journey.state == "running"]
    await stop_journeys(connection, [StopOrder(id_, "erased") for id_ in running], now=now)
    await keep_hashes_only(
        connection, workspace_id, email=contact.email, phone=contact.phone,
        unsubscribed=bool(contact.unsubscribed), now=now,
    )  # fmt: skip
    for statement in _ERASE:
        await connection.execute(statement, {"contact": contact.id, "email": contact.email})
    return True


_ADDRESSES = """c.id, c.email, c.phone, EXISTS (
    SELECT FROM subscriptions u
    WHERE u.contact_id = c.id AND u.topic = '' AND u.channel = '' AND NOT u.subscribed
) AS unsubscribed"""


async def _lock_user(
    connection: AsyncConnection, workspace_id: UUID, user_id: str
) -> Row[Any] | None:
    found = await connection.execute(
        text(
            f"SELECT {_ADDRESSES} FROM identities i JOIN contacts c ON c.id = i.contact_id "  # noqa: S608
            "WHERE i.workspace_id = :workspace AND i.kind = 'user' AND i.value = :user "
            "FOR UPDATE OF c"
        ),
        {"workspace": workspace_id, "user": user_id},
    )
    return found.first()


async def _lock_contact(
    connection: AsyncConnection, workspace_id: UUID, ref: str
) -> Row[Any] | None:
    """By our own id: the only one of contacts that are known by anonymous ids."""
    id_ = as_uuid(ref)
    if id_ is None:
        return None
    found = await connection.execute(
        text(
            f"SELECT {_ADDRESSES} FROM contacts c "  # noqa: S608
            "WHERE c.workspace_id = :workspace AND c.id = :id FOR UPDATE"
        ),
        {"workspace": workspace_id, "id": id_},
    )
    return found.first()


_ERASE = (
    text(
        "DELETE FROM commands WHERE kind <> 'stop' AND journey_id IN "
        "(SELECT id FROM journeys WHERE contact_id = :contact)"
    ),
    text("DELETE FROM failed_facts WHERE contact_id = :contact"),
    text('DELETE FROM caught_messages WHERE lower("to") = lower(CAST(:email AS text))'),
    text(
        "DELETE FROM segment_instants WHERE contact_id = :contact AND segment_id IN "
        "(SELECT s.id FROM segments s JOIN contacts c ON c.workspace_id = s.workspace_id "
        "WHERE c.id = :contact)"
    ),
    text("DELETE FROM contacts WHERE id = :contact"),
)
"""The last one takes everything else with it: every other row refers to the contact."""
