"""Contacts and their timelines in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.models.journeys import JourneyState, MessageState
from api.models.values import Answer, JsonObject, Request
from api.paging import PageAnswer
from journeys.predicates import OrderStatus


class ContactAnswer(Answer):
    """A contact. `userId` is null while only anonymous ids are known."""

    id: UUID
    user_id: str | None = Field(serialization_alias="userId")
    email: str | None
    phone: str | None
    timezone: str | None
    locale: str | None
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None


class ContactPage(PageAnswer[ContactAnswer]):
    """Contacts, newest first."""


class _Item(Answer):
    at: datetime
    id: UUID


class IdentityAnswer(Answer):
    """An id that the contact is, or was, known by."""

    kind: Literal["user", "anonymous"]
    value: str


class DeviceAnswer(Answer):
    """A push token."""

    token: str
    platform: str | None
    created_at: datetime
    last_seen_at: datetime


class GroupAnswer(Answer):
    """A company, team or household that the contact is in."""

    group_id: str = Field(serialization_alias="groupId")
    traits: dict[str, Any]
    joined_at: datetime


class ContactDetails(ContactAnswer):
    """A contact with all ids, devices and groups, 200 of each at most."""

    identities: list[IdentityAnswer]
    devices: list[DeviceAnswer]
    groups: list[GroupAnswer]


class ContactChange(Request):
    """What is to change; null unsets it, what is left out stays."""

    email: Any = Field(default=None, description="Text or null.")
    phone: Any = Field(default=None, description="Text or null.")
    timezone: Any = Field(default=None, description="An IANA name such as Europe/Berlin, or null.")
    locale: Any = Field(default=None, description="Text or null.")
    fields: JsonObject = Field(default={}, description="Custom fields; null unsets one.")


class EventEntry(_Item):
    """The contact did something."""

    kind: Literal["event"]
    event_kind: str = Field(description="`track`, `page`, `screen` or `group`.")
    name: str
    properties: dict[str, Any]


class OrderEntry(_Item):
    """An order came about, or became something else; also as it was sent late."""

    kind: Literal["order"]
    order_id: str = Field(serialization_alias="orderId")
    status: OrderStatus
    total: float | None
    currency: str | None


class SegmentEntry(_Item):
    """The contact came into a segment, or left it."""

    kind: Literal["segment"]
    segment: str = Field(description="The segment's key.")
    name: str
    move: Literal["entered", "left"]


class JourneyEntry(_Item):
    """A journey began."""

    kind: Literal["journey"]
    workflow: str
    state: JourneyState
    reason_kind: str | None
    reason_detail: str | None
    block: str | None
    ended_at: datetime | None


class MessageEntry(_Item):
    """A message was made."""

    kind: Literal["message"]
    workflow: str
    journey_id: UUID
    block: str
    channel: str
    template: str
    subject: str | None
    state: MessageState
    reason: str | None
    sent_at: datetime | None


class RefusalEntry(_Item):
    """A workflow's start matched, and the journey was refused."""

    kind: Literal["refusal"]
    workflow: str
    outcome: str = Field(
        description="`reentry`, `overlap`, `stop_lookback`, `stop_segment`, `too_deep`, `control`."
    )
    detail: str | None
    event_id: UUID | None


TimelineEntry = Annotated[
    EventEntry | OrderEntry | SegmentEntry | JourneyEntry | MessageEntry | RefusalEntry,
    Field(discriminator="kind"),
]


class TimelinePage(PageAnswer[TimelineEntry]):
    """What happened to and by the contact, newest first."""
