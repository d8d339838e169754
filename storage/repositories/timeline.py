"""A contact's history: events, journeys, messages and refused starts, merged by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from storage.repositories.keyset import AnySelect, Page, PageRequest, Position, cut, newest_first
from storage.tables import EntryDecision, Event, Journey, Message, Workflow


@dataclass(frozen=True, slots=True)
class EventItem:
    """Something the contact did."""

    id: UUID
    at: datetime
    event_kind: str
    name: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JourneyItem:
    """A journey began."""

    id: UUID
    at: datetime
    workflow: str
    state: str
    reason_kind: str | None
    reason_detail: str | None
    block: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageItem:
    """A message was made for the contact."""

    id: UUID
    at: datetime
    workflow: str
    journey_id: UUID
    block: str
    channel: str
    template: str
    subject: str | None
    state: str
    reason: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefusalItem:
    """A start rule matched and the journey was refused."""

    id: UUID
    at: datetime
    workflow: str
    outcome: str
    detail: str | None
    event_id: UUID | None


TimelineItem = EventItem | JourneyItem | MessageItem | RefusalItem


def _sources(
    contact_id: UUID,
) -> list[tuple[type[TimelineItem], AnySelect, Mapped[datetime], Mapped[UUID]]]:
    """Each source with its time and id columns."""
    events: AnySelect = select(
        col(Event.id),
        col(Event.timestamp).label("at"),
        col(Event.kind).label("event_kind"),
        col(Event.name),
        col(Event.properties),
    ).where(col(Event.contact_id) == contact_id)
    journeys: AnySelect = (
        select(
            col(Journey.id),
            col(Journey.started_at).label("at"),
            col(Workflow.key).label("workflow"),
            col(Journey.state),
            col(Journey.reason_kind),
            col(Journey.reason_detail),
            col(Journey.block),
            col(Journey.ended_at),
        )
        .join(Workflow, col(Workflow.id) == col(Journey.workflow_id))
        .where(col(Journey.contact_id) == contact_id)
    )
    messages: AnySelect = (
        select(
            col(Message.id),
            col(Message.created_at).label("at"),
            col(Workflow.key).label("workflow"),
            col(Message.journey_id),
            col(Message.block),
            col(Message.channel),
            col(Message.template),
            col(Message.subject),
            col(Message.state),
            col(Message.reason),
            col(Message.sent_at),
        )
        .join(Workflow, col(Workflow.id) == col(Message.workflow_id))
        .where(col(Message.contact_id) == contact_id)
    )
    refusals: AnySelect = (
        select(
            col(EntryDecision.id),
            col(EntryDecision.decided_at).label("at"),
            col(Workflow.key).label("workflow"),
            col(EntryDecision.outcome),
            col(EntryDecision.detail),
            col(EntryDecision.event_id),
        )
        .join(Workflow, col(Workflow.id) == col(EntryDecision.workflow_id))
        .where(col(EntryDecision.contact_id) == contact_id, col(EntryDecision.outcome) != "started")
    )
    return [
        (EventItem, events, col(Event.timestamp), col(Event.id)),
        (JourneyItem, journeys, col(Journey.started_at), col(Journey.id)),
        (MessageItem, messages, col(Message.created_at), col(Message.id)),
        (RefusalItem, refusals, col(EntryDecision.decided_at), col(EntryDecision.id)),
    ]


async def timeline(
    connection: AsyncConnection, contact_id: UUID, page: PageRequest
) -> Page[TimelineItem]:
    """A page of the contact's history, newest first.

    Each source gives at most a page by its own index, and the pages are merged: four queries,
    however long the history.
    """
    items: list[TimelineItem] = []
    for item, statement, at, id_ in _sources(contact_id):
        rows = await connection.execute(newest_first(statement, at, id_, page))
        items += [item(**row._mapping) for row in rows]  # noqa: SLF001
    items.sort(key=lambda i: (i.at, i.id), reverse=True)
    return cut(items, page, lambda i: Position(i.at, i.id))
