"""The catalogue of events, fields and values, in answers."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.models.values import Answer

Value = str | int | float | bool


class EventVolumeAnswer(Answer):
    """An event's name, and how much of it there is."""

    name: str
    last_24h: int
    last_7d: int
    last_30d: int
    last_seen_at: datetime | None


class EventList(Answer):
    """The names of events, in their order."""

    data: list[EventVolumeAnswer]


class PropertyAnswer(Answer):
    """A name with what was found under it in a sample."""

    name: str = Field(description="Dotted where objects lie in objects.")
    type: str = Field(
        description="`text`, `number`, `boolean`, `date`, `list`, `object`; `mixed` for several."
    )
    examples: list[Value]
    share: float = Field(description="In how much of the sample it is, from 0 to 1.")


class DayCount(Answer):
    """How many were received on a day."""

    at: datetime = Field(description="When the day began, in the workspace's zone.")
    count: int


class EventDetail(Answer):
    """An event's properties and volume."""

    name: str
    properties: list[PropertyAnswer]
    days: list[DayCount]


class FieldAnswer(PropertyAnswer):
    """A field of contacts."""

    standard: bool = Field(description="One of every contact's own, such as `email`.")


class FieldList(Answer):
    """Fields, the contacts' own first."""

    data: list[FieldAnswer]


class ValueAnswer(Answer):
    """A value, and how often it is in the sample."""

    value: Value
    count: int


class ValueList(Answer):
    """Values, the commonest first."""

    data: list[ValueAnswer]
