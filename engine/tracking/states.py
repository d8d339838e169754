"""What was told of messages, written down: their states move forward, never back.

Whoever is told something calls `tell`: a link that is followed, a provider's report, an app's
event. A click implies that the message was opened, and an open that it was delivered, for its
state and for the numbers. A machine's sign is kept and moves nothing.

Where a block of a published version waits for the message (`wait_for`), its news become a fact. The
interest names the version and the block, and so is there before any such message is: nobody has to
keep the rules from changing meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import LANES

Sign = Literal["delivered", "opened", "clicked", "bounced", "failed", "complained"]
"""`bounced` and `failed` end a message that nobody has opened; a complaint leaves it as it is."""
LONGEST_REASON = 1000
TOO_SOON = 1.0
"""Seconds after its sending in which no person follows a link of a mail or sees its pixel."""
SCAN_SECONDS, SCAN_LINKS = 2.0, 3
"""Whoever follows so many other links of one message in so short a time is a machine."""


@dataclass(frozen=True)
class Told:
    """One sign. `contact_id`: it counts only if the message is this contact's.

    `machine` says why it was no person; with `guess`, that is also told from how soon and how fast
    the signs come.
    """

    message_id: UUID
    sign: Sign
    at: datetime
    link: str | None = None
    reason: str | None = None
    machine: str | None = None
    guess: bool = False
    contact_id: UUID | None = None


@dataclass(frozen=True)
class KnownMessage:
    """A message that was told of, and whom it went to."""

    id: UUID
    workspace_id: UUID
    channel: str
    to: str | None
    facts: int
    """How many facts the dispatcher got."""


_TELL = text(f"""
    WITH told AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:signs AS text[]), CAST(:moments AS timestamptz[]),
            CAST(:links AS text[]), CAST(:reasons AS text[]), CAST(:machines AS text[]),
            CAST(:guesses AS bool[]), CAST(:contacts AS uuid[])
        ) AS t(id, sign, at, link, reason, machine, guess, contact_id)
    ), found AS MATERIALIZED (
        SELECT m.id, m.workspace_id, m.contact_id,
               CAST(j.version_id AS text) || '/' || m.block || '/' AS rule
        FROM messages m JOIN journeys j ON j.id = m.journey_id
        WHERE m.id = ANY(:ids)
          AND EXISTS (
              SELECT FROM told t
              WHERE t.id = m.id AND coalesce(t.contact_id, m.contact_id) = m.contact_id
          )
          AND (CAST(:workspace AS uuid) IS NULL OR m.workspace_id = :workspace)
    ), heard AS MATERIALIZED (
        SELECT f.id, f.contact_id, s.sign, i.name
        FROM found f CROSS JOIN (VALUES ('delivered'), ('opened'), ('clicked')) AS s(sign)
        JOIN interests i ON i.workspace_id = f.workspace_id AND i.kind = 'message'
                        AND i.name = f.rule || s.sign
    ), held AS MATERIALIZED (
        SELECT c.id FROM contacts c WHERE c.id IN (SELECT contact_id FROM heard)
        ORDER BY c.id FOR KEY SHARE
    ), locked AS MATERIALIZED (
        SELECT m.id, m.workspace_id, m.contact_id, m.channel, m."to", m.state, m.reason, m.sent_at,
               m.delivered_at, m.opened_at, m.clicked_at, m.failed_at
        FROM messages m
        WHERE m.id IN (SELECT id FROM found) AND (SELECT count(*) FROM held) >= 0
        ORDER BY m.id FOR NO KEY UPDATE
    ), signs AS MATERIALIZED (
        SELECT l.id, l.workspace_id, t.sign, t.at, coalesce(t.link, '') AS link, t.reason,
               coalesce(t.machine, CASE
                   WHEN NOT t.guess THEN NULL
                   WHEN l.sent_at IS NULL OR t.at < l.sent_at + make_interval(secs => {TOO_SOON})
                   THEN 'too_soon'
                   WHEN t.sign = 'clicked' AND (
                       SELECT count(*) FROM message_signs s
                       WHERE s.message_id = l.id AND s.kind = 'clicked' AND s.link <> t.link
                         AND s.last_at > t.at - make_interval(secs => {SCAN_SECONDS})
                   ) >= {SCAN_LINKS} THEN 'scanner'
               END, '') AS machine
        FROM told t JOIN locked l ON l.id = t.id
        WHERE t.contact_id IS NULL OR t.contact_id = l.contact_id
    ), news AS MATERIALIZED (
        SELECT id,
               min(at) FILTER (WHERE sign IN ('delivered', 'opened', 'clicked')) AS delivered_at,
               min(at) FILTER (WHERE sign IN ('opened', 'clicked')) AS opened_at,
               min(at) FILTER (WHERE sign = 'clicked') AS clicked_at,
               min(at) FILTER (WHERE sign IN ('bounced', 'failed')) AS failed_at,
               min(reason) FILTER (WHERE sign IN ('bounced', 'failed')) AS reason
        FROM signs WHERE machine = '' GROUP BY id
    ), became AS MATERIALIZED (
        SELECT l.id, n.reason, n.failed_at,
               coalesce(l.delivered_at, n.delivered_at) AS delivered_at,
               coalesce(l.opened_at, n.opened_at) AS opened_at,
               coalesce(l.clicked_at, n.clicked_at) AS clicked_at,
               CASE
                   WHEN l.state IN ('opened', 'clicked') OR coalesce(n.opened_at, n.delivered_at)
                        IS NULL AND n.failed_at IS NULL
                   THEN CASE WHEN l.state = 'opened' AND n.clicked_at IS NOT NULL THEN 'clicked'
                             ELSE l.state END
                   WHEN l.state = 'failed' AND l.sent_at IS NOT NULL THEN 'failed'
                   WHEN n.clicked_at IS NOT NULL THEN 'clicked'
                   WHEN n.opened_at IS NOT NULL THEN 'opened'
                   WHEN n.failed_at IS NOT NULL THEN 'failed'
                   ELSE 'delivered'
               END AS state
        FROM locked l JOIN news n ON n.id = l.id
    ), moved AS (
        UPDATE messages m
        SET state = b.state, delivered_at = b.delivered_at, opened_at = b.opened_at,
            clicked_at = b.clicked_at,
            failed_at = CASE WHEN b.state <> 'failed' THEN NULL
                             ELSE coalesce(m.failed_at, b.failed_at) END,
            reason = CASE WHEN b.state <> 'failed' THEN NULL
                          WHEN m.state = 'failed' THEN m.reason ELSE b.reason END
        FROM became b
        WHERE m.id = b.id
          AND (m.state, m.delivered_at, m.opened_at, m.clicked_at)
              IS DISTINCT FROM (b.state, b.delivered_at, b.opened_at, b.clicked_at)
    ), clicks AS (
        INSERT INTO message_clicks (workspace_id, message_id, link, clicked_at)
        SELECT workspace_id, id, link, min(at) FROM signs
        WHERE sign = 'clicked' AND machine = '' AND link <> ''
        GROUP BY workspace_id, id, link ORDER BY id, link
        ON CONFLICT DO NOTHING
        RETURNING message_id
    ), kept AS (
        INSERT INTO message_signs AS s (
            workspace_id, message_id, kind, link, machine, count, first_at, last_at
        )
        SELECT workspace_id, id, sign, link, machine, count(*), min(at), max(at)
        FROM signs GROUP BY workspace_id, id, sign, link, machine ORDER BY id, sign, link, machine
        ON CONFLICT (message_id, kind, link, machine) DO UPDATE
        SET count = least(s.count::bigint + excluded.count, 2000000000),
            first_at = least(s.first_at, excluded.first_at),
            last_at = greatest(s.last_at, excluded.last_at)
    ), queued AS (
        INSERT INTO facts (workspace_id, lane, contact_id, kind, ref, change)
        SELECT l.workspace_id,
               (get_byte(uuid_send(l.contact_id), 14) * 256
                + get_byte(uuid_send(l.contact_id), 15)) % :lanes,
               l.contact_id, 'message', l.id, jsonb_build_object('rule', h.name)
        FROM heard h JOIN locked l ON l.id = h.id JOIN news n ON n.id = h.id
        WHERE CASE h.sign
                  WHEN 'delivered' THEN l.delivered_at IS NULL AND n.delivered_at IS NOT NULL
                  WHEN 'opened' THEN l.opened_at IS NULL AND n.opened_at IS NOT NULL
                  ELSE l.clicked_at IS NULL AND n.clicked_at IS NOT NULL
                       OR EXISTS (SELECT FROM clicks WHERE message_id = l.id)
              END
        ORDER BY l.id
        RETURNING ref
    )
    SELECT l.id, l.workspace_id, l.channel, l."to",
           (SELECT count(*) FROM queued WHERE ref = l.id) AS facts
    FROM locked l WHERE l.id IN (SELECT id FROM signs) ORDER BY l.id
""")  # noqa: S608  (numbers of this module)
"""A message that failed by a provider's word stays so, though somebody may have seen it before. One
that only seemed to fail, or was stopped while its provider was at work, goes on by what is told."""


async def tell(
    connection: AsyncConnection, workspace_id: UUID | None, told: Sequence[Told]
) -> list[KnownMessage]:
    """Write these signs down, in one statement; the messages that were known.

    Without a workspace the ids must come from us, by a signature. Signs of a message that is gone,
    or of another workspace's, are nothing. Where a message has `facts`, wake the dispatcher after
    the commit.
    """
    if not told:
        return []
    rows = await connection.execute(
        _TELL,
        {
            "workspace": workspace_id,
            "lanes": LANES,
            "ids": [one.message_id for one in told],
            "signs": [one.sign for one in told],
            "moments": [one.at for one in told],
            "links": [one.link for one in told],
            "reasons": [(one.reason or "")[:LONGEST_REASON] or None for one in told],
            "machines": [one.machine for one in told],
            "guesses": [one.guess for one in told],
            "contacts": [one.contact_id for one in told],
        },
    )
    return [KnownMessage(*row) for row in rows.all()]
