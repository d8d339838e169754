"""Segments follow the facts: who comes in or goes by them becomes a fact in turn.

Membership is looked at once for a run of facts, as it is after all of them. What is found is put
behind the first fact of the contact that may have caused it, so that a later one is later; behind
a silent one (backfilled data) only if no other may, lest it keep somebody from starting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.dispatch.facts import Fact
from engine.membership.book import KnownSegment
from engine.membership.changing import Transition, look_again, record_depths
from engine.rules import RuleBook

_BACKFILLS = text("""
    SELECT b.segment_id, b.starts, l.lane IS NULL AS done, l.cursor
    FROM segment_backfills b
    LEFT JOIN segment_backfill_lanes l ON l.segment_id = b.segment_id AND l.lane = :lane
    WHERE b.segment_id = ANY(:ids)
""")
_NEW_SINCE = text("""
    SELECT b.segment_id, c.id FROM segment_backfills b
    JOIN contacts c ON c.id = ANY(:contacts) AND c.created_at >= b.started_at
    WHERE b.segment_id = ANY(:ids)
""")


@dataclass(frozen=True)
class _Affected:
    """A fact, and the segments whose membership it may change."""

    fact: Fact
    segments: tuple[KnownSegment, ...]


async def follow(
    connection: AsyncConnection,
    book: RuleBook,
    workspace_id: UUID,
    facts: Sequence[Fact],
    *,
    lane: int,
    now: datetime,
) -> tuple[list[Fact], Mapping[UUID, frozenset[str]]]:
    """The facts with the entries and exits among them, and who is in the segments that matter.

    Those are the segments that the facts may change, and those whose members may not start.
    """
    affected = [_Affected(fact, _segments_of(book, fact)) for fact in facts]
    asked: dict[UUID, set[KnownSegment]] = defaultdict(set)
    for each in affected:
        wanted = {*each.segments, *_refusing(book, each)}
        if wanted:
            asked[each.fact.contact_id] |= wanted
    if not asked:
        return [found for fact in facts for found in _told(book, fact)], {}
    judged = await look_again(connection, book.segments, workspace_id, asked, lane=lane, now=now)
    quiet = await _held_back(connection, judged.transitions, lane)
    causes = _causes(affected, judged.transitions)
    await record_depths(connection, {moved: cause.depth for moved, cause in causes.items()})
    caused: dict[int, list[Fact]] = defaultdict(list)
    for transition, cause in causes.items():
        starts = cause.starts and not cause.silent and transition not in quiet
        caused[cause.seq].append(_moved(transition, cause, now, starts=starts))
    woven = [found for fact in facts for found in (*_told(book, fact), *caused.get(fact.seq, ()))]
    return woven, judged.members


def _segments_of(book: RuleBook, fact: Fact) -> tuple[KnownSegment, ...]:
    segments = book.segments
    match fact.kind:
        case "contact":
            return segments.live
        case "clock":
            known = segments.by_id.get(fact.ref) if fact.ref else None
            return (known,) if known and known.live else ()
        case "list":
            known = segments.by_id.get(fact.ref) if fact.ref else None
            return segments.by_interest.get(("list", known.key), ()) if known else ()
        case "event":
            named = segments.by_interest.get(("event", fact.name), ())
            return named + segments.by_interest.get(("seen", "*"), ())
        case "segment" | "launch":
            return ()
        case _:
            return segments.by_interest.get(fact.interest, ())


def _refusing(book: RuleBook, affected: _Affected) -> Iterable[KnownSegment]:
    """The segments whose members do not start what this fact, or who comes in by it, may start."""
    entries = [("segment", segment.key) for segment in affected.segments]
    if affected.fact.kind in ("list", "segment") and affected.fact.ref in book.segments.by_id:
        entries.append(("segment", book.segments.by_id[affected.fact.ref].key))
    for interest in (affected.fact.interest, *entries):
        for rule in book.starts.get(interest, ()):
            for key in book.stop_segments.get(rule.version.id, ()):
                if key in book.segments.by_key:
                    yield book.segments.by_key[key]


def _told(book: RuleBook, fact: Fact) -> Iterable[Fact]:
    """The fact as rules know it: one about a segment goes by the segment's key."""
    if fact.kind not in ("list", "segment"):
        return (fact,)
    known = book.segments.by_id.get(fact.ref) if fact.ref else None
    if known is None:
        return ()
    entered = fact.kind == "segment" or fact.properties["entered"]
    starts = fact.properties.get("starts", True)
    properties = {"segment": known.key, "entered": entered}
    return (replace(fact, kind="segment", name=known.key, properties=properties, starts=starts),)


def _causes(
    affected: Iterable[_Affected], transitions: Iterable[Transition]
) -> dict[Transition, Fact]:
    by_contact: dict[UUID, list[_Affected]] = defaultdict(list)
    for each in affected:
        by_contact[each.fact.contact_id].append(each)
    return {moved: _cause(by_contact[moved.contact_id], moved) for moved in transitions}


def _cause(own: Sequence[_Affected], transition: Transition) -> Fact:
    """The first of the contact's facts that may have caused it and is not silent."""
    able = [each for each in own if transition.segment in each.segments] or own
    return next((each.fact for each in able if not each.fact.silent), able[0].fact)


def _moved(transition: Transition, cause: Fact, now: datetime, *, starts: bool) -> Fact:
    key = transition.segment.key
    return Fact(
        cause.seq,
        cause.workspace_id,
        cause.contact_id,
        "segment",
        transition.segment.id,
        key,
        {"segment": key, "entered": transition.entered},
        now,
        cause.depth,
        starts=starts,
        by_workflow=cause.by_workflow,
    )


async def _held_back(
    connection: AsyncConnection, transitions: Sequence[Transition], lane: int
) -> set[Transition]:
    """Who came in while the segment is being backfilled, before the backfill came to them.

    They may have been members all along, so they do not start, unless all members are to. Whoever
    is newer than the predicate was not.
    """
    during = [each for each in transitions if each.segment.backfilling and each.entered]
    if not during:
        return set()
    ids = [each.segment.id for each in during]
    rows = (await connection.execute(_BACKFILLS, {"ids": ids, "lane": lane})).all()
    progress: dict[UUID, Row[Any]] = {row.segment_id: row for row in rows}
    contacts = list({each.contact_id for each in during})
    newer = await connection.execute(_NEW_SINCE, {"ids": ids, "contacts": contacts})
    new = {(row.segment_id, row.id) for row in newer.all()}

    def passed(transition: Transition) -> bool:
        row = progress.get(transition.segment.id)
        is_new = (transition.segment.id, transition.contact_id) in new
        if row is None or row.starts or is_new or row.done:
            return True
        return row.cursor is not None and transition.contact_id <= row.cursor

    return {each for each in during if not passed(each)}
