"""Recording an event that a journey's `emit` block makes, as ingestion records one from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import lane_of
from engine.rule_lock import share_rules_at_once
from journeys.comparison import walk
from storage.sql import statement

MAX_DEPTH = 10
"""Emitted events that may have led to one another. Without an end, two workflows that start each
other would never come to rest."""


@dataclass(frozen=True)
class Emission:
    """An event of one visit of an `emit` block; `depth` counts the emit blocks up to it."""

    journey_id: UUID
    workspace_id: UUID
    contact_id: UUID
    visit: int
    name: str
    properties: Mapping[str, Any]
    depth: int

    @property
    def id(self) -> UUID:
        """The same at every try."""
        return uuid5(self.journey_id, f"emit:{self.visit}")


_HOLD = text("SELECT FROM contacts WHERE id = :contact FOR NO KEY UPDATE")
"""The contact is held as ingestion holds it, so that for one contact facts are numbered in the
order of their commits."""

_EMIT = statement("""
    WITH stored AS (
        INSERT INTO events (workspace_id, id, contact_id, kind, name, properties, message_id,
                            timestamp, depth)
        VALUES (CAST(:workspace AS uuid), CAST(:id AS uuid), CAST(:contact AS uuid), 'track',
                CAST(:name AS text), CAST(:properties AS jsonb), CAST(:message AS text), :now,
                CAST(:depth AS int))
        ON CONFLICT (id) DO NOTHING
        RETURNING id, workspace_id, contact_id, name
    )
    INSERT INTO facts (workspace_id, lane, contact_id, kind, ref)
    SELECT s.workspace_id, CAST(:lane AS int), s.contact_id, 'event', s.id
    FROM stored s
    JOIN interests i ON i.workspace_id = s.workspace_id AND i.kind = 'event' AND i.name = s.name
""")


def filled(properties: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The properties, with what `{param: name}` stands for; one that is missing is left out.

    A dotted name that finds several values gives the list of them.
    """
    result: dict[str, Any] = {}
    for name, value in properties.items():
        if isinstance(value, dict) and value.keys() == {"param"} and type(value["param"]) is str:
            found = walk(params, value["param"])
            if found:
                result[name] = found[0] if len(found) == 1 else list(found)
        else:
            result[name] = value
    return result


async def emit(connection: AsyncConnection, emission: Emission, *, now: datetime) -> bool:
    """Record the event and queue it if a published rule mentions it; False if it is too deep.

    A publish that is under way comes first: raises RulesHeld.
    """
    if emission.depth > MAX_DEPTH:
        return False
    await share_rules_at_once(connection, emission.workspace_id)
    await connection.execute(_HOLD, {"contact": emission.contact_id})
    await connection.execute(
        _EMIT,
        {
            "workspace": emission.workspace_id,
            "contact": emission.contact_id,
            "id": emission.id,
            "name": emission.name,
            "properties": orjson.dumps(dict(emission.properties)).decode(),
            "message": str(emission.id),
            "depth": emission.depth,
            "lane": lane_of(emission.contact_id),
            "now": now,
        },
    )
    return True
