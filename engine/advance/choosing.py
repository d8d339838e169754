"""What `best_of` and `first_reachable` send, told from PostgreSQL.

`best_of` learns from what was sent and clicked of late, of the newest messages only, so that the
cost stays the same however many there were. A message counts once it had an hour to be clicked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.choosing import Candidate
from journeys.definition import BestOfBlock
from journeys.predicates import ReachableLeaf
from storage.predicate_sql import SqlContext, compile_predicate
from storage.predicate_sql.context import CONTACTS

SEEN = timedelta(days=4)
"""What the contact got within this is not sent again."""
RECENT = timedelta(days=28)
RIPE = timedelta(hours=1)
LOOKED_AT = 2_000
"""The newest messages of each template that are learned from."""

_CANDIDATES = text("""
    SELECT t.key, tried.sent, tried.clicked
    FROM templates t CROSS JOIN LATERAL (
        SELECT count(*) AS sent, count(clicked_at) AS clicked FROM (
            SELECT m.clicked_at FROM messages m
            WHERE m.workspace_id = t.workspace_id AND m.template = t.key
              AND m.sent_at > :recent AND m.sent_at <= :ripe
            ORDER BY m.sent_at DESC LIMIT :most
        ) newest
    ) tried
    WHERE t.workspace_id = :workspace AND t.channel = :channel
      AND (t.key = ANY(:keys) OR t.tags && :tags)
      AND NOT EXISTS (
          SELECT FROM messages s
          WHERE s.contact_id = :contact AND s.template = t.key AND s.channel = t.channel
            AND s.created_at > :seen AND s.sent_at IS NOT NULL
      )
    ORDER BY t.key
""").bindparams(bindparam("keys", type_=ARRAY(Text())), bindparam("tags", type_=ARRAY(Text())))
"""`ix_messages_template` (workspace, template, sent_at, with clicked_at) gives the newest without
looking at the messages themselves: 2,000 index entries a template. What the contact got is found by
`ix_messages_contact`."""


async def candidates(
    connection: AsyncConnection,
    block: BestOfBlock,
    *,
    workspace_id: UUID,
    contact_id: UUID,
    now: datetime,
) -> list[Candidate]:
    """The messages that the block may send the contact, without those that it got of late."""
    rows = await connection.execute(
        _CANDIDATES,
        {
            "workspace": workspace_id,
            "contact": contact_id,
            "channel": block.channel,
            "keys": block.templates,
            "tags": block.tags,
            "recent": now - RECENT,
            "ripe": now - RIPE,
            "seen": now - SEEN,
            "most": LOOKED_AT,
        },
    )
    return [Candidate(row.key, row.sent, row.clicked) for row in rows]


async def first_reached(
    connection: AsyncConnection, channels: Sequence[str], contact_id: UUID
) -> int | None:
    """Which of the channels is the first that reaches the contact, as `reachable` has it."""
    row = (await connection.execute(_ways(tuple(channels)), {"contact": contact_id})).one_or_none()
    return None if row is None else next((i for i, reached in enumerate(row) if reached), None)


@lru_cache(maxsize=500)
def _ways(channels: tuple[str, ...]) -> Select[Any]:
    context = SqlContext()
    leaves = [ReachableLeaf.model_validate({"reachable": channel}) for channel in channels]
    conditions: list[Any] = [
        compile_predicate(leaf, context).label(f"way_{index}") for index, leaf in enumerate(leaves)
    ]
    return select(*conditions).where(CONTACTS.c.id == bindparam("contact"))
