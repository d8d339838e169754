"""Contacts and their timelines in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.models.journeys import JourneyState, MessageState
from api.models.values import Answer
from api.paging import PageAnswer


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


class EventEntry(_Item):
    """The contact did something."""

    kind: Literal["event"]
    event_kind: str = Field(description="`track`, `page`, `screen` or `group`.")
    name: str
    properties: dict[str, Any]


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
        description="`reentry`, `overlap`, `stop_lookback`, `stop_segment` or `too_deep`."
    )
    detail: str | None
    event_id: UUID | None


TimelineEntry = Annotated[
    EventEntry | JourneyEntry | MessageEntry | RefusalEntry, Field(discriminator="kind")
]


class TimelinePage(PageAnswer[TimelineEntry]):
    """What happened to and by the contact, newest first."""
