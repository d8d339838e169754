"""The start and stop rules of what is published, ready to be matched against arriving facts.

A workspace's `rules_revision` grows in the transaction that changes what is published, and the
dispatcher reads it in the transaction that decides, so a cached book is never stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from journeys.definition import Definition, EventStart, EventStop, Stop
from journeys.matching import PropertyFilter, same_checks


@dataclass(frozen=True)
class Version:
    """A published version whose rules hold: the current one, or one that journeys still run."""

    id: UUID
    workflow_id: UUID
    definition: Definition
    starts: bool
    """Whether new journeys may begin on it."""


@dataclass(frozen=True)
class StartRule:
    """An event start of a version, its filter compiled."""

    version: Version
    start: EventStart
    where: PropertyFilter


@dataclass(frozen=True)
class StopRule:
    """An event stop, its `where` and `same` compiled into one filter."""

    stop: EventStop
    where: PropertyFilter


@dataclass(frozen=True)
class RuleBook:
    """The rules of one workspace, indexed by what they mention."""

    revision: int
    versions: dict[UUID, Version]
    starts: dict[str, tuple[StartRule, ...]] = field(default_factory=dict)
    """By event name."""
    stops: dict[tuple[UUID, str], tuple[StopRule, ...]] = field(default_factory=dict)
    """By version and event name."""

    def lookbacks(self, version: Version) -> Iterator[StopRule]:
        """The stops of a version that are also looked for before the start."""
        seen: set[int] = set()
        for name in {n for stop in version.definition.stop for n in _events(stop)}:
            for rule in self.stops.get((version.id, name), ()):
                if rule.stop.lookback and id(rule) not in seen:
                    seen.add(id(rule))
                    yield rule


def _events(stop: Stop) -> list[str]:
    return stop.events if isinstance(stop, EventStop) else []


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
    starts: dict[str, list[StartRule]] = defaultdict(list)
    stops: dict[tuple[UUID, str], list[StopRule]] = defaultdict(list)
    for version in versions.values():
        start = version.definition.start
        if version.starts and isinstance(start, EventStart):
            starts[start.event].append(StartRule(version, start, PropertyFilter(start.where)))
        for stop in version.definition.stop:
            if isinstance(stop, EventStop):
                rule = StopRule(stop, PropertyFilter([*stop.where, *same_checks(stop.same)]))
                for name in dict.fromkeys(stop.events):
                    stops[version.id, name].append(rule)
    return RuleBook(
        revision,
        versions,
        {name: tuple(rules) for name, rules in starts.items()},
        {key: tuple(rules) for key, rules in stops.items()},
    )


def interests_of(book: RuleBook) -> set[tuple[str, str]]:
    """The (kind, name) of every fact that some rule of the book mentions."""
    names = set(book.starts) | {name for _, name in book.stops}
    return {("event", name) for name in names}


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
