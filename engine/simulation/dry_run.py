"""The dry run itself: walk, do what the walk asks for, move the clock, and walk on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.advance.state import JourneyState
from engine.advance.walk import Walk, Walker
from engine.rules import stop_rule
from engine.simulation.messages import Run, SimulatedMessage, make_message
from engine.simulation.subject import Subject
from engine.simulation.world import SimulatedWorld
from journeys.definition import (
    BestOfBlock,
    Definition,
    FirstReachableBlock,
    MessageBlock,
    SegmentStop,
)
from journeys.snapshot import MessageData

MAX_STEPS = 300
"""Blocks that a dry run visits; a drawing that loops has no end by itself."""
EXACT = timedelta(seconds=1)
"""How exactly the moment is found at which time alone stops a journey."""
_MESSAGE_STATES = frozenset({"sent", "delivered", "opened", "clicked", "failed", "skipped"})


@dataclass
class SimulatedStep:
    """One visit of one block."""

    visit: int
    block: str
    kind: str
    entered_at: datetime
    left_at: datetime | None = None
    outcome: str | None = None
    message: SimulatedMessage | None = None
    note: str | None = None


@dataclass(frozen=True)
class End:
    """How it ended: the states of a journey, or `unfinished`."""

    state: str
    kind: str
    detail: str | None
    at: datetime


@dataclass
class Path:
    """What the dry run found."""

    steps: list[SimulatedStep] = field(default_factory=list)
    end: End | None = None


class DryRun:
    """One contact through one definition, from one moment on."""

    def __init__(
        self,
        definition: Definition,
        subject: Subject,
        world: SimulatedWorld,
        run: Run,
        *,
        workflow_id: UUID,
        assumed: Mapping[str, str],
    ) -> None:
        self._definition = definition
        self._blocks = definition.by_id()
        self._subject = subject
        self._world = world
        self._assumed = assumed
        self._run = run
        self._path = Path()
        self._variables: dict[str, str] = {}
        self._state = JourneyState(
            id=run.id,
            workspace_id=run.workspace_id,
            workflow_id=workflow_id,
            version_id=workflow_id,
            contact_id=subject.id,
            params=dict(run.params),
            state="running",
            block=None,
            visit=0,
            step=0,
            directive=None,
            due_at=None,
            parked=False,
            depth=0,
            started_at=world.now,
            workflow_state="active",
            workspace_paused=False,
            workspace_zone=subject.workspace_zone,
            rules_revision=0,
            contact_zone=subject.contact.timezone,
            entered_at=None,
            message_state=None,
            facts_pending=False,
            reason_kind=None,
            variables=None,
            test_to=None,
            test_wait=None,
            message_channel=None,
            workspace_hours=subject.consent.workspace_hours,
        )

    async def walk(self) -> Path:
        """Go to the end, or as far as `MAX_STEPS`."""
        while self._path.end is None:
            walk = await Walker(self._state, self._definition, self._world, self._world.now).walk(
                None
            )
            self._take_over(walk)
            self._do(walk)
            if len(self._path.steps) >= MAX_STEPS and self._path.end is None:
                self._finish("unfinished", "bounded", f"after {MAX_STEPS} blocks")
        return self._path

    def _take_over(self, walk: Walk) -> None:
        """Note the way that was walked."""
        now, steps = self._world.now, self._path.steps
        if walk.left is not None and steps:
            steps[-1].outcome, steps[-1].left_at = walk.left
        for visit in walk.visits:
            kind = self._blocks[visit.block].kind
            steps.append(
                SimulatedStep(
                    visit.number, visit.block, kind, visit.entered_at, visit.left_at, visit.outcome
                )
            )
            if visit.block in self._assumed:
                steps[-1].note = f"assumed: {self._assumed[visit.block]}"
            if visit.outcome == "passed":
                self._world.passed.add(visit.block)
        self._variables |= walk.variables
        last = walk.visits[-1] if walk.visits else None
        self._state = replace(
            self._state,
            block=last.block if last else self._state.block,
            visit=last.number if last else self._state.visit,
            entered_at=last.entered_at if last else self._state.entered_at,
            message_state=None if last else self._state.message_state,
            contact_zone=self._world.contact.timezone,
            due_at=walk.due_at,
            depth=max(self._state.depth, walk.depth),
            variables=dict(self._variables),
            directive={"since": walk.since.to_json()} if walk.since else None,
        )
        self._stop_by_emitted(now)

    def _stop_by_emitted(self, now: datetime) -> None:
        """What a journey emits may be what stops it: that is decided before anything is sent."""
        rules = [stop_rule(stop) for stop in self._definition.stop]
        while self._world.emitted:
            event = self._world.emitted.pop(0)
            for rule in rules:
                if self._path.end is None and rule.matches(
                    "event", event.name, event.properties, params=self._run.params, now=now
                ):
                    self._stop("event", event.name, now)

    def _do(self, walk: Walk) -> None:
        """Send, wait, or end."""
        if self._path.end is not None:
            return
        if walk.ended is not None:
            state, kind, detail = walk.ended
            self._finish(state, kind or state, detail)
            return
        if self._stop_by_segment(self._world.now):
            return
        directive = walk.directive
        if directive.kind == "send":
            self._send(walk)
        elif directive.until is not None:
            if not self._stop_by_segment(directive.until):
                self._world.now = max(directive.until, self._world.now)
        else:
            self._finish("unfinished", "waits", f"in {directive.block}, for no known time")

    def _send(self, walk: Walk) -> None:
        step, world = self._path.steps[-1], self._world
        order = _order_of(self._run.params, self._subject)
        assert walk.message is not None  # it never sends twice
        made = make_message(
            walk.message.channel,
            walk.message.template,
            self._run,
            self._subject,
            world.contact,
            order=order,
            variables=self._variables,
            now=world.now,
        )
        block = self._blocks[step.block]
        assert isinstance(block, MessageBlock | BestOfBlock | FirstReachableBlock)
        reason = self._subject.consent.objection(
            block,
            walk.message.channel,
            now=world.now,
            zone=world.contact.timezone,
            workspace_zone=self._subject.workspace_zone,
        )
        if reason is not None:
            made = replace(made, state="skipped", reason=reason)
        assumed = self._assumed.get(step.block)
        if assumed in _MESSAGE_STATES:
            made = replace(made, state=assumed)
        step.message = made
        if made.reason is not None:
            step.note = made.reason
        self._state = replace(self._state, message_state=made.state)
        world.messages[step.visit] = _message_data(step.block, step.visit, made.state, world.now)

    def _stop_by_segment(self, until: datetime) -> bool:
        """Whether a stop's segment takes the contact in by then, and note when that is."""
        entries = [
            (self._entry_into(stop.segment, until), stop.segment)
            for stop in self._definition.stop
            if isinstance(stop, SegmentStop) and self._world.member_at(stop.segment, until)
        ]
        if not entries:
            return False
        at, key = min(entries)
        self._world.now = max(at, self._world.now)
        self._stop("segment", f"entered {key}", self._world.now)
        return True

    def _entry_into(self, segment: str, until: datetime) -> datetime:
        """When the contact comes to be a member, if it is one at `until` and not at all times."""
        outside, inside = self._world.now, until
        if self._world.member_at(segment, outside):
            return outside
        while inside - outside > EXACT:
            middle = outside + (inside - outside) / 2
            if self._world.member_at(segment, middle):
                inside = middle
            else:
                outside = middle
        return inside

    def _stop(self, kind: str, detail: str, at: datetime) -> None:
        steps = self._path.steps
        if steps and steps[-1].left_at is None:
            steps[-1].left_at, steps[-1].outcome = at, "stopped"
        self._path.end = End("stopped", kind, detail, at)

    def _finish(self, state: str, kind: str, detail: str | None) -> None:
        self._path.end = End(state, kind, detail, self._world.now)


def _message_data(block: str, visit: int, state: str, now: datetime) -> MessageData:
    """What later conditions see of the message."""
    if state == "failed":
        return MessageData(block, visit, failed_at=now)
    if state == "skipped":
        return MessageData(block, visit)
    return MessageData(
        block,
        visit,
        sent_at=now,
        delivered_at=now if state in ("delivered", "opened", "clicked") else None,
        opened_at=now if state in ("opened", "clicked") else None,
        clicked_at=now if state == "clicked" else None,
    )


def _order_of(params: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """`order` in templates, as sending finds it: the starting event's, else the newest."""
    named = params.get("order_id") or params.get("orderId")
    if named:
        items = params.get("items") or params.get("products") or []
        return {**params, "order_id": named, "items": items}
    newest = max(subject.orders, key=lambda order: order.timestamp, default=None)
    if newest is None:
        return {}
    names = ("order_id", "status", "currency", "items")
    total = None if newest.total is None else float(newest.total)
    return {
        **{name: getattr(newest, name) for name in names},
        "total": total,
        "timestamp": newest.timestamp.isoformat(),
    }
