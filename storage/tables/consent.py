"""What contacts agreed to, where nothing may be sent, and how often something may."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from storage.tables.base import Row, jsonb, utc


class Topic(Row, table=True):
    """Something that contacts subscribe to, such as a newsletter."""

    __tablename__ = "topics"
    __table_args__ = (
        Index("uq_topics_key", "workspace_id", "key", unique=True),
        Index("ix_topics_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    key: str
    name: str
    description: str
    channels: list[Any] = jsonb()
    """The channels it is sent by; empty: any."""
    subscribed: bool
    """Whether contacts who said nothing get it."""
    transactional: bool
    """Its messages are owed to the contact: nobody unsubscribes from them."""
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)


class Subscription(Row, table=True):
    """What a contact said of a topic on a channel."""

    __tablename__ = "subscriptions"

    contact_id: UUID = Field(foreign_key="contacts.id", ondelete="CASCADE", primary_key=True)
    topic: str = Field(primary_key=True)
    """The topic's key; empty: all topics, and what has none."""
    channel: str = Field(primary_key=True)
    """Empty: all channels."""
    subscribed: bool
    at: datetime = utc(now=True)
    source: str
    """`api`, `import`, `one_click` or `preferences`."""


class Suppression(Row, table=True):
    """An address to which nothing is sent. It outlives the contact, as a hash only."""

    __tablename__ = "suppressions"
    __table_args__ = (Index("ix_suppressions_page", "workspace_id", "at", "id"),)

    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    """SHA-256 of the workspace, the channel and the address in normal form."""
    id: UUID = Field(unique=True)
    channel: str
    address: str | None = None
    """None once its contact was erased."""
    reason: str
    """`bounce`, `complaint`, `manual`, `stop` or `unsubscribed_all`."""
    message_id: UUID | None = None
    """No foreign key: the message may be erased."""
    at: datetime = utc(now=True)


class FrequencyCap(Row, table=True):
    """So many messages at most in a period, over all workflows."""

    __tablename__ = "frequency_caps"
    __table_args__ = (
        Index("uq_frequency_caps_key", "workspace_id", "key", unique=True),
        Index("ix_frequency_caps_page", "workspace_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    key: str
    channel: str
    """Empty: all channels together."""
    limit: int
    period: str
    """A duration such as `PT24H`, or `day` or `week` by the contact's calendar."""
    created_at: datetime = utc(now=True)
    updated_at: datetime = utc(now=True)
