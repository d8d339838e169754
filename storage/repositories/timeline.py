"""A contact's history: events, orders, segments, journeys, messages and refused starts, by time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, Uuid, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.repositories.keyset import AnySelect, Page, PageRequest, Position, cut, newest_first
from storage.tables import (
    EntryDecision,
    Event,
    Journey,
    Message,
    Order,
    OrderState,
    Segment,
    SegmentMember,
    SegmentStay,
    Workflow,
)

ItemKind = Literal["event", "order", "segment", "journey", "message", "refusal"]


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


@dataclass(frozen=True, slots=True)
class OrderItem:
    """An order came about, or became something else."""

    id: UUID
    at: datetime
    order_id: str
    status: str
    total: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class SegmentItem:
    """The contact came into a segment, or left it."""

    id: UUID
    at: datetime
    segment: str
    name: str
    move: str


TimelineItem = EventItem | OrderItem | SegmentItem | JourneyItem | MessageItem | RefusalItem


Source = tuple[ItemKind, type[TimelineItem], AnySelect, Any, Any]
"""Rows of one kind, with the columns of their time and id."""


def _numbered(number: Any) -> ColumnElement[UUID]:
    """A row's number as an id, so that it has its place in the order of pages."""
    return cast(func.lpad(func.to_hex(number), 32, "0"), Uuid())


def _orders(contact_id: UUID) -> list[Source]:
    id_, at = _numbered(col(OrderState.seq)), col(OrderState.timestamp)
    statement: AnySelect = (
        select(
            id_.label("id"),
            at.label("at"),
            col(Order.order_id),
            col(OrderState.status),
            col(OrderState.total),
            col(OrderState.currency),
        )
        .join(Order, col(Order.id) == col(OrderState.order_id))
        .where(col(Order.contact_id) == contact_id)
    )
    return [("order", OrderItem, statement, at, id_)]


def _segments(contact_id: UUID) -> list[Source]:
    """Comings in that last, those that ended, and their ends. A deleted segment has none."""
    twice = func.coalesce(col(SegmentStay.id), 0) * literal(2, BigInteger())
    moves: list[tuple[Any, Any, Any, str]] = [
        (SegmentMember, col(SegmentMember.segment_id), col(SegmentMember.entered_at), "entered"),
        (SegmentStay, _numbered(twice), col(SegmentStay.entered_at), "entered"),
        (SegmentStay, _numbered(twice + 1), col(SegmentStay.left_at), "left"),
    ]
    return [
        (
            "segment",
            SegmentItem,
            select(
                id_.label("id"),
                at.label("at"),
                col(Segment.key).label("segment"),
                col(Segment.name),
                literal(move, Text()).label("move"),
            )
            .join(Segment, col(Segment.id) == table.segment_id)
            .where(table.contact_id == contact_id),
            at,
            id_,
        )
        for table, id_, at, move in moves
    ]


def _sources(contact_id: UUID) -> list[Source]:
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
        ("event", EventItem, events, col(Event.timestamp), col(Event.id)),
        *_orders(contact_id),
        *_segments(contact_id),
        ("journey", JourneyItem, journeys, col(Journey.started_at), col(Journey.id)),
        ("message", MessageItem, messages, col(Message.created_at), col(Message.id)),
        ("refusal", RefusalItem, refusals, col(EntryDecision.decided_at), col(EntryDecision.id)),
    ]


async def timeline(
    connection: AsyncConnection,
    contact_id: UUID,
    page: PageRequest,
    kinds: Collection[ItemKind] | None = None,
) -> Page[TimelineItem]:
    """A page of the contact's history, newest first; of some kinds only, or of all.

    Each source gives at most a page by its own index, and the pages are merged: seven queries,
    however long the history.
    """
    items: list[TimelineItem] = []
    for kind, item, statement, at, id_ in _sources(contact_id):
        if kinds and kind not in kinds:
            continue
        rows = await connection.execute(newest_first(statement, at, id_, page))
        items += [item(**row._mapping) for row in rows]  # noqa: SLF001
    items.sort(key=lambda i: (i.at, i.id), reverse=True)
    return cut(items, page, lambda i: Position(i.at, i.id))
