"""Walks over a person's future, from one announced change of a predicate to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import column, func, literal, null, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from journeys.predicates import Predicate
from journeys.snapshot import EventData
from storage.database import Database
from storage.predicate_sql import SegmentSource, SqlContext, changes_at, compile_predicate
from storage.predicate_sql.judging import judge
from storage.predicate_sql.values import INSTANT
from storage.tables import Contact, Journey
from tests.predicates.people import NOW, Crowd, Person, gather, predicate, stored_workspace

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FAR = timedelta(days=800)
"""Nobody looks further into the future than this."""


class Watch:
    """A predicate and its next change, asked at many instants about stored people."""

    def __init__(self, crowd: Crowd, one: Predicate) -> None:
        self._crowd = crowd
        self._predicate = one

    def _context(self, now: Any) -> SqlContext:
        crowd = self._crowd
        return SqlContext(
            segments=SegmentSource({**crowd.segments, **crowd.lists}),
            now=now,
            workspace_zone=literal(crowd.zone),
            params=Journey.__table__.c.params,
            journey_id=Journey.__table__.c.id,
            journey_started_at=Journey.__table__.c.started_at,
        )

    async def at(
        self, moments: Sequence[datetime], whose: UUID
    ) -> list[tuple[bool, datetime | None]]:
        """The answers at the moments, and until when each of them stays."""
        instants = (
            func.unnest(literal(list(moments), ARRAY(INSTANT)))
            .table_valued(column("now", INSTANT), joins_implicitly=True)
            .render_derived()
        )
        context = self._context(instants.c.now)
        changes = changes_at(self._predicate, context)
        judgement = judge(self._predicate, context)
        own = Contact.__table__.join(Journey, Journey.contact_id == Contact.id)
        sources = own.join(instants, true())
        if judgement.look is not None:
            sources = sources.join(judgement.look, true())
        statement = (
            select(
                instants.c.now,
                compile_predicate(self._predicate, context),
                null() if changes is None else changes,
                judgement.holds,
                null() if judgement.changes_at is None else judgement.changes_at,
            )
            .select_from(sources)
            .where(Contact.id == whose)
        )
        rows = await self._crowd.connection.execute(statement)
        found = {}
        for now, *apart, holds, until in rows:
            assert [holds, until] == apart, f"one look at {now} sees something else"
            found[now] = (holds, until)
        return [found[moment] for moment in moments]

    async def walk(
        self, whose: UUID, start: datetime, *, steps: int = 4
    ) -> list[tuple[datetime, bool]]:
        """Go from change to change, and see that between them nothing changes."""
        ((answer, until),) = await self.at([start], whose)
        way = [(start, answer)]
        for _ in range(steps):
            now = way[-1][0]
            assert until is None or until > now, f"to look again at {until} is not after {now}"
            end = min(until or start + FAR, start + FAR)
            moments = between(now, end)
            *inside, (answer, next_until) = await self.at([*moments, end], whose)
            for moment, (then, _) in zip(moments, inside, strict=True):
                told = f"{way[-1][1]} at {now} until {until}, but {then} at {moment}"
                assert then is way[-1][1], told
            if until is None or until >= start + FAR:
                break
            way.append((until, answer))
            until = next_until
        return way


def between(start: datetime, end: datetime) -> list[datetime]:
    """Instants of the open interval: near its ends, at midnights, spread over it."""
    span = end - start
    inside = {start + TICK, end - TICK, start + span / 2, start + span / 3, end - span / 7}
    inside |= {start + timedelta(days=days) for days in (1, 2, 3, 28, 29, 30, 31, 365, 366)}
    inside |= {end - timedelta(days=days) for days in (1, 2, 3, 4, 5)}
    inside |= {start + timedelta(minutes=minutes) for minutes in (1, 15, 60, 90, 600, 1200)}
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    inside |= {midnight + timedelta(days=days) for days in range(1, 35)}
    inside |= {midnight + timedelta(days=days) - TICK for days in range(1, 35)}
    return sorted(moment for moment in inside if start < moment < end)


def at(text: str) -> datetime:
    """An instant of UTC, or the midnight of a date."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def flips(way: Sequence[tuple[datetime, bool]]) -> list[tuple[datetime, bool]]:
    """The steps of a walk at which the answer did change."""
    return [step for before, step in pairwise(way) if step[1] is not before[1]]


async def walked(
    database: Database,
    person: Person,
    data: Mapping[str, Any],
    start: datetime,
    *,
    steps: int = 12,
    zone: str = "UTC",
    segments: Mapping[str, Any] | None = None,
) -> list[tuple[datetime, bool]]:
    inner = {key: predicate(segment) for key, segment in (segments or {}).items()}
    async with database.engine.connect() as connection:
        workspace_id = await stored_workspace(connection)
        crowd = await gather(connection, workspace_id, [person], zone=zone, segments=inner)
        return await Watch(crowd, predicate(data)).walk(crowd.ids[0], start, steps=steps)


def workouts(*days_ago: float) -> Person:
    return Person(events=[EventData("Workout", NOW - days * DAY) for days in days_ago])
