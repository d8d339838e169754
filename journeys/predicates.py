"""The predicate language (contract section 6) as typed data.

A predicate is a tree of `all`, `any`, `not` and leaves. Which leaf a mapping is, is told by the one
key that names it (`field`, `event`, `order`, ...), so that a workflow file reads like a sentence.
This module only states the shape; `journeys.matching` evaluates it in memory and
`storage.predicate_sql` compiles it to SQL. Both follow the rules of `journeys.comparison`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from journeys.durations import DurationText

Op = Literal[
    "=", "!=", ">", ">=", "<", "<=", "in", "not_in",
    "contains", "starts_with", "ends_with", "exists", "missing", "before", "after",
]  # fmt: skip
NumberOp = Literal["=", "!=", ">", ">=", "<", "<="]
OrderStatus = Literal["initialized", "in_progress", "delivered", "cancelled", "abandoned"]
Channel = Literal["email", "push", "in_app", "inbox", "sms", "web_push", "webhook"]
MessageState = Literal["sent", "delivered", "opened", "clicked", "failed"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""Days as in RFC 5545's BYDAY, three letters, Monday first."""

VALUELESS_OPS = frozenset({"exists", "missing"})
LIST_OPS = frozenset({"in", "not_in"})
TIME_OPS = frozenset({"before", "after"})


class Strict(BaseModel):
    """A part of a definition: immutable, and an unknown key is an error, never ignored."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


class ParamRef(Strict):
    """A value taken from the starting event (or, in a segment, from its parameters)."""

    param: str = Field(min_length=1)


Value = ParamRef | str | bool | int | float | list[str | bool | int | float] | None


class _Comparison(Strict):
    op: Op = "="
    value: Value = None

    @model_validator(mode="after")
    def _value_fits_op(self) -> _Comparison:
        if self.op in VALUELESS_OPS:
            if self.value is not None:
                raise ValueError(f"op {self.op!r} takes no value")
            return self
        if self.value is None:
            raise ValueError(f"op {self.op!r} needs a value")
        if self.op in LIST_OPS and not isinstance(self.value, list | ParamRef):
            raise ValueError(f"op {self.op!r} needs a list of values")
        if self.op not in LIST_OPS and isinstance(self.value, list):
            raise ValueError(f"op {self.op!r} takes one value; use 'in' for a list")
        if self.op in TIME_OPS and not isinstance(self.value, str | ParamRef):
            raise ValueError(
                f"op {self.op!r} needs an ISO 8601 date, date-time or duration such as -P3D"
            )
        return self


class ParamCheck(_Comparison):
    """`{param, op, value}`: a property of an event, or an attribute of an order.

    Dots walk into objects; on a list they mean *any item* (`items.sku`).
    """

    param: str = Field(min_length=1)


class FieldLeaf(_Comparison):
    """A field of the contact: a built-in one (email, timezone, created_at, ...) or a custom one."""

    field: str = Field(min_length=1)


class Count(Strict):
    """How many, compared with a number; both a count of rows and a sum of totals."""

    op: NumberOp = ">="
    value: int | float


class EventLeaf(Strict):
    """How often the contact did something; at least once unless `times` says otherwise."""

    event: str = Field(min_length=1)
    where: list[ParamCheck] = []
    within: Literal["journey"] | DurationText | None = None
    times: Count = Count(op=">=", value=1)


class OrderQuery(Strict):
    """Which orders to count and to sum."""

    status: list[OrderStatus] = []
    where: list[ParamCheck] = []
    within: Literal["journey"] | DurationText | None = None
    times: Count | None = None
    total: Count | None = None


class OrderLeaf(Strict):
    """The contact's orders, by their present status: how many (`times`) and their sum (`total`)."""

    order: OrderQuery


class SegmentLeaf(Strict):
    """The contact is a member of a segment; `params` bind a parameterised one."""

    segment: str = Field(min_length=1)
    params: dict[str, Value] = {}


class MessageQuery(Strict):
    """`block` is a block id of this workflow, `last` (the journey's latest) or `all`."""

    block: str = Field(min_length=1)
    state: MessageState
    link: str | None = None


class MessageLeaf(Strict):
    """A message of this journey has reached a state."""

    message: MessageQuery


class ReachableLeaf(Strict):
    """The contact could be reached by this channel now: it has an address and has not opted out."""

    reachable: Channel


class NowQuery(Strict):
    """`from` is included and `to` is not; `from` later than `to` spans midnight."""

    weekdays: list[Weekday] = []
    from_: str | None = Field(default=None, alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    to: str | None = Field(default=None, pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")
    date: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    timezone: str = "contact"


class NowLeaf(Strict):
    """The present moment, by a clock on the wall."""

    now: NowQuery


class ParamLeaf(ParamCheck):
    """A property of the event that started the journey."""


class AllOf(Strict):
    """Every one of these is true; an empty list is true."""

    all: list[Predicate]


class AnyOf(Strict):
    """At least one of these is true; an empty list is false."""

    any: list[Predicate]


class Not(Strict):
    """The predicate inside is false."""

    not_: Predicate = Field(alias="not")


_KINDS: dict[str, type[Strict]] = {
    "all": AllOf,
    "any": AnyOf,
    "not": Not,
    "field": FieldLeaf,
    "event": EventLeaf,
    "order": OrderLeaf,
    "segment": SegmentLeaf,
    "message": MessageLeaf,
    "reachable": ReachableLeaf,
    "now": NowLeaf,
    "param": ParamLeaf,
}
PREDICATE_KEYS = tuple(_KINDS)
_TAG_BY_CLASS = {cls: key for key, cls in _KINDS.items()}


def _tag(value: Any) -> str | None:
    """The key that tells which leaf this is, or None (pydantic then reports the allowed ones)."""
    if isinstance(value, dict):
        return next((key for key in PREDICATE_KEYS if key in value), None)
    return _TAG_BY_CLASS.get(type(value))


Predicate = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[FieldLeaf, Tag("field")]
    | Annotated[EventLeaf, Tag("event")]
    | Annotated[OrderLeaf, Tag("order")]
    | Annotated[SegmentLeaf, Tag("segment")]
    | Annotated[MessageLeaf, Tag("message")]
    | Annotated[ReachableLeaf, Tag("reachable")]
    | Annotated[NowLeaf, Tag("now")]
    | Annotated[ParamLeaf, Tag("param")],
    Discriminator(
        _tag,
        custom_error_type="predicate",
        custom_error_message="a predicate needs one of the keys " + ", ".join(PREDICATE_KEYS),
    ),
]

for _cls in (AllOf, AnyOf, Not):
    _cls.model_rebuild()
