"""Launches that events begin: one for each event and workflow, however often it is decided on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.lanes import lane_of
from engine.launches.commands import Owed, owe_launches
from journeys.comparison import is_present
from journeys.segment_names import parameters
from journeys.validation import parse_predicate
from storage.sql import statement


@dataclass(frozen=True)
class EventLaunch:
    """An event that starts a workflow for the members of a segment."""

    workspace_id: UUID
    workflow_id: UUID
    event_id: UUID
    segment_key: str
    params: Mapping[str, Any]
    """The segment's parameters; those that the event lacks are left out, or null."""

    @property
    def id(self) -> UUID:
        """One event launches one workflow once."""
        return uuid5(self.workflow_id, f"event:{self.event_id}")


_SEGMENTS = text("""
    SELECT g.workspace_id, g.key, g.id, g.definition FROM segments g
    JOIN unnest(CAST(:workspaces AS uuid[]), CAST(:keys AS text[])) AS k(workspace_id, key)
      ON k.workspace_id = g.workspace_id AND k.key = g.key
""")

_BEGIN = statement("""
    INSERT INTO launches (
        id, workspace_id, workflow_id, kind, event_id, params, segment_id, state, reason, total,
        next_at, started_at, finished_at
    )
    SELECT id, workspace_id, workflow_id, 'event', event_id, CAST(params AS jsonb), segment_id,
           state, reason, CASE WHEN state <> 'running' THEN 0 END,
           :now, :now, CASE WHEN state <> 'running' THEN :now END
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:workspaces AS uuid[]), CAST(:workflows AS uuid[]),
        CAST(:events AS uuid[]), CAST(:params AS text[]), CAST(:segments AS uuid[]),
        CAST(:states AS text[]), CAST(:reasons AS text[])
    ) AS n(id, workspace_id, workflow_id, event_id, params, segment_id, state, reason)
    ORDER BY id
    ON CONFLICT DO NOTHING
    RETURNING id, state
""")


async def begin_event_launches(
    connection: AsyncConnection, launches: Sequence[EventLaunch], *, now: datetime
) -> None:
    """Begin these launches, in the transaction that decides on their events.

    A segment with a parameter that the event did not give has no members: that launch is recorded
    as completed, with the reason.
    """
    if not launches:
        return
    rows = await connection.execute(
        _SEGMENTS,
        {
            "workspaces": [launch.workspace_id for launch in launches],
            "keys": [launch.segment_key for launch in launches],
        },
    )
    segments = {(row.workspace_id, row.key): (row.id, row.definition) for row in rows}
    found = [segments.get((one.workspace_id, one.segment_key)) for one in launches]
    ends = [
        ("failed", "the segment was deleted") if segment is None else _end(one, segment[1])
        for one, segment in zip(launches, found, strict=True)
    ]
    begun = await connection.execute(
        _BEGIN,
        {
            "ids": [launch.id for launch in launches],
            "workspaces": [launch.workspace_id for launch in launches],
            "workflows": [launch.workflow_id for launch in launches],
            "events": [launch.event_id for launch in launches],
            "params": [orjson.dumps(dict(launch.params)).decode() for launch in launches],
            "segments": [None if segment is None else segment[0] for segment in found],
            "states": [state for state, _ in ends],
            "reasons": [reason for _, reason in ends],
            "now": now,
        },
    )
    running = {row.id for row in begun if row.state == "running"}
    await owe_launches(
        connection,
        [
            # by the event's lane: whoever decides on it makes the call at once
            Owed(launch.workspace_id, launch.id, lane_of(launch.event_id))
            for launch in {launch.id: launch for launch in launches}.values()
            if launch.id in running
        ],
        now=now,
    )


def _end(launch: EventLaunch, definition: Mapping[str, Any] | None) -> tuple[str, str | None]:
    """`running`, or the end that it comes to at once."""
    names = [] if definition is None else parameters(parse_predicate(definition))
    missing = [name for name in names if not _is_given(name, launch.params)]
    if missing:
        return "completed", f"the event gives nothing for the parameter {', '.join(missing)}"
    return "running", None


def _is_given(name: str, params: Mapping[str, Any]) -> bool:
    return is_present(params.get(name)) or is_present(params.get(name.partition(".")[0]))
