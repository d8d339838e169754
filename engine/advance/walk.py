"""The walk through the drawing: blocks are entered one after the other until one has to wait.

The walker sees the world through `World`, which answers the few questions a block may ask; the
engine answers them from PostgreSQL, a simulator may answer them from a snapshot and a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

from engine.advance.state import JourneyState
from engine.advance.waiting import Since
from journeys.definition import (
    BestOfBlock,
    Block,
    ConditionBlock,
    Definition,
    EmitBlock,
    ExitBlock,
    FirstReachableBlock,
    MessageBlock,
    PromoBlock,
    SplitBlock,
    TimerBlock,
    UntilField,
    UntilOrder,
    UpdateBlock,
    Variant,
    WaitForBlock,
)
from journeys.hours import hours_of
from journeys.predicates import Predicate
from journeys.splitting import branch_of
from journeys.timing import after, allowed_from, due_at
from journeys.zones import CONTACT, resolve_zone
from workflows.contracts import Directive

MAX_BLOCKS = 2000
"""Blocks entered in one walk; validation allows 1,000 in a drawing and no loop without a wait."""


MAX_TEST_VISITS = 100
"""Blocks that a test enters in all: its waits cut short, a drawing that loops would not end."""


Sender = MessageBlock | BestOfBlock | FirstReachableBlock


@dataclass(frozen=True, slots=True)
class Choice:
    """What a block sends."""

    channel: str
    template: str


class World(Protocol):
    """What a block may ask about the contact."""

    async def holds(self, block_id: str, predicate: Predicate) -> bool:
        """Whether a condition's predicate is true of the contact now."""
        ...

    async def choose(self, block: BestOfBlock | FirstReachableBlock, visit: int) -> Choice | str:
        """What the block sends this contact; or why nothing, as the step's outcome."""
        ...

    async def fields(self, name: str) -> Mapping[str, Any]:
        """The contact's fields, as far as a name, perhaps a dotted one, leads into them."""
        ...

    async def order(self) -> Mapping[str, Any]:
        """The attributes of the order that a timer may be bound to; empty when there is none."""
        ...

    async def passed_before(self, block_id: str) -> bool:
        """Whether this journey already went through this timer without waiting."""
        ...

    async def began_at(self) -> datetime:
        """When the event that started the journey arrived."""
        ...

    async def sent_at(self, visit: int) -> datetime | None:
        """When the message of an earlier visit was handed over; None if it was not."""
        ...

    async def answer(self, block: WaitForBlock, since: Since, until: datetime) -> Since | None:
        """What the block waits for, if it happened, as the beginning of what comes after it."""
        ...

    async def emit(self, block: EmitBlock, visit: int, depth: int) -> str:
        """Record an event of the contact; what came of it, for the step."""
        ...

    async def update(self, block: UpdateBlock, depth: int) -> tuple[str, str | None]:
        """Change the contact; what came of it, for the step, and the contact's zone."""
        ...

    async def take_code(self, block: PromoBlock, visit: int) -> tuple[str, str | None]:
        """Take a promo code; what came of it, for the step, and the code, if there is one."""
        ...


@dataclass
class Visit:
    """One block entered in this walk; `left_at` stays null for the one it waits in."""

    number: int
    block: str
    entered_at: datetime
    left_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class NewMessage:
    """A message block was entered: its row is to be written."""

    id: UUID
    block: str
    visit: int
    channel: str
    template: str


@dataclass
class Walk:
    """What became of the journey: written as a whole."""

    directive: Directive
    left: tuple[str, datetime] | None = None
    """Outcome of the block the walk began in, if it was left."""
    visits: list[Visit] = field(default_factory=list)
    message: NewMessage | None = None
    due_at: datetime | None = None
    since: Since | None = None
    """From when on the `wait_for` that it waits in counts events."""
    depth: int = 0
    """How many emit blocks led to what it did."""
    variables: dict[str, str] = field(default_factory=dict)
    """Promo codes that were taken, by their `as`."""
    parked: bool = False
    ended: tuple[str, str | None, str | None] | None = None
    """State, reason kind and detail, if the journey ended."""


FINISHED = Directive("finish")

WayOut = tuple[str, str | None]
"""How a block was left: the outcome, and the block that comes next (None ends the journey)."""


class Walker:
    """Walks one journey at one moment."""

    def __init__(
        self, state: JourneyState, definition: Definition, world: World, now: datetime
    ) -> None:
        self._state = state
        self._definition = definition
        self._blocks = definition.by_id()
        self._world = world
        self._now = now
        self._visit = state.visit
        self._walk = Walk(FINISHED)
        self._since: Since | None = None
        self._contact_zone = state.contact_zone

    async def walk(self, outcome: str | None) -> Walk:
        """Leave the present block if it is done, and enter blocks until one waits or all ends."""
        if self._state.paused:
            return self._park()
        if self._state.block is None:
            target: str | None = self._definition.first
        else:
            block = self._blocks[self._state.block]
            left = await self._leave(block, outcome)
            if left is None:
                return self._walk
            outcome_name, target = left
            self._walk.left = (outcome_name, self._now)
        for _ in range(MAX_BLOCKS):
            if self._state.test_to is not None and self._visit >= MAX_TEST_VISITS:
                return self._finish("completed", "test_ended", f"after {MAX_TEST_VISITS} blocks")
            if target is None:
                return self._finish("completed", "completed", None)
            entered = await self._enter(self._blocks[target])
            if entered is None:
                return self._walk
            target = entered[1]
        return self._finish("failed", "runaway_loop", f"block {target}")

    async def _leave(self, block: Block, outcome: str | None) -> WayOut | None:
        """The way out of the block that was waited in; None when it waits on."""
        match block:
            case TimerBlock():
                due = await self._due(block, self._state.entered_at or self._now)
                if due > self._now:
                    return self._wait(block.id, due)
                return "done", block.next
            case MessageBlock() | BestOfBlock() | FirstReachableBlock():
                return await self._leave_message(block, outcome)
            case WaitForBlock():
                entered_at = self._state.entered_at or self._now
                since = self._state.since or Since(entered_at)
                return await self._look_for_answer(block, since, entered_at)
            case _:
                raise TypeError(f"block kind {block.kind!r} never waits")

    async def _leave_message(self, block: Sender, outcome: str | None) -> WayOut | None:
        state = self._state.message_state
        if state == "queued" and outcome is not None and outcome.startswith("failed"):
            state = "failed"
        if state is None or state == "queued":
            return await self._send(block, self._state.visit, new=state is None)
        if state in ("failed", "skipped") and block.else_ is not None:
            return state, block.else_
        return state, block.next

    async def _enter(self, block: Block) -> WayOut | None:
        """The way out of a block that is passed at once; None when the walk ends in it."""
        self._visit += 1
        visit = Visit(self._visit, block.id, self._now)
        self._walk.visits.append(visit)
        passed = await self._pass(block)
        if passed is not None:
            visit.outcome, visit.left_at = passed[0], self._now
        return passed

    async def _pass(self, block: Block) -> WayOut | None:  # noqa: PLR0911 (one a kind)
        match block:
            case MessageBlock() | BestOfBlock() | FirstReachableBlock():
                return await self._send(block, self._visit, new=True)
            case TimerBlock():
                return await self._pass_timer(block)
            case ConditionBlock():
                holds = await self._world.holds(block.id, block.if_)
                return ("then", block.then) if holds else ("else", block.else_)
            case SplitBlock():
                return self._split(block)
            case WaitForBlock():
                return await self._look_for_answer(block, await self._waited_until(), self._now)
            case EmitBlock():
                return await self._world.emit(block, self._visit, self._depth()), block.next
            case UpdateBlock():
                outcome, self._contact_zone = await self._world.update(block, self._depth())
                return outcome, block.next
            case PromoBlock():
                return await self._take_code(block)
            case ExitBlock():
                self._close_visit("exit")
                self._finish("completed", "exit", block.reason)
                return None
            case _:
                raise TypeError(f"block kind {block.kind!r} is not known to this release")

    def _depth(self) -> int:
        """How many emit and update blocks lead to what a block does to others, itself included."""
        return max(self._state.depth, self._walk.depth) + 1

    async def _take_code(self, block: PromoBlock) -> WayOut:
        outcome, code = await self._world.take_code(block, self._visit)
        if code is None:
            return outcome, block.else_
        self._walk.variables[block.as_] = code
        return outcome, block.next

    async def _look_for_answer(
        self, block: WaitForBlock, since: Since, entered_at: datetime
    ) -> WayOut | None:
        zone = resolve_zone(
            CONTACT, contact_zone=self._contact_zone, workspace_zone=self._state.workspace_zone
        )
        due = self._shortened(after(entered_at, block.timeout, zone), entered_at)
        answer = await self._world.answer(block, since, due)
        if answer is not None:
            self._since = answer
            self._walk.depth = max(self._walk.depth, answer.depth)
            if block.message is not None:
                return block.message.state, block.then
            return "event" if block.event else "entered", block.then
        if due <= self._now:
            self._since = Since(due)
            return "timeout", block.else_
        self._walk.since = since
        return self._wait(block.id, due)

    async def _waited_until(self) -> Since:
        """When the journey last waited for something to end: what arrived after that is news."""
        if self._since is None:
            state = self._state
            moment: datetime | None
            match self._blocks[state.block] if state.block else None:
                case None:
                    moment = await self._world.began_at()
                case MessageBlock() | BestOfBlock() | FirstReachableBlock():
                    moment = await self._world.sent_at(state.visit) or state.entered_at
                case _:
                    moment = state.due_at
            self._since = Since(min(moment or self._now, self._now))
        return self._since

    def _split(self, block: SplitBlock) -> WayOut:
        index = branch_of(
            [branch.weight for branch in block.branches],
            workflow_id=self._state.workflow_id,
            block_id=block.id,
            contact_id=self._state.contact_id,
        )
        return f"branch {index}", block.branches[index].next

    async def _pass_timer(self, block: TimerBlock) -> WayOut | None:
        due = await self._due(block, self._now)
        if due > self._now:
            return self._wait(block.id, due)
        if await self._world.passed_before(block.id) or self._passed_now(block.id):
            self._close_visit("failed")
            self._finish("failed", "runaway_loop", f"timer {block.id} no longer waits")
            return None
        return "passed", block.next

    def _close_visit(self, outcome: str) -> None:
        visit = self._walk.visits[-1]
        visit.outcome, visit.left_at = outcome, self._now

    def _passed_now(self, block_id: str) -> bool:
        return any(v.block == block_id and v.outcome == "passed" for v in self._walk.visits)

    async def _due(self, block: TimerBlock, entered_at: datetime) -> datetime:
        wait = block.wait
        fields: Mapping[str, Any] = {}
        order: Mapping[str, Any] = {}
        match wait.until:
            case UntilField(field=name):
                fields = await self._world.fields(name)
            case UntilOrder():
                order = await self._world.order()
            case _:
                pass
        due = due_at(
            wait,
            entered_at=entered_at,
            contact_zone=self._contact_zone,
            workspace_zone=self._state.workspace_zone,
            fields=fields,
            params=self._state.params,
            order=order,
        )
        return self._shortened(due, entered_at)

    def _shortened(self, due: datetime, begun_at: datetime) -> datetime:
        """The end of a wait; in a test, no later than the test allows."""
        longest = self._state.test_wait
        return due if longest is None else min(due, begun_at + timedelta(seconds=longest))

    def _wait(self, block_id: str, due: datetime) -> WayOut | None:
        self._walk.due_at = due
        self._walk.directive = Directive("wait", block_id, until=due)
        return None

    async def _send(self, block: Sender, visit: int, *, new: bool) -> WayOut | None:
        hours = hours_of(block, self._state.workspace_hours)
        if hours is not None and hours.otherwise == "wait":
            allowed = allowed_from(
                hours,
                now=self._now,
                contact_zone=self._contact_zone,
                workspace_zone=self._state.workspace_zone,
                share=(self._state.id.int & 0xFFFF) / 0xFFFF,
            )
            begun_at = self._now if visit != self._state.visit else self._state.entered_at
            allowed = self._shortened(allowed, begun_at or self._now)
            if allowed > self._now:
                return self._wait(block.id, allowed)
        message_id = uuid5(self._state.id, f"message:{visit}")
        channel = self._state.message_channel
        if new:
            choice = await self._choose(block, visit)
            if isinstance(choice, str):
                return choice, block.else_ if block.else_ is not None else block.next
            channel = choice.channel
            self._walk.message = NewMessage(
                message_id, block.id, visit, choice.channel, choice.template
            )
        self._walk.directive = Directive(
            "send", block.id, message_id=str(message_id), channel=channel
        )
        return None

    async def _choose(self, block: Sender, visit: int) -> Choice | str:
        if not isinstance(block, MessageBlock):
            return await self._world.choose(block, visit)
        ways = [Variant(template=block.template, weight=block.weight), *block.variants]
        index = branch_of(
            [way.weight for way in ways],
            workflow_id=self._state.workflow_id,
            block_id=block.id,
            contact_id=self._state.contact_id,
        )
        return Choice(block.channel, ways[index].template)

    def _park(self) -> Walk:
        self._walk.parked = True
        self._walk.due_at = self._state.due_at
        self._walk.since = self._state.since
        self._walk.directive = Directive("wait", self._state.block or "")
        return self._walk

    def _finish(self, state: str, kind: str, detail: str | None) -> Walk:
        self._walk.ended = (state, kind, detail)
        self._walk.directive = Directive("finish", reason=kind)
        return self._walk
