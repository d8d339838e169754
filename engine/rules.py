"""The start and stop rules of what is published, ready to be matched against arriving facts.

A workspace's `rules_revision` grows in the transaction that changes what is published, and the
dispatcher reads it in the transaction that decides, so a cached book is never stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.membership.book import SegmentBook
from engine.rule_lock import hold_rules
from engine.waits import WaitRule, waits_of
from journeys.comparison import Operand, compare, is_present
from journeys.definition import (
    Definition,
    EventForSegmentStart,
    EventStart,
    EventStop,
    FieldChangeStart,
    Goal,
    LaunchSchedule,
    OrderStop,
    SegmentStart,
    SegmentStop,
    Start,
    Stop,
)
from journeys.errors import InvalidInput
from journeys.matching import PropertyFilter, same_checks
from storage.repositories.audiences import workspace_zone
from storage.repositories.segments import all_segments

FactKind = Literal[
    "event", "order", "field", "segment", "launch", "message",
    "contact", "seen", "device", "list", "clock",
]  # fmt: skip
Interest = tuple[str, str]
"""What a rule waits for: the kind of a fact, and the name of the event, field or segment; for a
launch, the workflow's id."""
ANY_ORDER: Interest = ("order", "*")


@dataclass(frozen=True)
class Version:
    """A published version whose rules hold: the current one, or one that journeys still run."""

    id: UUID
    workflow_id: UUID
    definition: Definition
    starts: bool
    """Whether new journeys may begin on it."""


class ChangeFilter:
    """The `from` and `to` of a field change, made ready; null among them means no value."""

    __slots__ = ("_sides",)

    def __init__(self, start: FieldChangeStart) -> None:
        self._sides = tuple(
            (side, Operand([value for value in values if value is not None]), None in values)
            for side, values in (("from", start.from_), ("to", start.to))
            if values
        )

    def matches(
        self, properties: Mapping[str, Any], *, params: Mapping[str, Any], now: datetime
    ) -> bool:
        """Whether the change `{field, from, to}` passes; it refers to nothing but itself."""
        del params
        return all(
            compare(value, "in", wanted, now) if is_present(value) else null_is_wanted
            for value, wanted, null_is_wanted in (
                (properties.get(side), wanted, null) for side, wanted, null in self._sides
            )
        )


ANYTHING = PropertyFilter([])


@dataclass(frozen=True)
class StartRule:
    """A start of a version by one contact's fact, its filter compiled."""

    version: Version
    start: Start
    where: PropertyFilter | ChangeFilter = ANYTHING


@dataclass(frozen=True)
class FanOutRule:
    """A start of a version, by an event, for every member of a segment."""

    version: Version
    start: EventForSegmentStart
    where: PropertyFilter


@dataclass(frozen=True)
class GoalRule:
    """A goal of a version, its filter compiled."""

    version: Version
    goal: Goal
    where: PropertyFilter


@dataclass(frozen=True)
class StopRule:
    """A stop by an event, an order or a segment, its `where` and `same` as one filter."""

    stop: EventStop | OrderStop | SegmentStop
    where: PropertyFilter = ANYTHING

    @property
    def lookback(self) -> str | None:
        """How far back before a start it is looked for; None: only what came after it counts."""
        return None if isinstance(self.stop, SegmentStop) else self.stop.lookback

    @property
    def interests(self) -> list[Interest]:
        """The facts that may fulfil it."""
        match self.stop:
            case OrderStop():
                return [ANY_ORDER]
            case SegmentStop(segment=key):
                return [("segment", key)]
            case EventStop(events=names):
                return [("event", name) for name in dict.fromkeys(names)]

    def matches(
        self,
        kind: FactKind,
        name: str,
        properties: Mapping[str, Any],
        *,
        params: Mapping[str, Any],
        now: datetime,
    ) -> bool:
        """Whether this stops a journey with `params`.

        It is an event, an order in the state `name`, or the entry into the segment `name`.
        """
        match self.stop:
            case EventStop(events=names):
                named = kind == "event" and name in names
            case OrderStop(status=states):
                named = kind == "order" and (not states or name in states)
            case SegmentStop(segment=key):
                named = kind == "segment" and name == key and properties["entered"] is True
        return named and self.where.matches(properties, params=params, now=now)


@dataclass(frozen=True)
class RuleBook:
    """The rules of one workspace, indexed by what they mention."""

    revision: int
    versions: dict[UUID, Version]
    segments: SegmentBook
    starts: dict[Interest, tuple[StartRule, ...]] = field(default_factory=dict)
    stops: dict[tuple[UUID, Interest], tuple[StopRule, ...]] = field(default_factory=dict)
    """By version and interest."""
    lookbacks: dict[UUID, tuple[StopRule, ...]] = field(default_factory=dict)
    """By version: the stops by events and orders. One may lie within its `lookback`, or have been
    decided on before a start that it came after."""
    stop_segments: dict[UUID, tuple[str, ...]] = field(default_factory=dict)
    """By version: the keys of the segments whose members do not start."""
    fan_outs: dict[Interest, tuple[FanOutRule, ...]] = field(default_factory=dict)

    @cached_property
    def goals(self) -> dict[Interest, tuple[GoalRule, ...]]:
        """The goals of the current versions, by the event that reaches them."""
        found: dict[Interest, list[GoalRule]] = defaultdict(list)
        for version in self.versions.values():
            for goal in version.definition.goals if version.starts else ():
                rule = GoalRule(version, goal, PropertyFilter(goal.where))
                found["event", goal.event].append(rule)
        return {interest: tuple(rules) for interest, rules in found.items()}

    @cached_property
    def waits(self) -> dict[Interest, tuple[WaitRule, ...]]:
        """The blocks that look out for a fact, by what it is."""
        return waits_of((version.id, version.definition) for version in self.versions.values())


_LOAD = text("""
    SELECT v.id, v.workflow_id, v.definition,
           v.version = w.version AND w.state IN ('active', 'paused') AS starts
    FROM workflow_versions v JOIN workflows w ON w.id = v.workflow_id
    WHERE w.workspace_id = :workspace
      AND ((v.version = w.version AND w.state IN ('active', 'paused'))
           OR EXISTS (SELECT FROM journeys j WHERE j.version_id = v.id AND j.state = 'running'))
    ORDER BY w.created_at, w.id
""")


class RulesUnreadable(Exception):  # noqa: N818  (a verdict, see below)
    """What depends on the rules waits for a release that can read them, and is not lost by it."""


class RuleBooks:
    """The rule books of all workspaces that this process met, reloaded when their revision grew."""

    def __init__(self) -> None:
        self._books: dict[UUID, RuleBook] = {}

    async def get(self, connection: AsyncConnection, workspace_id: UUID, revision: int) -> RuleBook:
        """The rules at `revision`, which the caller read in this same transaction."""
        book = self._books.get(workspace_id)
        if book is None or book.revision != revision:
            book = await load_rules(connection, workspace_id, revision)
            self._books[workspace_id] = book
        return book


async def load_rules(connection: AsyncConnection, workspace_id: UUID, revision: int) -> RuleBook:
    """Read the published versions and the segments, and index their rules.

    Raises RulesUnreadable when a newer release published something that this one cannot read.
    """
    try:
        return await _load_rules(connection, workspace_id, revision)
    except (ValidationError, InvalidInput) as error:
        raise RulesUnreadable(
            f"this release cannot read the rules of the workspace {workspace_id}: {error}"
        ) from error


async def _load_rules(connection: AsyncConnection, workspace_id: UUID, revision: int) -> RuleBook:
    rows = (await connection.execute(_LOAD, {"workspace": workspace_id})).all()
    versions = {
        row.id: Version(
            row.id, row.workflow_id, Definition.model_validate(row.definition), row.starts
        )
        for row in rows
    }
    records = await all_segments(connection, workspace_id)
    zone = await workspace_zone(connection, workspace_id)
    starts: dict[Interest, list[StartRule]] = defaultdict(list)
    fan_outs: dict[Interest, list[FanOutRule]] = defaultdict(list)
    stops: dict[tuple[UUID, Interest], list[StopRule]] = defaultdict(list)
    lookbacks: dict[UUID, list[StopRule]] = defaultdict(list)
    for version in versions.values():
        start = version.definition.start
        if version.starts:
            launched = ("launch", str(version.workflow_id))
            starts[launched].append(StartRule(version, start))
        if version.starts and isinstance(start, EventForSegmentStart):
            fan_out = FanOutRule(version, start, PropertyFilter(start.where))
            fan_outs["event", start.event].append(fan_out)
        elif version.starts and (started := _started_by(version)) is not None:
            starts[started[0]].append(started[1])
        for stop in version.definition.stop:
            ends = stop_rule(stop)
            for interest in ends.interests:
                stops[version.id, interest].append(ends)
            if not isinstance(stop, SegmentStop):
                lookbacks[version.id].append(ends)
    return RuleBook(
        revision,
        versions,
        SegmentBook(records, zone),
        {interest: tuple(rules) for interest, rules in starts.items()},
        {key: tuple(rules) for key, rules in stops.items()},
        {id_: tuple(rules) for id_, rules in lookbacks.items()},
        {
            version.id: tuple(
                stop.segment for stop in version.definition.stop if isinstance(stop, SegmentStop)
            )
            for version in versions.values()
        },
        {interest: tuple(rules) for interest, rules in fan_outs.items()},
    )


def _started_by(version: Version) -> tuple[Interest, StartRule] | None:
    """The rule by which one contact's fact starts the version; None if only launches do."""
    start = version.definition.start
    match start:
        case EventStart(event=name):
            return ("event", name), StartRule(version, start, PropertyFilter(start.where))
        case FieldChangeStart(field=name):
            return ("field", name), StartRule(version, start, ChangeFilter(start))
        case SegmentStart(segment=key) if starts_on_entry(start):
            return ("segment", key), StartRule(version, start)
        case _:
            return None


def starts_on_entry(start: SegmentStart) -> bool:
    """Whether each contact starts as it enters the segment, and not at set times."""
    schedule = start.schedule
    return schedule == "entry" or (isinstance(schedule, LaunchSchedule) and bool(schedule.entry))


def stop_rule(stop: Stop) -> StopRule:
    """A stop, its filter compiled."""
    if isinstance(stop, SegmentStop):
        return StopRule(stop)
    return StopRule(stop, PropertyFilter([*stop.where, *same_checks(stop.same)]))


def interests_of(book: RuleBook) -> set[Interest]:
    """The (kind, name) of every fact that some rule or live segment of the book mentions.

    A launch is always a fact; entering a segment is found out from other facts, or, for a static
    list, is a fact of the kind `list`.
    """
    named = set(book.starts) | {interest for _, interest in book.stops} | set(book.waits)
    named |= set(book.fan_outs) | set(book.goals) | book.segments.interests
    lists = {
        ("list", name)
        for kind, name in named
        if kind == "segment" and (known := book.segments.by_key.get(name)) and not known.live
    }
    return {(kind, name) for kind, name in named if kind not in ("segment", "launch")} | lists


async def rules_changed(connection: AsyncConnection, workspace_id: UUID) -> None:
    """Tell ingestion and dispatchers that what is published changed, as part of that change.

    Call it after the change, in its transaction, whenever a workflow is published, paused, resumed
    or archived. It holds the rules, so that two changes at once see each other; whoever locks rows
    that others lock below the rules has held them before.
    """
    await hold_rules(connection, workspace_id)
    revision = (
        await connection.execute(
            text(
                "UPDATE workspaces SET rules_revision = rules_revision + 1 "
                "WHERE id = :workspace RETURNING rules_revision"
            ),
            {"workspace": workspace_id},
        )
    ).scalar_one()
    book = await load_rules(connection, workspace_id, revision)
    wanted = sorted(interests_of(book))
    await connection.execute(
        text("""
            WITH wanted AS (
                SELECT * FROM unnest(
                    CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:segments AS bool[])
                ) AS w(kind, name, segments)
            ), gone AS (
                DELETE FROM interests i WHERE workspace_id = :workspace
                AND NOT EXISTS (SELECT FROM wanted w WHERE w.kind = i.kind AND w.name = i.name)
            )
            INSERT INTO interests AS i (workspace_id, kind, name, segments)
            SELECT :workspace, kind, name, segments FROM wanted
            ON CONFLICT (workspace_id, kind, name) DO UPDATE SET segments = excluded.segments
            WHERE i.segments <> excluded.segments
        """),
        {
            "workspace": workspace_id,
            "kinds": [kind for kind, _ in wanted],
            "names": [name for _, name in wanted],
            "segments": [interest in book.segments.interests for interest in wanted],
        },
    )
