"""What is known of one contact and one workflow, read for `engine.explaining`.

A few statements, each by an index that begins with the contact, the workflow or a primary key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.dispatch.decisions import key_hash
from journeys.definition import (
    Definition,
    EventForSegmentStart,
    EventStart,
    SegmentStart,
    SegmentStop,
    Start,
)
from storage.repositories.refs import as_uuid

AT_MOST = 5
"""Events, journeys and launches that are looked at, the newest first."""

AnyRows = Sequence[Row[Any]]


@dataclass(frozen=True)
class Evidence:
    """The rows that an explanation is made of, each list the newest first."""

    workflow: Row[Any]
    """`id, key, state, version, published_at, definition, workspace_paused`."""
    definition: Definition | None
    """The running version's; null until first published."""
    event_asked: str | None
    """The name or id that the question was about."""
    events: AnyRows
    """`id, name, properties, timestamp, received_at`, and whether it is `pending` or `decided`."""
    decisions: AnyRows
    journeys: AnyRows
    steps: AnyRows
    messages: AnyRows
    failed: AnyRows
    """Facts of the contact that could not be decided on: `kind, ref, error, failed_at`."""
    pending_since: datetime | None
    """Since when a fact of the contact waits to be decided on."""
    last_entry: datetime | None
    """When the contact, with the key of the newest event, last entered."""
    segments: AnyRows
    """Of the start and the stops: `key, state, static, entered_at, left_at`."""
    launches: AnyRows
    """Launches that made no decision about the contact."""


_WORKFLOW = text("""
    SELECT w.id, w.key, w.state, w.version, v.published_at, v.definition,
           s.paused AS workspace_paused
    FROM workflows w
    JOIN workspaces s ON s.id = w.workspace_id
    LEFT JOIN workflow_versions v ON v.workflow_id = w.id AND v.version = w.version
    WHERE w.id = :workflow AND w.workspace_id = :workspace
""")

_EVENTS = """
    SELECT e.id, e.name, e.properties, e.timestamp, e.received_at,
           EXISTS (SELECT FROM facts f WHERE f.contact_id = e.contact_id AND f.kind = 'event'
                   AND f.ref = e.id AND NOT f.silent) AS pending,
           EXISTS (SELECT FROM entry_decisions d WHERE d.contact_id = e.contact_id
                   AND d.workflow_id = :workflow AND d.event_id = e.id) AS decided
    FROM events e
    WHERE e.contact_id = :contact AND {which} = :asked
    ORDER BY e.timestamp DESC, e.id DESC LIMIT :most
"""
_EVENT = text(_EVENTS.format(which="e.id"))
_EVENTS_NAMED = text(_EVENTS.format(which="e.name"))

_DECISIONS = text("""
    SELECT id, outcome, detail, event_id, launch_id, journey_id, decided_at
    FROM entry_decisions
    WHERE contact_id = :contact AND workflow_id = :workflow
      AND (CAST(:event AS uuid) IS NULL OR event_id = :event)
    ORDER BY decided_at DESC, id DESC LIMIT 20
""")

_JOURNEYS = text("""
    SELECT id, state, reason_kind, reason_detail, block, due_at, parked, started_at, ended_at
    FROM journeys
    WHERE contact_id = :contact AND workflow_id = :workflow AND test_to IS NULL
      AND (CAST(:event AS uuid) IS NULL OR event_id = :event)
    ORDER BY started_at DESC, id DESC LIMIT :most
""")

_STEPS = text("""
    SELECT journey_id, block, outcome FROM journey_steps
    WHERE journey_id = ANY(:journeys) ORDER BY journey_id, visit
""")

_MESSAGES = text("""
    SELECT id, journey_id, block, channel, state, reason, created_at, sent_at FROM messages
    WHERE journey_id = ANY(:journeys) ORDER BY created_at DESC, id DESC
""")

_WAITING = text("""
    SELECT min(created_at) FROM facts WHERE contact_id = :contact AND NOT silent
""")

_FAILED = text("""
    SELECT kind, ref, error, failed_at FROM failed_facts
    WHERE workspace_id = :workspace AND contact_id = :contact ORDER BY seq DESC LIMIT :most
""")

_ENTRY = text("""
    SELECT last_started_at FROM entries
    WHERE workflow_id = :workflow AND contact_id = :contact AND key_hash = :key
""")

_SEGMENTS = text("""
    SELECT s.key, s.state, s.definition IS NULL AS static, m.entered_at,
           (SELECT max(t.left_at) FROM segment_stays t
            WHERE t.contact_id = :contact AND t.segment_id = s.id) AS left_at
    FROM segments s
    LEFT JOIN segment_members m ON m.segment_id = s.id AND m.contact_id = :contact
    WHERE s.workspace_id = :workspace AND s.key = ANY(:keys)
""")

_LAUNCHES = text("""
    SELECT l.id, l.state, l.started_at, l.taken, l.total, l.reason, s.key AS segment,
           EXISTS (SELECT FROM facts f WHERE f.contact_id = :contact AND f.kind = 'launch'
                   AND f.ref = l.id) AS pending
    FROM launches l LEFT JOIN segments s ON s.id = l.segment_id
    WHERE l.workflow_id = :workflow AND NOT EXISTS (
        SELECT FROM entry_decisions d WHERE d.contact_id = :contact AND d.launch_id = l.id
    )
    ORDER BY l.started_at DESC, l.id DESC LIMIT :most
""")


async def gather(
    connection: AsyncConnection,
    workspace_id: UUID,
    workflow_id: UUID,
    contact_id: UUID,
    event: str | None,
) -> Evidence:
    """Read it all; `event` is a name or an id to look at alone."""
    row = (
        await connection.execute(_WORKFLOW, {"workspace": workspace_id, "workflow": workflow_id})
    ).one()
    definition = None if row.definition is None else Definition.model_validate(row.definition)
    start = definition.start if definition is not None else None
    event_id = None if event is None else as_uuid(event)
    mine = {"contact": contact_id, "workflow": workflow_id}
    events = (
        await connection.execute(
            _EVENTS_NAMED if event_id is None else _EVENT,
            {**mine, "asked": event_id or event or _started_by(start), "most": AT_MOST},
        )
    ).all()
    journeys = (
        await connection.execute(_JOURNEYS, {**mine, "event": event_id, "most": AT_MOST})
    ).all()
    runs = {"journeys": [journey.id for journey in journeys]}
    last_entry = None
    if start is not None and (events or not start.reentry.key):
        key = key_hash(start.reentry, events[0].properties if events else {})
        last_entry = await connection.scalar(_ENTRY, {**mine, "key": key})
    segments = {"workspace": workspace_id, "contact": contact_id, "keys": named(definition)}
    failed = {"workspace": workspace_id, "contact": contact_id, "most": AT_MOST}
    launches: AnyRows = []
    if event_id is None:
        launches = (await connection.execute(_LAUNCHES, {**mine, "most": AT_MOST})).all()
    return Evidence(
        workflow=row,
        definition=definition,
        event_asked=event,
        events=events,
        decisions=(await connection.execute(_DECISIONS, {**mine, "event": event_id})).all(),
        journeys=journeys,
        steps=(await connection.execute(_STEPS, runs)).all(),
        messages=(await connection.execute(_MESSAGES, runs)).all(),
        failed=(await connection.execute(_FAILED, failed)).all(),
        pending_since=await connection.scalar(_WAITING, {"contact": contact_id}),
        last_entry=last_entry,
        segments=(await connection.execute(_SEGMENTS, segments)).all(),
        launches=launches,
    )


def _started_by(start: Start | None) -> str | None:
    return start.event if isinstance(start, EventStart) else None


def start_segment(definition: Definition | None) -> str | None:
    """The segment whose members start; None if who is in it depends on parameters."""
    start = None if definition is None else definition.start
    if isinstance(start, EventForSegmentStart):
        return None if start.bind else start.segment
    return start.segment if isinstance(start, SegmentStart) else None


def stop_segments(definition: Definition | None) -> list[str]:
    """The segments whose members do not start, and are stopped."""
    stops = [] if definition is None else definition.stop
    return [stop.segment for stop in stops if isinstance(stop, SegmentStop)]


def named(definition: Definition | None) -> list[str]:
    """Every segment that an explanation tells about."""
    start = start_segment(definition)
    return [*([start] if start is not None else []), *stop_segments(definition)]
