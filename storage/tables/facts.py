"""What happened: events and orders; which of it still has to be decided on: `facts`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Numeric, SmallInteger, text
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


class Event(Row, table=True):
    """Something that happened. The id is derived from workspace and messageId, so it deduplicates.

    `depth` counts the emit blocks that led here (0 = from outside).
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_contact", "contact_id", "name", "timestamp"),
        Index(  # for searches, which say what it is limited to
            "ix_events_name",
            "workspace_id",
            "name",
            "timestamp",
            "contact_id",
            postgresql_where=text("depth >= 0"),
        ),
        Index("ix_events_page", "workspace_id", "received_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    contact_id: UUID | None = Field(default=None, foreign_key="contacts.id", ondelete="CASCADE")
    kind: str = "track"
    """`track`, `page`, `screen` or `group`."""
    name: str
    properties: dict[str, Any] = jsonb()
    context: dict[str, Any] | None = jsonb(nullable=True)
    message_id: str
    timestamp: datetime = utc()
    received_at: datetime = utc(now=True)
    depth: int = Field(default=0, sa_type=SmallInteger)


class Order(Row, table=True):
    """A purchase in its present state."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("uq_orders_order", "workspace_id", "order_id", unique=True),
        Index("ix_orders_contact", "contact_id", "status", "timestamp"),
        Index("ix_orders_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    order_id: str
    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE")
    status: str
    total: Decimal | None = Field(default=None, sa_type=Numeric)
    currency: str | None = None
    items: list[dict[str, Any]] = jsonb()
    timestamp: datetime = utc()
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class Fact(Row, table=True):
    """A committed fact that some published rule mentions and no dispatcher has decided on yet.

    `lane` is a hash of the contact: one lane is worked on by one dispatcher at a time, in the order
    of `seq`. Writers hold the contact's row lock before they take a `seq`, so for one contact the
    order of `seq` is the order of commits.
    """

    __tablename__ = "facts"
    __table_args__ = (
        Index("ix_facts_lane", "lane", "seq"),
        Index("ix_facts_contact", "contact_id"),
        Index("ix_facts_clock", "workspace_id", "lane", postgresql_where=text("kind = 'clock'")),
    )

    seq: int | None = Field(
        default=None, sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)]
    )
    lane: int = Field(sa_type=SmallInteger)
    contact_id: UUID | None = Field(default=None, foreign_key="contacts.id", ondelete="CASCADE")
    kind: str
    """What rules may mention: `event`, `order`, `field`, `launch` (a mass launch takes the contact
    in), `message` (one came into a state that a block waits for). What only segments may mention:
    `contact` (is new, or was merged), `seen` (a sign of life), `device`. `list`: was put on a
    static list, or taken off. `clock`: time alone may have changed
    the membership of a segment. `segment`: a backfill found the contact to be a new member."""
    ref: UUID | None = None
    """The event, order, launch, segment or message."""
    change: dict[str, Any] | None = jsonb(nullable=True)
    """For `order`: what it was then, see `engine.order_states.State.change`, and `late` if
    something newer was known; for `field`: `{field: [old, new]}`; for `list`: `{entered: bool}`;
    for `segment`: `{starts: bool}`; for `message`: `{rule: name of the interest}`."""
    silent: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Only segments follow it: it starts, stops and wakes nothing (backfilled data)."""
    workflow_id: UUID | None = None
    """The workflow whose update block changed the contact: its own starts do not follow."""
    depth: int = Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    """How many emit and update blocks led to a change; an event carries its own."""
    created_at: datetime = utc(now=True)


class FailedFact(Row, table=True):
    """A fact that could not be decided on: set aside with its reason so that it blocks nobody."""

    __tablename__ = "failed_facts"

    seq: int = Field(sa_type=BigInteger, primary_key=True)
    contact_id: UUID | None = None
    kind: str
    ref: UUID | None = None
    change: dict[str, Any] | None = jsonb(nullable=True)
    error: str
    failed_at: datetime = utc(now=True)


class Interest(Row, table=True):
    """What published rules mention: only such facts are queued for the dispatcher.

    Kept in the transaction that publishes, so no event committed after it is overlooked.
    """

    __tablename__ = "interests"

    workspace_id: UUID = Field(foreign_key="workspaces.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(primary_key=True)
    """`event`, `field`; with the name `*`: `order`, `contact`, `seen`, `device`; with a static
    segment's key: `list`; with a version, a block and a state: `message`."""
    name: str = Field(primary_key=True)
    segments: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """A live segment mentions it, so backfilled facts matter too."""
