"""One lane's facts, decided on in one transaction by set-based statements.

The caller holds the lane, so nobody else decides on these contacts' facts. Contacts are locked
against being merged or erased meanwhile, not against being written to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID, uuid5

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.dispatch.decisions import (
    Decisions,
    Past,
    RunningJourney,
    Situation,
    by_contact,
    decide,
    lookback_interests,
)
from engine.dispatch.facts import Fact, attributes, fact_of, read_facts
from engine.dispatch.fanning import event_launches
from engine.dispatch.following import follow
from engine.dispatch.waking import wake_waiting
from engine.goals import reach_goals
from engine.lanes import lane_of
from engine.launches.fanout import begin_event_launches
from engine.order_history import AS_IT_WAS
from engine.rules import ANY_ORDER, RuleBook, RuleBooks
from engine.stopping import stop_journeys
from journeys.timing import before
from storage.sql import statement

_RUNNING = text("""
    SELECT j.id, j.workflow_id, j.version_id, j.contact_id, j.key_hash, j.event_id, j.params,
           CASE WHEN :late THEN coalesce(
               (SELECT e.timestamp FROM events e WHERE e.id = j.event_id AND j.launch_id IS NULL),
               j.started_at
           ) END AS began
    FROM journeys j
    WHERE j.contact_id = ANY(:contacts) AND j.state = 'running' AND j.test_to IS NULL
    ORDER BY j.started_at, j.id
""")

_ENTRIES = text("""
    SELECT workflow_id, contact_id, key_hash, last_started_at
    FROM entries WHERE contact_id = ANY(:contacts) AND workflow_id = ANY(:workflows)
""")

_HISTORY = text("""
    SELECT e.contact_id, e.id, e.name, e.properties, e.timestamp, f.seq
    FROM events e
    LEFT JOIN facts f ON f.contact_id = e.contact_id AND f.kind = 'event' AND f.ref = e.id
    WHERE e.contact_id = ANY(:contacts) AND e.name = ANY(:names) AND e.timestamp >= :since
""")

_PAST_ORDERS = text(f"""
    SELECT o.contact_id, o.id, {AS_IT_WAS}, s."timestamp" AS ordered_at, o.created_at,
           s.received_at AS updated_at,
           (SELECT max(f.seq) FROM facts f
            WHERE f.contact_id = o.contact_id AND f.kind = 'order' AND f.ref = o.id
              AND (f.change IS NULL
                   OR (CAST(f.change ->> 'timestamp' AS timestamptz) = s."timestamp"
                       AND f.change ->> 'status' = s.status))) AS seq
    FROM orders o JOIN order_states s ON s.order_id = o.id AND s."timestamp" >= :since
    WHERE o.contact_id = ANY(:contacts) AND o."timestamp" >= :since
""")  # noqa: S608  (nothing of a request is in it)
"""All that their orders were, also what they are no more."""

_ENTER = statement("""
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:workspaces AS uuid[]), CAST(:workflows AS uuid[]),
            CAST(:versions AS uuid[]), CAST(:contacts AS uuid[]), CAST(:events AS uuid[]),
            CAST(:keys AS uuid[]), CAST(:exclusive AS bool[]), CAST(:once AS bool[]),
            CAST(:reentry AS timestamptz[]), CAST(:depths AS int[]), CAST(:lanes AS int[]),
            CAST(:end_kinds AS text[]), CAST(:end_details AS text[]), CAST(:params AS text[]),
            CAST(:launches AS uuid[])
        ) WITH ORDINALITY AS w(
            id, workspace_id, workflow_id, version_id, contact_id, event_id,
            key_hash, exclusive, once, reentry_before, depth, lane, end_kind, end_detail,
            params, launch_id, position
        )
    ), begun AS (
        INSERT INTO journeys (
            id, workspace_id, workflow_id, version_id, contact_id, event_id, launch_id, params,
            key_hash, exclusive, visit, step, parked, depth, started_at,
            state, reason_kind, reason_detail, ended_at
        )
        SELECT w.id, w.workspace_id, w.workflow_id, w.version_id, w.contact_id, w.event_id,
               w.launch_id,
               coalesce(e.properties, CAST(w.params AS jsonb)), w.key_hash, w.exclusive,
               0, 0, false, w.depth, :now,
               CASE WHEN w.end_kind IS NULL THEN 'running' ELSE 'stopped' END,
               w.end_kind, w.end_detail, CASE WHEN w.end_kind IS NOT NULL THEN :now END
        FROM wanted w LEFT JOIN events e ON e.id = w.event_id
        WHERE NOT EXISTS (
            SELECT FROM entries n
            WHERE n.workflow_id = w.workflow_id AND n.contact_id = w.contact_id
              AND n.key_hash = w.key_hash AND (w.once OR n.last_started_at > w.reentry_before)
        )
        ORDER BY w.position
        ON CONFLICT DO NOTHING
        RETURNING id
    ), entered AS (
        INSERT INTO entries (workspace_id, workflow_id, contact_id, key_hash, last_started_at)
        SELECT DISTINCT ON (workflow_id, contact_id, key_hash)
               workspace_id, workflow_id, contact_id, key_hash, :now
        FROM wanted JOIN begun USING (id)
        ON CONFLICT (workflow_id, contact_id, key_hash)
        DO UPDATE SET last_started_at = EXCLUDED.last_started_at
    ), owed AS (
        INSERT INTO commands (workspace_id, lane, journey_id, kind, due_at)
        SELECT workspace_id, lane, id, 'start', :now FROM wanted JOIN begun USING (id)
        WHERE end_kind IS NULL ORDER BY position
    )
    SELECT id FROM begun
""")

_RECORD = statement("""
    INSERT INTO entry_decisions (
        id, workspace_id, workflow_id, contact_id, event_id, launch_id, journey_id, outcome, detail,
        key, decided_at
    )
    SELECT id, workspace_id, workflow_id, contact_id, event_id, launch_id, journey_id, outcome,
           detail, CAST(key AS jsonb), :now
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:workspaces AS uuid[]), CAST(:workflows AS uuid[]),
        CAST(:contacts AS uuid[]), CAST(:events AS uuid[]), CAST(:journeys AS uuid[]),
        CAST(:outcomes AS text[]), CAST(:details AS text[]), CAST(:launches AS uuid[]),
        CAST(:keys AS text[])
    ) AS d(id, workspace_id, workflow_id, contact_id, event_id, journey_id, outcome, detail,
           launch_id, key)
    ON CONFLICT DO NOTHING
""")

_SET_ASIDE = statement("""
    INSERT INTO failed_facts (seq, workspace_id, contact_id, kind, ref, change, error, failed_at)
    SELECT f.seq, f.workspace_id, f.contact_id, f.kind, f.ref, f.change, x.error, :now
    FROM facts f JOIN unnest(CAST(:seqs AS bigint[]), CAST(:errors AS text[])) AS x(seq, error)
      ON x.seq = f.seq
""")

_DONE = text("DELETE FROM facts WHERE seq = ANY(:seqs)")


@dataclass(frozen=True)
class LaneRun:
    """How many facts were taken from the lane, and which could not be decided on."""

    facts: int
    failures: tuple[tuple[int, str], ...] = ()


async def decide_lane(
    connection: AsyncConnection,
    lane: int,
    books: RuleBooks,
    *,
    now: datetime,
    limit: int = 200,
    only: int | None = None,
) -> LaneRun:
    """Decide on the lane's oldest facts, or on the one with the seq `only`.

    The caller holds the lane and owns the transaction.
    """
    rows = await read_facts(connection, lane, limit=limit, only=only)
    if not rows:
        return LaneRun(0)
    failures: list[tuple[int, str]] = []
    ordered = sorted(rows, key=lambda row: (row.workspace_id, row.seq))
    for workspace_id, group in groupby(ordered, lambda row: row.workspace_id):
        members = list(group)
        book = await books.get(connection, workspace_id, members[0].rules_revision)
        await begin_event_launches(connection, event_launches(book, members, now), now=now)
        known = [fact for row in members if (fact := fact_of(row)) is not None]
        facts, inside = await follow(connection, book, workspace_id, known, lane=lane, now=now)
        situation = await _look_up(connection, book, facts, inside, now)
        decisions = decide(book, facts, situation)
        await _write(connection, decisions, now)
        await reach_goals(connection, book, facts, now)
        heard = [fact for fact in facts if not fact.silent and not fact.late]
        await wake_waiting(connection, book.waits, heard, now)
        failures += [(fact.seq, error) for fact, error in decisions.failures]
    if failures:
        await connection.execute(
            _SET_ASIDE,
            {"seqs": [seq for seq, _ in failures], "errors": [e for _, e in failures], "now": now},
        )
    await connection.execute(_DONE, {"seqs": [row.seq for row in rows]})
    return LaneRun(len(rows), tuple(failures))


async def oldest_fact(connection: AsyncConnection, lane: int) -> int | None:
    """The seq of the lane's oldest fact."""
    seq: int | None = await connection.scalar(
        text("SELECT min(seq) FROM facts WHERE lane = :lane"), {"lane": lane}
    )
    return seq


async def set_aside(connection: AsyncConnection, seq: int, error: str, *, now: datetime) -> None:
    """Move a fact out of the way: deciding on it alone fails every time."""
    await connection.execute(_SET_ASIDE, {"seqs": [seq], "errors": [error], "now": now})
    await connection.execute(_DONE, {"seqs": [seq]})


async def _look_up(
    connection: AsyncConnection,
    book: RuleBook,
    facts: Sequence[Fact],
    inside: Mapping[UUID, frozenset[str]],
    now: datetime,
) -> Situation:
    contacts = list({fact.contact_id for fact in facts})
    late = any(fact.late for fact in facts)
    running = [
        RunningJourney(*row)
        for row in (await connection.execute(_RUNNING, {"contacts": contacts, "late": late})).all()
    ]
    starting = [rule.version for fact in facts for rule in book.starts.get(fact.interest, ())]
    entries = {}
    if starting:
        workflows = list({version.workflow_id for version in starting})
        rows = (
            await connection.execute(_ENTRIES, {"contacts": contacts, "workflows": workflows})
        ).all()
        entries = {(r.workflow_id, r.contact_id, r.key_hash): r.last_started_at for r in rows}
    history = await _history(connection, book, facts, contacts)
    return Situation(now, by_contact(running), entries, history, inside)


async def _history(
    connection: AsyncConnection, book: RuleBook, facts: Sequence[Fact], contacts: list[UUID]
) -> dict[UUID, list[Past]]:
    """What the lookbacks of the workflows that may start ask for, by contact."""
    history: dict[UUID, list[Past]] = defaultdict(list)
    interests = lookback_interests(book, facts)
    if not interests:
        return history
    span = {"contacts": contacts, "since": _earliest(book, facts)}
    names = [name for kind, name in interests if kind == "event"]
    if names:
        for row in (await connection.execute(_HISTORY, {**span, "names": names})).all():
            history[row.contact_id].append(
                Past(row.id, "event", row.name, row.properties, row.timestamp, row.seq)
            )
    if ANY_ORDER in interests:
        for row in (await connection.execute(_PAST_ORDERS, span)).all():
            history[row.contact_id].append(
                Past(row.id, "order", row.status, attributes(row), row.ordered_at, row.seq)
            )
    return history


def _earliest(book: RuleBook, facts: Sequence[Fact]) -> datetime:
    """How far back any lookback of these facts reaches."""
    moments = [
        before(fact.timestamp, rule.lookback or "PT0S", "UTC")
        for fact in facts
        for start in book.starts.get(fact.interest, ())
        for rule in book.lookbacks.get(start.version.id, ())
    ]
    return min(moments)


async def _write(connection: AsyncConnection, decisions: Decisions, now: datetime) -> None:
    await stop_journeys(connection, decisions.stops, now=now)
    begun = await _begin(connection, decisions, now) if decisions.starts else set()
    outcomes = [
        (
            start.fact, start.version.workflow_id, start.id if start.id in begun else None,
            "started" if start.id in begun else "overlap",
            None if start.id in begun else "another start was first", start.key,
        )
        for start in decisions.starts
    ] + [
        (refusal.fact, refusal.workflow_id, None, refusal.outcome, refusal.detail, refusal.key)
        for refusal in decisions.refusals
    ]  # fmt: skip
    if outcomes:
        facts, workflows, journeys, names, details, keys = zip(*outcomes, strict=True)
        await connection.execute(
            _RECORD,
            {
                "ids": [
                    uuid5(workflow, f"decision:{fact.identity}")
                    for fact, workflow in zip(facts, workflows, strict=True)
                ],
                "workspaces": [fact.workspace_id for fact in facts],
                "workflows": workflows,
                "contacts": [fact.contact_id for fact in facts],
                "events": [fact.event_id for fact in facts],
                "journeys": journeys,
                "launches": [fact.launch_id for fact in facts],
                "keys": [None if key is None else orjson.dumps(key).decode() for key in keys],
                "outcomes": names,
                "details": details,
                "now": now,
            },
        )


async def _begin(connection: AsyncConnection, decisions: Decisions, now: datetime) -> set[UUID]:
    """Insert the journeys; the unique constraints have the last word. The ids of the new ones."""
    starts = decisions.starts
    ends = [decisions.stillborn.get(start.id) for start in starts]
    rows = await connection.execute(
        _ENTER,
        {
            "ids": [start.id for start in starts],
            "workspaces": [start.fact.workspace_id for start in starts],
            "workflows": [start.version.workflow_id for start in starts],
            "versions": [start.version.id for start in starts],
            "contacts": [start.fact.contact_id for start in starts],
            "events": [start.fact.event_id for start in starts],
            "keys": [start.key_hash for start in starts],
            "exclusive": [start.exclusive for start in starts],
            "once": [start.once for start in starts],
            "reentry": [start.reentry_before for start in starts],
            "depths": [start.fact.depth for start in starts],
            "lanes": [lane_of(start.fact.contact_id) for start in starts],
            "end_kinds": [end.kind if end else None for end in ends],
            "end_details": [end.detail if end else None for end in ends],
            "params": [
                None if start.fact.event_id else orjson.dumps(start.fact.properties).decode()
                for start in starts
            ],
            "launches": [start.fact.launch_id for start in starts],
            "now": now,
        },
    )
    return set(rows.scalars())
