"""The walker's questions in a dry run: answered from what was read, moved on by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import orjson

from engine.advance.waiting import Since
from engine.advance.walk import Choice
from engine.emitting import MAX_DEPTH, filled
from engine.ingest.people import Person
from engine.simulation.subject import Subject
from engine.updating import apply
from engine.waits import answer_filter
from journeys.definition import (
    BestOfBlock,
    EmitBlock,
    FirstReachableBlock,
    PromoBlock,
    UpdateBlock,
    WaitedMessage,
    WaitForBlock,
)
from journeys.evaluation import BUILT_IN_FIELDS, REACHED_STATES, evaluate
from journeys.predicates import Predicate, ReachableLeaf, SegmentLeaf
from journeys.snapshot import ContactData, EventData, MessageData, Snapshot

CODE = "TEST-CODE"
"""Stands in for a promo code."""
_COLUMNS = ("email", "phone", "timezone", "locale")


class SimulatedWorld:
    """One contact in a dry run. `now` is moved by whoever runs it."""

    def __init__(
        self,
        subject: Subject,
        params: Mapping[str, Any],
        assumed: Mapping[str, str],
        begins: datetime,
    ) -> None:
        self.now = begins
        self.params: dict[str, Any] = dict(params)
        self.emitted: list[EventData] = []
        """What was emitted and not yet compared with what stops the journey."""
        self.messages: dict[int, MessageData] = {}
        """By visit: what was sent, or failed."""
        self.passed: set[str] = set()
        """Timers that this journey went through without waiting."""
        self._subject = subject
        self._assumed = assumed
        self._begins = begins
        self._contact = replace(subject.contact, fields=deepcopy(dict(subject.contact.fields)))
        self._events = list(subject.events)
        self._segments = dict(subject.segments)
        self._news: list[EventData] = []
        """Emitted, and not yet what a `wait_for` waited for."""

    @property
    def contact(self) -> ContactData:
        """The contact as the workflow has left it."""
        return self._contact

    def snapshot(self) -> Snapshot:
        """All that a predicate may look at, now."""
        return Snapshot(
            now=self.now,
            contact=self._contact,
            workspace_zone=self._subject.workspace_zone,
            events=self._events,
            orders=self._subject.orders,
            messages=[self.messages[visit] for visit in sorted(self.messages)],
            device_platforms=self._subject.device_platforms,
            segments=self._segments,
            params=self.params,
            journey_started_at=self._begins,
        )

    def member_at(self, segment: str, moment: datetime) -> bool:
        """Whether the contact is in a segment at a moment, if nothing happens until then."""
        return evaluate(SegmentLeaf(segment=segment), replace(self.snapshot(), now=moment))

    async def holds(self, block_id: str, predicate: Predicate) -> bool:
        """As assumed, else as it is."""
        assumed = self._assumed.get(block_id)
        return assumed == "then" if assumed else evaluate(predicate, self.snapshot())

    async def choose(self, block: BestOfBlock | FirstReachableBlock, visit: int) -> Choice | str:
        """The first way that reaches the contact; of several messages, the first that is there."""
        del visit
        if isinstance(block, BestOfBlock):
            first = self._subject.candidate(block)
            return "nothing_new" if first is None else Choice(block.channel, first)
        for one in block.channels:
            if evaluate(ReachableLeaf(reachable=one.channel), self.snapshot()):
                return Choice(one.channel, one.template)
        return "unreachable"

    async def fields(self, name: str) -> Mapping[str, Any]:
        """The contact's fields; built-in ones come before custom ones of the same name."""
        built_in = {
            outside: getattr(self._contact, column) for outside, column in BUILT_IN_FIELDS.items()
        }
        root = name.partition(".")[0]
        custom = {one: self._contact.fields.get(one) for one in (name, root)}
        return {one: value for one, value in {**custom, **built_in}.items() if value is not None}

    async def order(self) -> Mapping[str, Any]:
        """The order that the starting event names, else the latest."""
        named = self.params.get("order_id") or self.params.get("orderId")
        orders = [
            order for order in self._subject.orders if not named or order.order_id == str(named)
        ]
        newest = max(orders, key=lambda order: order.timestamp, default=None)
        return newest.properties() if newest is not None else {}

    async def passed_before(self, block_id: str) -> bool:
        """Whether an earlier visit of this timer did not wait."""
        return block_id in self.passed

    async def began_at(self) -> datetime:
        """The starting event arrives as the dry run begins."""
        return self._begins

    async def sent_at(self, visit: int) -> datetime | None:
        """When the message of a visit was sent."""
        message = self.messages.get(visit)
        return None if message is None else message.sent_at or message.failed_at

    async def answer(self, block: WaitForBlock, since: Since, until: datetime) -> Since | None:
        """Nothing new happens, unless it is assumed; the contact may be in the segment already."""
        assumed = self._assumed.get(block.id)
        if assumed is not None:
            return Since(self.now) if assumed == "then" else None
        if block.message is not None:
            return since if self._has_reached(block.message) else None
        if block.segment is None:
            return self._emitted_answer(block, since)
        member = self.now <= until and self.member_at(block.segment, self.now)
        return since if member else None

    def _has_reached(self, wanted: WaitedMessage) -> bool:
        """Whether the block's latest message came so far, as was assumed of it."""
        visits = [visit for visit, one in self.messages.items() if one.block == wanted.block]
        if not visits:
            return False
        latest = self.messages[max(visits)]
        came = any(getattr(latest, moment) for moment in REACHED_STATES[wanted.state])
        return came and (wanted.link is None or wanted.link in latest.links)

    def _emitted_answer(self, block: WaitForBlock, since: Since) -> Since | None:
        """An event that the journey itself emitted since it last waited."""
        fits = answer_filter(block)
        for event in self._news:
            if (
                event.name == block.event
                and event.timestamp >= since.moment
                and fits.matches(event.properties, params=self.params, now=self.now)
            ):
                self._news.remove(event)
                return Since(self.now)
        return None

    async def emit(self, block: EmitBlock, visit: int, depth: int) -> str:
        """Let the contact have done it; nobody else hears of it."""
        del visit
        if depth > MAX_DEPTH:
            return "refused: too deep"
        event = EventData(block.event, self.now, filled(block.properties, self.params))
        self._events.append(event)
        self._news.append(event)
        self.emitted.append(event)
        return "emitted"

    async def update(self, block: UpdateBlock, depth: int) -> tuple[str, str | None]:
        """Change the copy of the contact."""
        del depth
        contact = self._contact
        custom = deepcopy(dict(contact.fields))
        person = Person(
            self._subject.id,
            contact.user_id,
            {name: getattr(contact, name) for name in _COLUMNS},
            fields=custom,
            size=len(orjson.dumps(custom, default=str)),
            created_at=contact.created_at,
            last_seen_at=contact.last_seen_at,
        )
        _, refused = apply(person, block, self.params)
        columns: dict[str, Any] = dict(person.columns)
        self._contact = replace(contact, fields=custom, updated_at=self.now, **columns)
        for keys, listed in ((block.add_to, True), (block.remove_from, False)):
            self._segments.update(
                {key: listed for key in keys if isinstance(self._segments.get(key), bool)}
            )
        outcome = f"refused: {'; '.join(refused)}" if refused else "updated"
        return outcome, self._contact.timezone

    async def take_code(self, block: PromoBlock, visit: int) -> tuple[str, str | None]:
        """There is a code, unless it is assumed that the pool is empty."""
        del visit
        if self._assumed.get(block.id) in ("else", "empty"):
            return "empty", None
        self.params.setdefault(block.as_, CODE)
        return "taken", CODE


def described(values: Mapping[str, Any], now: datetime) -> ContactData:
    """A contact that is only described, by the names of the API."""
    names = {field.name for field in fields(ContactData)}
    known = {name: value for name, value in values.items() if name in names and value is not None}
    return ContactData(**{"created_at": now, "updated_at": now, **known})


__all__ = ["CODE", "SimulatedWorld", "described"]
