"""The workflow definition as typed, immutable data.

This module states shapes only. What is true of the drawing as a whole (targets exist, every block
is reachable, no loop without a wait) is checked by `journeys.validation`.
"""

# ruff: noqa: RUF012  (pydantic copies the defaults of its fields)

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from journeys.durations import DurationText
from journeys.predicates import (
    Channel,
    OrderStatus,
    ParamCheck,
    ParamRef,
    Predicate,
    Strict,
    Value,
    Weekday,
)

BlockId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ORDER_MOMENT = r"^(timestamp|created_at|updated_at|items\..{1,200})$"
"""The attributes of an order that may hold a moment."""
EventName = Annotated[str, Field(min_length=1, max_length=200)]


class Reentry(Strict):
    """Whether a contact (or a contact and the values of `key`) may start again."""

    mode: Literal["once", "always", "after"] = "always"
    after: DurationText | None = None
    key: list[str] = []

    @model_validator(mode="after")
    def _after_needs_a_duration(self) -> Reentry:
        if (self.mode == "after") != (self.after is not None):
            raise ValueError("mode 'after' and a duration in 'after' go together")
        return self


Overlap = Literal["skip", "parallel", "restart"]


class _Start(Strict):
    reentry: Reentry = Reentry()
    overlap: Overlap = "skip"


class EventStart(_Start):
    """The contact does something."""

    kind: Literal["event"]
    event: EventName
    where: list[ParamCheck] = []


class FieldChangeStart(_Start):
    """A field of the contact changes from outside: by an import or an API call."""

    kind: Literal["field_change"]
    field: str = Field(min_length=1)
    from_: list[Value] | None = Field(default=None, alias="from")
    to: list[Value] | None = None


class LaunchSchedule(Strict):
    """Exactly one of `cron`, `at` (a local date-time) and `entry`."""

    cron: str | None = None
    at: str | None = None
    entry: bool | None = None
    timezone: str | None = None
    from_: str | None = Field(default=None, alias="from")
    until: str | None = None

    @model_validator(mode="after")
    def _one_of(self) -> LaunchSchedule:
        if sum((self.cron is not None, self.at is not None, bool(self.entry))) != 1:
            raise ValueError("a schedule has exactly one of 'cron', 'at' and 'entry'")
        return self


class SegmentStart(_Start):
    """Every member of a segment starts, at set times or as each one enters."""

    kind: Literal["segment"]
    segment: Key
    schedule: LaunchSchedule | Literal["entry"]
    spread: DurationText | None = None


class EventForSegmentStart(_Start):
    """Something happens, and every member of a segment starts.

    The segment's parameters are bound from the event.
    """

    kind: Literal["event_for_segment"]
    event: EventName
    segment: Key
    where: list[ParamCheck] = []
    bind: dict[str, str] = {}


Start = Annotated[
    EventStart | FieldChangeStart | SegmentStart | EventForSegmentStart, Field(discriminator="kind")
]


class EventStop(Strict):
    """Any of `events`; `same` names properties that must equal the starting event's."""

    kind: Literal["event"]
    events: list[EventName] = Field(min_length=1)
    where: list[ParamCheck] = []
    same: list[str] = []
    lookback: DurationText | None = None


class SegmentStop(Strict):
    """The contact is, or becomes, a member of the segment."""

    kind: Literal["segment"]
    segment: Key


class OrderStop(Strict):
    """An order of the contact is, or comes to be, in one of these states."""

    kind: Literal["order"]
    status: list[OrderStatus] = []
    where: list[ParamCheck] = []
    same: list[str] = []
    lookback: DurationText | None = None


Stop = Annotated[EventStop | SegmentStop | OrderStop, Field(discriminator="kind")]


class _Block(Strict):
    id: BlockId


class AllowedHours(Strict):
    """Hours in the contact's zone in which a message may leave; `from` is included, `to` is not.

    `from` later than `to` spans midnight; such hours belong to the weekday on which they begin.
    """

    from_: ClockTime = Field(alias="from")
    to: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
    weekdays: list[Weekday] = []
    otherwise: Literal["wait", "skip", "send"] = "wait"
    spread: DurationText | None = None


class _Sending(_Block):
    """What sending blocks have in common."""

    topic: Key | None = None
    transactional: bool = False
    allowed_hours: AllowedHours | None = None


class Variant(Strict):
    """What may be sent in place of a message, and to how many beside the others."""

    template: Key
    weight: float = Field(default=1, gt=0)


class MessageBlock(_Sending):
    """Send one message; with variants, one of several, and to one contact always the same."""

    kind: Literal["message"]
    channel: Channel
    template: Key
    weight: float = Field(default=1, gt=0)
    variants: list[Variant] = Field(default=[], max_length=20)
    next: BlockId | None = None
    else_: BlockId | None = Field(default=None, alias="else")


class UntilClock(Strict):
    """The next moment at which the wall clock shows `time` on one of `weekdays` (all if empty)."""

    time: ClockTime
    weekdays: list[Weekday] = []
    timezone: str = "contact"


class UntilField(Strict):
    """The moment held in a field of the contact, moved by `offset`."""

    field: str = Field(min_length=1)
    offset: DurationText | None = None


class UntilParam(Strict):
    """The moment held in a property of the starting event, moved by `offset`."""

    param: str = Field(min_length=1)
    offset: DurationText | None = None


class UntilOrder(Strict):
    """The moment held in an attribute of an order, moved by `offset`.

    The order is the one whose id is the starting event's `order_id` or `orderId`, else the
    contact's latest.
    """

    order: str = Field(pattern=ORDER_MOMENT)
    offset: DurationText | None = None


def _until_tag(value: Any) -> str | None:
    kinds: dict[type, str] = {
        UntilClock: "time", UntilField: "field", UntilParam: "param", UntilOrder: "order",
    }  # fmt: skip
    if isinstance(value, dict):
        return next((key for key in kinds.values() if key in value), None)
    return kinds.get(type(value))


Until = Annotated[
    Annotated[UntilClock, Tag("time")]
    | Annotated[UntilField, Tag("field")]
    | Annotated[UntilParam, Tag("param")]
    | Annotated[UntilOrder, Tag("order")],
    Discriminator(
        _until_tag,
        custom_error_type="until",
        custom_error_message="'until' needs one of the keys time, field, param, order",
    ),
]


class Wait(Strict):
    """`for`, `at` or `until`; `for` and `until` together mean first the one, then the other."""

    for_: DurationText | None = Field(default=None, alias="for")
    at: str | None = None
    until: Until | None = None
    timezone: str = "contact"

    @model_validator(mode="after")
    def _something_to_wait_for(self) -> Wait:
        if self.at is not None:
            if self.for_ is not None or self.until is not None:
                raise ValueError("'at' stands alone: it does not combine with 'for' or 'until'")
        elif self.for_ is None and self.until is None:
            raise ValueError("a wait needs 'for', 'at' or 'until'")
        return self


class TimerBlock(_Block):
    """Wait."""

    kind: Literal["timer"]
    wait: Wait
    next: BlockId | None = None


class ConditionBlock(_Block):
    """Go on by `then` where the predicate is true, by `else` where it is not."""

    kind: Literal["condition"]
    if_: Predicate = Field(alias="if")
    then: BlockId | None = None
    else_: BlockId | None = Field(default=None, alias="else")


class Branch(Strict):
    """One way of a split; without `next` it is the control group."""

    weight: float = Field(gt=0)
    next: BlockId | None = None


class SplitBlock(_Block):
    """Spread the contacts over branches by weight; one contact always falls the same way."""

    kind: Literal["split"]
    branches: list[Branch] = Field(min_length=2)


class WaitedMessage(Strict):
    """What is to become of the latest message that a block of this workflow sent."""

    block: BlockId
    state: Literal["delivered", "opened", "clicked"]
    link: str | None = Field(default=None, min_length=1, max_length=2000)

    @model_validator(mode="after")
    def _a_link_is_clicked(self) -> WaitedMessage:
        if self.link is not None and self.state != "clicked":
            raise ValueError("'link' goes with the state 'clicked'")
        return self


class WaitForBlock(_Block):
    """Wait for an event (`then`), but no longer than the timeout (`else`)."""

    kind: Literal["wait_for"]
    event: EventName | None = None
    segment: Key | None = None
    message: WaitedMessage | None = None
    where: list[ParamCheck] = []
    same: list[str] = []
    timeout: DurationText
    then: BlockId | None = None
    else_: BlockId | None = Field(default=None, alias="else")

    @model_validator(mode="after")
    def _one_of(self) -> WaitForBlock:
        if [self.event, self.segment, self.message].count(None) != 2:
            raise ValueError("wait_for needs exactly one of 'event', 'segment' and 'message'")
        return self


class BestOfBlock(_Sending):
    """Send one of several messages and learn which is clicked most."""

    kind: Literal["best_of"]
    channel: Channel
    templates: list[Key] = []
    tags: list[str] = []
    next: BlockId | None = None
    else_: BlockId | None = Field(default=None, alias="else")

    @model_validator(mode="after")
    def _candidates(self) -> BestOfBlock:
        if bool(self.templates) == bool(self.tags):
            raise ValueError("best_of needs exactly one of 'templates' and 'tags'")
        return self


class ChannelTemplate(Strict):
    """A channel, and what to send by it."""

    channel: Channel
    template: Key


class FirstReachableBlock(_Sending):
    """Send by the first of the channels that can reach the contact."""

    kind: Literal["first_reachable"]
    channels: list[ChannelTemplate] = Field(min_length=1)
    next: BlockId | None = None
    else_: BlockId | None = Field(default=None, alias="else")


Number = int | float | ParamRef


class Plus(Strict):
    """Add to the number that a field holds; a missing one counts as 0."""

    plus: Number = Field(alias="+")


class Minus(Strict):
    """Take from the number that a field holds; a missing one counts as 0."""

    minus: Number = Field(alias="-")


def _field_value_tag(value: Any) -> str:
    keys = value.keys() if isinstance(value, dict) else ()
    kinds: dict[type, str] = {Plus: "+", Minus: "-"}
    return next((key for key in ("+", "-") if key in keys), kinds.get(type(value), "value"))


FieldValue = Annotated[
    Annotated[Plus, Tag("+")] | Annotated[Minus, Tag("-")] | Annotated[Value, Tag("value")],
    Discriminator(_field_value_tag),
]
"""`{"+": 5}` and `{"-": 5}` change a number; what else a mapping may be is `{param: name}`."""


class UpdateBlock(_Block):
    """Change the contact."""

    kind: Literal["update"]
    set: dict[str, FieldValue] = {}
    unset: list[str] = []
    add_to: list[Key] = []
    remove_from: list[Key] = []
    next: BlockId | None = None


class EmitBlock(_Block):
    """Record an event for the contact, which may start other workflows."""

    kind: Literal["emit"]
    event: EventName
    properties: dict[str, Any] = {}
    next: BlockId | None = None


class PromoBlock(_Block):
    """Take one code from an imported pool, once a visit."""

    kind: Literal["promo"]
    pool: Key
    as_: str = Field(alias="as", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    next: BlockId | None = None
    else_: BlockId | None = Field(default=None, alias="else")


class ExitBlock(_Block):
    """End the journey."""

    kind: Literal["exit"]
    reason: str | None = Field(default=None, max_length=200)


Block = Annotated[
    MessageBlock
    | TimerBlock
    | ConditionBlock
    | SplitBlock
    | WaitForBlock
    | BestOfBlock
    | FirstReachableBlock
    | UpdateBlock
    | EmitBlock
    | PromoBlock
    | ExitBlock,
    Field(discriminator="kind"),
]


class Goal(Strict):
    """What the messages are for: an event within some time after one of them.

    `value` names the property that says what it was worth; `currency` is read beside it.
    """

    name: str = Field(min_length=1, max_length=100)
    event: EventName
    where: list[ParamCheck] = []
    within: DurationText = "P7D"
    value: str | None = Field(default=None, min_length=1, max_length=200)


class Control(Strict):
    """How many contacts, in per cent, are held back to compare the others with."""

    percent: float = Field(gt=0, le=90)


class Definition(Strict):
    """A whole workflow: what starts it, what stops it, and the blocks; the first is entered first.

    A target that is left out ends the journey as completed.
    """

    name: str = Field(min_length=1, max_length=200)
    start: Start
    stop: list[Stop] = []
    goals: list[Goal] = Field(default=[], max_length=5)
    control: Control | None = None
    blocks: list[Block] = Field(min_length=1, max_length=1000)

    @property
    def first(self) -> BlockId:
        """The block a journey enters first."""
        return self.blocks[0].id

    def by_id(self) -> dict[str, Block]:
        """The blocks by their id."""
        return {block.id: block for block in self.blocks}


def targets(block: Block) -> list[tuple[str, str]]:
    """The edges out of a block as (JSON path below the block, target id), omitted ones left out."""
    edges: list[tuple[str, str | None]]
    match block:
        case SplitBlock():
            edges = [(f"branches[{i}].next", b.next) for i, b in enumerate(block.branches)]
        case ConditionBlock() | WaitForBlock():
            edges = [("then", block.then), ("else", block.else_)]
        case MessageBlock() | BestOfBlock() | FirstReachableBlock() | PromoBlock():
            edges = [("next", block.next), ("else", block.else_)]
        case TimerBlock() | UpdateBlock() | EmitBlock():
            edges = [("next", block.next)]
        case ExitBlock():
            edges = []
    return [(path, target) for path, target in edges if target is not None]
