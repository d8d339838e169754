"""What one event costs while many segments are kept, and what finding a segment's members costs."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import mean, median
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import insert, text

from benchmarks.population import fill, new_database
from benchmarks.report import Figure, Section
from benchmarks.stack import Stack
from engine.dispatch.lane import decide_lane
from engine.ingest.items import Envelope
from engine.ingest.parsing import parse_items
from engine.ingest.writer import store
from engine.lanes import lane_of
from engine.membership.backfill import backfill as find_members
from engine.membership.backfill import begin_backfills
from engine.rules import RuleBooks
from engine.segments import create_segment
from storage.database import Database
from storage.tables import Workspace

SEGMENTS = 50
EVENT = "Session Started"
INACTIVE: dict[str, Any] = {"event": EVENT, "within": "P9D", "times": {"op": "=", "value": 0}}
MENTIONING: tuple[dict[str, Any], ...] = (
    INACTIVE,
    {"event": EVENT, "within": "P30D", "times": {"op": ">=", "value": 3}},
    {"event": EVENT, "times": {"op": ">=", "value": 5}},
    {"all": [{"field": "plan", "op": "=", "value": "premium"}, {"event": EVENT, "within": "P7D"}]},
    {"all": [{"event": EVENT, "within": "P60D"}, {"not": {"event": "Rated"}}]},
)
BLOCK = 25
"""Events of one population before the other's turn."""


@dataclass
class Population:
    """One workspace in a database of its own."""

    database: Database
    url: str
    workspace: UUID
    contacts: list[UUID]
    books: RuleBooks


async def populate(stack: Stack, name: str, contacts: int, events_each: int) -> Population:
    """A database with a workspace of so many contacts."""
    url = await new_database(stack.database_url, name)
    database = Database(url)
    workspace = uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            insert(Workspace).values(
                id=workspace, name=name, timezone="UTC", paused=False, rules_revision=0
            )
        )
    connection = await asyncpg.connect(url)
    try:
        ids = await fill(
            connection, workspace, contacts=contacts, events_each=events_each, seed=contacts
        )
    finally:
        await connection.close()
    return Population(database, url, workspace, ids, RuleBooks())


async def make_segment(population: Population, key: str, where: dict[str, Any]) -> UUID:
    """A segment that is still to be backfilled."""
    async with population.database.transaction() as connection:
        record = await create_segment(
            connection, population.workspace, key=key, name=key, where=where,
            now=datetime.now(UTC),
        )  # fmt: skip
    return record.id


async def backfill(population: Population, segment: UUID) -> float:
    """Seconds of all pages, as the activity runs them."""
    begin = time.perf_counter()
    await find_members(
        population.database, segment, population.books, clock=lambda: datetime.now(UTC)
    )
    return time.perf_counter() - begin


@dataclass(frozen=True)
class ByHand:
    """What somebody who knows the data would write in place of a backfill."""

    members: str
    """One statement that finds them; its arguments are the workspace and the segment."""
    complete: tuple[tuple[str, ...], ...]
    """Ways to write all that the backfill writes: the instants too, if time changes members."""


_IDLE_MEMBERS = """
    INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at)
    SELECT c.workspace_id, $2, c.id, now() FROM contacts c
    WHERE c.workspace_id = $1 AND NOT EXISTS (
        SELECT FROM events e WHERE e.contact_id = c.id AND e.name = 'Session Started'
        AND e.timestamp >= now() - interval '9 days')
"""
_IDLE_INSTANTS = """
    INSERT INTO segment_instants (workspace_id, segment_id, contact_id, due_at)
    SELECT $1, $2, e.contact_id, max(e.timestamp) + interval '9 days' FROM events e
    WHERE e.workspace_id = $1 AND e.name = 'Session Started'
      AND e.timestamp >= now() - interval '9 days'
    GROUP BY e.contact_id
"""
_IDLE_AT_ONCE = """
    WITH judged AS MATERIALIZED (
        SELECT c.id, e.latest FROM contacts c LEFT JOIN (
            SELECT contact_id, max(timestamp) AS latest FROM events
            WHERE workspace_id = $1 AND name = 'Session Started'
              AND timestamp >= now() - interval '9 days'
            GROUP BY contact_id
        ) e ON e.contact_id = c.id WHERE c.workspace_id = $1
    ), instants AS (
        INSERT INTO segment_instants (workspace_id, segment_id, contact_id, due_at)
        SELECT $1, $2, id, latest + interval '9 days' FROM judged WHERE latest IS NOT NULL
    )
    INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at)
    SELECT $1, $2, id, now() FROM judged WHERE latest IS NULL
"""
IDLE = ByHand(_IDLE_MEMBERS, ((_IDLE_MEMBERS, _IDLE_INSTANTS), (_IDLE_AT_ONCE,)))

_REGULAR_MEMBERS = """
    INSERT INTO segment_members (workspace_id, segment_id, contact_id, entered_at)
    SELECT $1, $2, e.contact_id, now() FROM events e
    WHERE e.workspace_id = $1 AND e.name = 'Session Started' AND e.contact_id IS NOT NULL
    GROUP BY e.contact_id HAVING count(*) >= 5
"""
REGULAR = ByHand(_REGULAR_MEMBERS, ((_REGULAR_MEMBERS,),))


async def _emptied(population: Population) -> None:
    connection = await asyncpg.connect(population.url)
    try:
        await connection.execute("TRUNCATE segment_members, segment_instants")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def by_hand(
    population: Population, segment: UUID, statements: tuple[str, ...]
) -> tuple[float, int]:
    """Seconds of statements on an empty segment, and how many rows the last of them wrote."""
    await _emptied(population)
    connection = await asyncpg.connect(population.url)
    try:
        begin = time.perf_counter()
        async with connection.transaction():
            for statement in statements:
                answer = await connection.execute(
                    statement, population.workspace, segment, timeout=3600
                )
        return time.perf_counter() - begin, int(answer.rsplit(" ", 1)[1])
    finally:
        await connection.close()


async def anew(population: Population, segment: UUID) -> float:
    """Backfill an empty segment as if it had just been saved."""
    async with population.database.transaction() as connection:
        await begin_backfills(connection, population.workspace, [segment], now=datetime.now(UTC))
    return await backfill(population, segment)


async def one_event(population: Population, chance: random.Random) -> tuple[float, float]:
    """Seconds until an event is committed, and from there until its consequences are."""
    number = chance.randrange(len(population.contacts))
    now = datetime.now(UTC)
    envelope = Envelope(population.workspace, received_at=now)
    items, _ = parse_items(
        [{"type": "track", "userId": f"user-{number}", "event": EVENT}], envelope
    )
    begin = time.perf_counter()
    async with population.database.transaction() as connection:
        await store(connection, population.workspace, items, now=now)
    stored = time.perf_counter()
    lane = lane_of(population.contacts[number])
    async with population.database.transaction() as connection:
        await decide_lane(connection, lane, population.books, now=now)
    return stored - begin, time.perf_counter() - stored


@dataclass
class Backfills:
    """Seconds of each round."""

    engine: list[float]
    members_by_hand: list[float]
    all_by_hand: list[float]
    members: int


async def backfills(population: Population, segment: UUID, hand: ByHand, rounds: int) -> Backfills:
    """Find the same members in turns, once unmeasured; by hand, the fastest way counts."""
    await backfill(population, segment)
    result = Backfills([], [], [], 0)
    for _ in range(rounds):
        seconds, result.members = await by_hand(population, segment, (hand.members,))
        result.members_by_hand.append(seconds)
        for way in hand.complete:
            seconds, _ = await by_hand(population, segment, way)
            result.all_by_hand.append(seconds)
        await _emptied(population)
        result.engine.append(await anew(population, segment))
    return result


async def make_segments(population: Population) -> list[UUID]:
    """All of them; the ids of those that mention the event and are still to be backfilled."""
    for number in range(SEGMENTS - len(MENTIONING)):
        where = {"event": f"Something {number}", "within": "P9D"}
        await make_segment(population, f"other-{number}", where)
    async with population.database.transaction() as connection:
        # Nobody did what these ask for, so there is nobody to be found.
        await connection.execute(text("DELETE FROM segment_backfills"))
        await connection.execute(text("UPDATE segments SET state = 'live'"))
    return [
        await make_segment(population, f"mentions-{number}", where)
        for number, where in enumerate(MENTIONING)
    ]


async def event_costs(populations: dict[str, Population], samples: int) -> dict[str, list[float]]:
    """Milliseconds of each event, the populations in turns."""
    chance = random.Random(1)
    costs: dict[str, list[float]] = {name: [] for name in populations}
    for number in range(-2, max(1, samples // BLOCK)):
        for name, population in populations.items():
            block = [1000 * sum(await one_event(population, chance)) for _ in range(BLOCK)]
            costs[name] += block if number >= 0 else []
    return costs


async def measure(
    stack: Stack, *, small: int, large: int, events_each: int, samples: int, rounds: int
) -> Section:
    """Populate two databases, backfill in turns with plain SQL, then send events in turns."""
    populations = {
        "small": await populate(stack, "bench_small", small, events_each),
        "large": await populate(stack, "bench_large", large, events_each),
    }
    made = {name: await make_segments(one) for name, one in populations.items()}
    idle = await backfills(populations["large"], made["large"][0], IDLE, rounds)
    regular = await backfills(populations["large"], made["large"][2], REGULAR, rounds)
    for name, population in populations.items():
        await _emptied(population)
        for id_ in made[name]:
            await anew(population, id_)
    costs = await event_costs(populations, samples)
    for population in populations.values():
        await population.database.close()
    middle = {name: median(values) for name, values in costs.items()}
    average = {name: mean(values) for name, values in costs.items()}
    return Section(
        "Segments",
        f"Databases of {small:,} and {large:,} contacts with {events_each} events each, made by "
        "COPY. An event of a known contact, from the call to the commit of what follows from it, "
        f"with {SEGMENTS} segments of which {len(MENTIONING)} mention it ({len(costs['small'])} "
        f"events each, in turns). Backfills in the large one, in turns with INSERT … SELECT of the "
        f"same rows by hand, the best of {rounds}: of 'at least 5 {EVENT}' ({regular.members:,} "
        f"members), and of 'no {EVENT} for 9 days' ({idle.members:,} members), which also stores "
        "when each of the others will come in; beside that, the quicker of one statement and two.",
        [
            Figure(
                f"an event at {large:,} contacts, ms (median)",
                f"{middle['large']:.1f}",
                f"{middle['small']:.1f}",
                middle["large"] / middle["small"],
                at_most=1.3,
            ),
            Figure(
                f"an event at {large:,} contacts, ms (mean)",
                f"{average['large']:.1f}",
                f"{average['small']:.1f}",
                average["large"] / average["small"],
            ),
            _backfilled("backfill, s", regular.engine, regular.all_by_hand, at_most=1.5),
            _backfilled("backfill with a window, s", idle.engine, idle.all_by_hand, at_most=1.5),
            _backfilled("the same beside its members only, s", idle.engine, idle.members_by_hand),
        ],
    )


def _backfilled(
    what: str, engine: list[float], by_hand: list[float], *, at_most: float | None = None
) -> Figure:
    ours, theirs = min(engine), min(by_hand)
    return Figure(what, f"{ours:.1f}", f"{theirs:.1f}", ours / theirs, at_most=at_most)
