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

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.waits import WaitRule, waits_of
from journeys.comparison import Operand, compare, is_present
from journeys.definition import Definition, EventStart, EventStop, FieldChangeStart, OrderStop
from journeys.matching import PropertyFilter, same_checks

FactKind = Literal["event", "order", "field"]
Interest = tuple[str, str]
"""What a rule waits for: the kind of a fact, and the event's or field's name."""
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


@dataclass(frozen=True)
class StartRule:
    """A start of a version by one contact's event or change, its filter compiled."""

    version: Version
    start: EventStart | FieldChangeStart
    where: PropertyFilter | ChangeFilter


@dataclass(frozen=True)
class StopRule:
    """A stop by an event or an order, its `where` and `same` compiled into one filter."""

    stop: EventStop | OrderStop
    where: PropertyFilter

    @property
    def interests(self) -> list[Interest]:
        """The facts that may fulfil it."""
        if isinstance(self.stop, OrderStop):
            return [ANY_ORDER]
        return [("event", name) for name in dict.fromkeys(self.stop.events)]

    def matches(
        self,
        kind: FactKind,
        name: str,
        properties: Mapping[str, Any],
        *,
        params: Mapping[str, Any],
        now: datetime,
    ) -> bool:
        """Whether this event, or order in the state `name`, stops a journey with `params`."""
        if isinstance(self.stop, EventStop):
            named = kind == "event" and name in self.stop.events
        else:
            named = kind == "order" and (not self.stop.status or name in self.stop.status)
        return named and self.where.matches(properties, params=params, now=now)


@dataclass(frozen=True)
class RuleBook:
    """The rules of one workspace, indexed by what they mention."""

    revision: int
    versions: dict[UUID, Version]
    starts: dict[Interest, tuple[StartRule, ...]] = field(default_factory=dict)
    stops: dict[tuple[UUID, Interest], tuple[StopRule, ...]] = field(default_factory=dict)
    """By version and interest."""
    lookbacks: dict[UUID, tuple[StopRule, ...]] = field(default_factory=dict)
    """By version: the stops that are also looked for before the start."""

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
    """Read the published versions and index their rules."""
    rows = (await connection.execute(_LOAD, {"workspace": workspace_id})).all()
    versions = {
        row.id: Version(
            row.id, row.workflow_id, Definition.model_validate(row.definition), row.starts
        )
        for row in rows
    }
    starts: dict[Interest, list[StartRule]] = defaultdict(list)
    stops: dict[tuple[UUID, Interest], list[StopRule]] = defaultdict(list)
    lookbacks: dict[UUID, list[StopRule]] = defaultdict(list)
    for version in versions.values():
        start = version.definition.start
        if version.starts and isinstance(start, EventStart):
            rule = StartRule(version, start, PropertyFilter(start.where))
            starts["event", start.event].append(rule)
        elif version.starts and isinstance(start, FieldChangeStart):
            rule = StartRule(version, start, ChangeFilter(start))
            starts["field", start.field].append(rule)
        for stop in version.definition.stop:
            if isinstance(stop, EventStop | OrderStop):
                ends = StopRule(stop, PropertyFilter([*stop.where, *same_checks(stop.same)]))
                for interest in ends.interests:
                    stops[version.id, interest].append(ends)
                if stop.lookback:
                    lookbacks[version.id].append(ends)
    return RuleBook(
        revision,
        versions,
        {interest: tuple(rules) for interest, rules in starts.items()},
        {key: tuple(rules) for key, rules in stops.items()},
        {id_: tuple(rules) for id_, rules in lookbacks.items()},
    )


def interests_of(book: RuleBook) -> set[Interest]:
    """The (kind, name) of every fact that some rule of the book mentions."""
    named = set(book.starts) | {interest for _, interest in book.stops}
    return named | set(book.waits)


async def hold_rules(connection: AsyncConnection, workspace_id: UUID) -> None:
    """Keep ingestion and dispatchers from reading the rules until the transaction ends.

    Whoever locks a workflow against new journeys calls it first: a dispatcher holds the rules
    while it writes journeys, and each would wait for the other.
    """
    await connection.execute(
        text("SELECT FROM workspaces WHERE id = :workspace FOR NO KEY UPDATE"),
        {"workspace": workspace_id},
    )


async def rules_changed(connection: AsyncConnection, workspace_id: UUID) -> None:
    """Tell ingestion and dispatchers that what is published changed, as part of that change.

    Call it after the change, in its transaction, whenever a workflow is published, paused, resumed
    or archived. It locks the workspace's row, so that two changes at once see each other.
    """
    revision = (
        await connection.execute(
            text(
                "UPDATE workspaces SET rules_revision = rules_revision + 1 "
                "WHERE id = :workspace RETURNING rules_revision"
            ),
            {"workspace": workspace_id},
        )
    ).scalar_one()
    wanted = sorted(interests_of(await load_rules(connection, workspace_id, revision)))
    await connection.execute(
        text("""
            WITH wanted AS (
                SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[]))
                    AS w(kind, name)
            ), gone AS (
                DELETE FROM interests i WHERE workspace_id = :workspace
                AND NOT EXISTS (SELECT FROM wanted w WHERE w.kind = i.kind AND w.name = i.name)
            )
            INSERT INTO interests (workspace_id, kind, name)
            SELECT :workspace, kind, name FROM wanted ON CONFLICT DO NOTHING
        """),
        {
            "workspace": workspace_id,
            "kinds": [kind for kind, _ in wanted],
            "names": [name for _, name in wanted],
        },
    )
