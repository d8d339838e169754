"""What a run of facts means for journeys: pure, given what the lane's reader looked up.

Facts are taken in their order. Within one fact, stops come before starts, and the fact that starts
a journey never stops that same journey.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson

from engine.dispatch.facts import Fact, label
from engine.emitting import MAX_DEPTH
from engine.rules import FactKind, Interest, RuleBook, StartRule, StopRule, Version
from engine.stopping import StopOrder
from journeys.comparison import walk
from journeys.definition import Reentry
from journeys.entry_keys import key_values
from journeys.splitting import is_held_back
from journeys.timing import before

JOURNEY_NAMESPACE = UUID("5f0b3c1e-6f0e-5d7a-9b1c-2f4d1a6e8c10")
NO_KEY = uuid5(JOURNEY_NAMESPACE, "")


@dataclass(frozen=True)
class RunningJourney:
    """A journey that may be stopped, or that stands in the way of another start."""

    id: UUID
    workflow_id: UUID
    version_id: UUID
    contact_id: UUID
    key_hash: UUID
    event_id: UUID | None
    params: dict[str, Any]
    began: datetime | None = None
    """The moment of what started it, where late news of an order need it."""


@dataclass(frozen=True)
class Past:
    """An event or order of the contact that a stop's `lookback` may find."""

    id: UUID
    kind: FactKind
    name: str
    properties: dict[str, Any]
    timestamp: datetime
    seq: int | None
    """Its fact's place in the order, while it is still to be decided on."""


@dataclass(frozen=True)
class NewJourney:
    """A journey that the rules want started."""

    id: UUID
    fact: Fact
    version: Version
    key_hash: UUID
    exclusive: bool
    reentry_before: datetime | None
    """An earlier entry must be older than this; null means any earlier one is fine."""
    once: bool
    key: dict[str, Any] | None = None
    """The values of the re-entry key by their names."""


@dataclass(frozen=True)
class Refusal:
    """A start rule that matched, and why no journey began."""

    fact: Fact
    workflow_id: UUID
    outcome: str
    detail: str | None = None
    key: dict[str, Any] | None = None


@dataclass
class Situation:
    """What is known of the contacts at hand before their facts are decided on."""

    now: datetime
    running: dict[UUID, list[RunningJourney]]
    """By contact."""
    entries: dict[tuple[UUID, UUID, UUID], datetime]
    """Last start by workflow, contact and key."""
    history: Mapping[UUID, list[Past]]
    """By contact: events and orders that a lookback may ask for."""
    members: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    """By contact: the segments that it is in, of those that matter here."""


@dataclass
class Decisions:
    """What to write: all of it in one transaction."""

    stops: list[StopOrder] = field(default_factory=list)
    starts: list[NewJourney] = field(default_factory=list)
    stillborn: dict[UUID, StopOrder] = field(default_factory=dict)
    """Journeys of `starts` that a later fact already stopped: they are only recorded."""
    refusals: list[Refusal] = field(default_factory=list)
    failures: list[tuple[Fact, str]] = field(default_factory=list)
    """Facts whose rules could not be evaluated, with the error."""


def key_hash(reentry: Reentry, params: Mapping[str, Any]) -> UUID:
    """The re-entry key's values as one id; a missing value counts as null.

    Names are as in `where` and `same`: `cart.id` is the `id` of the property `cart`.
    """
    if not reentry.key:
        return NO_KEY
    values = [walk(params, name) or [None] for name in reentry.key]
    return uuid5(JOURNEY_NAMESPACE, orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode())


def journey_id(workflow_id: UUID, fact: Fact) -> UUID:
    """One fact starts one workflow for one contact once, however often it is dispatched."""
    return uuid5(workflow_id, fact.identity)


def lookback_interests(book: RuleBook, facts: Iterable[Fact]) -> set[Interest]:
    """What the lookbacks of the workflows that these facts may start ask for."""
    return {
        interest
        for fact in facts
        for rule in book.starts.get(fact.interest, ())
        for stop in book.lookbacks.get(rule.version.id, ())
        for interest in stop.interests
    }


def decide(book: RuleBook, facts: Iterable[Fact], situation: Situation) -> Decisions:
    """Apply the rules to the facts in order. `situation` is updated as journeys start and stop."""
    decisions = Decisions()
    for fact in facts:
        if fact.silent:
            continue
        try:
            _stop(book, fact, situation, decisions)
            _start(book, fact, situation, decisions)
        except Exception as error:  # noqa: BLE001  (one bad fact must not hold up its lane)
            decisions.failures.append((fact, f"{type(error).__name__}: {error}"))
    return decisions


def _stop(book: RuleBook, fact: Fact, situation: Situation, decisions: Decisions) -> None:
    for journey in list(situation.running.get(fact.contact_id, ())):
        if fact.event_id is not None and journey.event_id == fact.event_id:
            continue
        for rule in book.stops.get((journey.version_id, fact.interest), ()):
            if _in_time(rule, fact, journey) and rule.matches(
                fact.kind, fact.name, fact.properties, params=journey.params, now=situation.now
            ):
                _end(journey, StopOrder(journey.id, fact.kind, fact.label), situation, decisions)
                break


def _in_time(rule: StopRule, fact: Fact, journey: RunningJourney) -> bool:
    """Late news stop what they would not have let start: they lie after it, or in the lookback."""
    if not fact.late or journey.began is None:
        return True
    if rule.lookback is None:
        return fact.timestamp > journey.began
    return fact.timestamp >= before(journey.began, rule.lookback, "UTC")


def _start(book: RuleBook, fact: Fact, situation: Situation, decisions: Decisions) -> None:
    if not fact.starts or (fact.kind == "segment" and not fact.properties["entered"]):
        return
    for rule in book.starts.get(fact.interest, ()):
        own = fact.by_workflow == rule.version.workflow_id
        if not own and rule.where.matches(
            fact.properties, params=fact.properties, now=situation.now
        ):
            _enter(book, rule, fact, situation, decisions)


def _enter(
    book: RuleBook, rule: StartRule, fact: Fact, situation: Situation, decisions: Decisions
) -> None:
    version, start = rule.version, rule.start
    key = key_hash(start.reentry, fact.properties)
    values = key_values(start.reentry.key, fact.properties)
    refusal = (
        _too_deep(fact)
        or _in_stop_segment(book, version, fact, situation)
        or _stopped_before(book, version, fact, situation)
        or _reentry_refused(version, start.reentry, key, fact, situation)
        or _held_back(version, fact)
        or _overlap_refused(rule, key, fact, situation, decisions)
    )
    if refusal is not None:
        decisions.refusals.append(Refusal(fact, version.workflow_id, *refusal, key=values))
        return
    journey = NewJourney(
        id=journey_id(version.workflow_id, fact),
        fact=fact,
        version=version,
        key_hash=key,
        exclusive=start.overlap != "parallel",
        reentry_before=_reentry_before(start.reentry, situation.now),
        once=start.reentry.mode == "once",
        key=values,
    )
    decisions.starts.append(journey)
    situation.entries[version.workflow_id, fact.contact_id, key] = situation.now
    situation.running.setdefault(fact.contact_id, []).append(
        RunningJourney(
            journey.id,
            version.workflow_id,
            version.id,
            fact.contact_id,
            key,
            fact.event_id,
            fact.properties,
            fact.timestamp,
        )
    )


def _too_deep(fact: Fact) -> tuple[str, str] | None:
    """Workflows that start one another would, without an end, never come to rest."""
    if fact.depth <= MAX_DEPTH:
        return None
    return "too_deep", f"{fact.depth} emit and update blocks led to it, {MAX_DEPTH} may"


def _held_back(version: Version, fact: Fact) -> tuple[str, str] | None:
    """The contact belongs to the control group: the same contacts, whatever starts them."""
    control = version.definition.control
    if control is None or not is_held_back(
        control.percent, workflow_id=version.workflow_id, contact_id=fact.contact_id
    ):
        return None
    return "control", f"in the control group of {control.percent:g} %"


def _in_stop_segment(
    book: RuleBook, version: Version, fact: Fact, situation: Situation
) -> tuple[str, str] | None:
    """The contact is in a segment that would stop the journey."""
    members = situation.members.get(fact.contact_id, frozenset())
    for key in book.stop_segments.get(version.id, ()):
        if key in members:
            return "stop_segment", f"is in {key}"
    return None


def _stopped_before(
    book: RuleBook, version: Version, fact: Fact, situation: Situation
) -> tuple[str, str] | None:
    """The contact already did what would stop the journey, within a stop's lookback.

    What came after the starting fact is not yet to be seen: in its turn it will be a stop.
    """
    for rule in book.lookbacks.get(version.id, ()):
        since = before(fact.timestamp, rule.lookback or "PT0S", "UTC")
        for past in situation.history.get(fact.contact_id, ()):
            if (
                past.id != fact.ref
                and (past.seq is None or past.seq < fact.seq)
                and (past.timestamp >= since if rule.lookback else past.timestamp > since)
                and rule.matches(
                    past.kind,
                    past.name,
                    past.properties,
                    params=fact.properties,
                    now=situation.now,
                )
            ):
                return "stop_lookback", label(past.kind, past.name, past.properties)
    return None


def _reentry_before(reentry: Reentry, now: datetime) -> datetime | None:
    return before(now, reentry.after, "UTC") if reentry.after else None


def _reentry_refused(
    version: Version, reentry: Reentry, key: UUID, fact: Fact, situation: Situation
) -> tuple[str, str] | None:
    last = situation.entries.get((version.workflow_id, fact.contact_id, key))
    if last is None or reentry.mode == "always":
        return None
    if reentry.mode == "once":
        return "reentry", f"once only; entered at {last.isoformat()}"
    limit = _reentry_before(reentry, situation.now)
    if limit is not None and last > limit:
        return "reentry", f"only {reentry.after} after the entry at {last.isoformat()}"
    return None


def _overlap_refused(
    rule: StartRule, key: UUID, fact: Fact, situation: Situation, decisions: Decisions
) -> tuple[str, str] | None:
    version, start = rule.version, rule.start
    same = [
        journey
        for journey in situation.running.get(fact.contact_id, ())
        if journey.workflow_id == version.workflow_id and journey.key_hash == key
    ]
    if start.overlap == "skip" and same:
        return "overlap", f"journey {same[0].id} is still running"
    if start.overlap == "restart":
        for journey in same:
            _end(journey, StopOrder(journey.id, "restarted", fact.label), situation, decisions)
    return None


def _end(
    journey: RunningJourney, order: StopOrder, situation: Situation, decisions: Decisions
) -> None:
    situation.running[journey.contact_id].remove(journey)
    if any(start.id == journey.id for start in decisions.starts):
        decisions.stillborn[journey.id] = order
    else:
        decisions.stops.append(order)


def by_contact(journeys: Iterable[RunningJourney]) -> dict[UUID, list[RunningJourney]]:
    """Running journeys grouped by their contact."""
    grouped: dict[UUID, list[RunningJourney]] = defaultdict(list)
    for journey in journeys:
        grouped[journey.contact_id].append(journey)
    return grouped
