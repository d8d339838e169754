"""Whether a dry run would begin: the start's filter, stops already there, re-entry, overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.dispatch.facts import label
from engine.rules import StopRule, stop_rule
from engine.simulation.subject import Past, Subject
from engine.simulation.world import SimulatedWorld
from journeys.definition import (
    Definition,
    EventForSegmentStart,
    EventStart,
    EventStop,
    OrderStop,
    SegmentStart,
    SegmentStop,
)
from journeys.matching import PropertyFilter
from journeys.splitting import is_held_back
from journeys.timing import before


@dataclass(frozen=True)
class Entry:
    """`started`, or why not: the outcomes of entry decisions, and `event`, `filter`, `segment`."""

    outcome: str
    reason: str | None = None


STARTED = Entry("started")


def decide_entry(
    definition: Definition,
    subject: Subject,
    world: SimulatedWorld,
    past: Past,
    *,
    workflow_id: UUID | None,
    event: str | None,
    params: Mapping[str, Any],
) -> Entry:
    """The first thing that speaks against the start, in the order in which they are looked at."""
    return (
        _filtered(definition, world, event, params)
        or _stopped(definition, subject, world, params)
        or _entered_before(definition, past, world.now)
        or _held_back(definition, subject, workflow_id)
        or STARTED
    )


def _held_back(definition: Definition, subject: Subject, workflow_id: UUID | None) -> Entry | None:
    control = definition.control
    if control is None or workflow_id is None or not subject.known:
        return None
    if not is_held_back(control.percent, workflow_id=workflow_id, contact_id=subject.id):
        return None
    return Entry("control", f"in the control group of {control.percent:g} %")


def _filtered(
    definition: Definition, world: SimulatedWorld, event: str | None, params: Mapping[str, Any]
) -> Entry | None:
    start = definition.start
    if isinstance(start, EventStart | EventForSegmentStart):
        if event is not None and event != start.event:
            return Entry("event", f"{event!r} does not start it: {start.event!r} does")
        failed = PropertyFilter(start.where).failed(params, params=params, now=world.now)
        if failed:
            names = ", ".join(check.param for check in failed)
            return Entry("filter", f"the start's filter does not hold for: {names}")
    if isinstance(start, SegmentStart) and not world.member_at(start.segment, world.now):
        return Entry("segment", f"the contact is not in {start.segment}")
    return None


def _stopped(
    definition: Definition, subject: Subject, world: SimulatedWorld, params: Mapping[str, Any]
) -> Entry | None:
    for stop in definition.stop:
        if isinstance(stop, SegmentStop):
            if world.member_at(stop.segment, world.now):
                return Entry("stop_segment", f"is in {stop.segment}")
        elif stop.lookback is not None:
            found = _looked_back(stop, stop_rule(stop), subject, world.now, params)
            if found is not None:
                return Entry("stop_lookback", found)
    return None


def _looked_back(
    stop: EventStop | OrderStop,
    rule: StopRule,
    subject: Subject,
    now: datetime,
    params: Mapping[str, Any],
) -> str | None:
    since = before(now, stop.lookback or "PT0S", "UTC")
    if isinstance(stop, EventStop):
        for event in subject.events:
            if since <= event.timestamp <= now and rule.matches(
                "event", event.name, event.properties, params=params, now=now
            ):
                return label("event", event.name, event.properties)
        return None
    for order in subject.orders:
        if since <= order.timestamp <= now and rule.matches(
            "order", order.status, order.properties(), params=params, now=now
        ):
            return label("order", order.status, order.properties())
    return None


def _entered_before(definition: Definition, past: Past, now: datetime) -> Entry | None:
    reentry = definition.start.reentry
    if past.last_entry is not None and reentry.mode == "once":
        return Entry("reentry", f"once only; entered at {past.last_entry.isoformat()}")
    again = before(now, reentry.after, "UTC") if reentry.after is not None else None
    if past.last_entry is not None and again is not None and past.last_entry > again:
        return Entry(
            "reentry", f"only {reentry.after} after the entry at {past.last_entry.isoformat()}"
        )
    if past.running is not None and definition.start.overlap == "skip":
        return Entry("overlap", f"journey {past.running} is still running")
    return None
