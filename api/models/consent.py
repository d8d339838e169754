"""Topics, subscriptions, suppressed addresses and frequency caps in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from api.models.values import Answer, Key, Name, Request, Text
from api.paging import PageAnswer
from engine.consent.suppressions import SuppressedChannel, SuppressionReason
from journeys.periods import check_period
from journeys.predicates import Channel

Description = Annotated[Text, Field(max_length=1000)]
Channels = Annotated[list[Channel], AfterValidator(lambda value: list(dict.fromkeys(value)))]
MAX_ADDRESSES = 1000
"""Addresses in one call."""


class TopicSave(Request):
    """The whole topic."""

    key: Key | None = Field(default=None, description="A topic keeps its key.")
    name: Name
    description: Description = Field(default="", description="Shown on the preference page.")
    channels: Channels = Field(default=[], description="By what it is sent; empty: by anything.")
    subscribed: bool = Field(
        default=True, description="Whether contacts who said nothing get its messages."
    )
    transactional: bool = Field(
        default=False,
        description="Its messages are owed to the contact, like receipts: nobody unsubscribes "
        "from them, and neither caps nor the workspace's hours hold them back.",
    )


class TopicCreate(TopicSave):
    """A new topic."""

    key: Key


class TopicAnswer(Answer):
    """A topic that contacts subscribe to."""

    id: UUID
    key: str
    name: str
    description: str
    channels: list[str]
    subscribed: bool
    transactional: bool
    created_at: datetime
    updated_at: datetime


class TopicPage(PageAnswer[TopicAnswer]):
    """Topics, newest first."""


class SubscriptionAnswer(Answer):
    """Whether a contact gets a topic, by channel."""

    topic: str
    name: str
    transactional: bool
    channels: dict[str, bool] = Field(description="By channel: whether it is subscribed there.")
    said_at: datetime | None = Field(description="When that was last said; null: never.")
    source: str | None = Field(
        description="Who said so: `api`, `import`, `one_click` or `preferences` (the contact)."
    )


class SubscriptionsAnswer(Answer):
    """What a contact gets, and where it gets nothing at all."""

    unsubscribed: bool = Field(description="From everything that is not transactional.")
    channels: dict[str, bool] = Field(description="False: unsubscribed from the whole channel.")
    topics: list[SubscriptionAnswer]
    suppressed: dict[str, str] = Field(
        description="Channels whose address is suppressed, with the reason."
    )


class SubscriptionsChange(Request):
    """What is to change; what is left out stays."""

    unsubscribed: bool | None = Field(
        default=None, description="True: from everything; false: no longer from everything."
    )
    channels: dict[Channel, bool] = Field(default={}, description="Whole channels.")
    topics: dict[str, bool | dict[Channel, bool]] = Field(
        default={},
        description="Topics by their keys: on all channels, or each on some channels.",
        max_length=200,
        examples=[{"news": True, "offers": {"email": False}}],
    )


class SuppressionAnswer(Answer):
    """An address to which nothing is sent."""

    id: UUID
    channel: SuppressedChannel
    address: str | None = Field(description="Null: its contact was erased; a hash is left.")
    reason: SuppressionReason
    message_id: UUID | None
    at: datetime


class SuppressionPage(PageAnswer[SuppressionAnswer]):
    """Suppressed addresses, newest first."""


class SuppressionCreate(Request):
    """Addresses to which nothing is to be sent any more."""

    channel: SuppressedChannel
    addresses: list[Annotated[Text, Field(min_length=1, max_length=320)]] = Field(
        min_length=1, max_length=MAX_ADDRESSES
    )
    reason: Literal["manual", "bounce", "complaint"] = "manual"


class SuppressedAnswer(Answer):
    """What became of them."""

    suppressed: int
    refused: list[str] = Field(description="Those that are no addresses of the channel.")


class CapSave(Request):
    """The whole cap."""

    key: Key | None = Field(default=None, description="A cap keeps its key.")
    channel: Channel | None = Field(default=None, description="Null: all channels together.")
    limit: int = Field(ge=1, le=1000, description="Messages that a contact gets at most.")
    period: Annotated[Text, AfterValidator(check_period)] = Field(
        description="A rolling duration such as PT24H or P7D, 31 days at most; or `day` or `week` "
        "by the contact's calendar.",
        examples=["PT24H", "day"],
    )


class CapCreate(CapSave):
    """A new cap."""

    key: Key


class CapAnswer(Answer):
    """So many messages at most in a period, over all workflows."""

    id: UUID
    key: str
    channel: str | None
    limit: int
    period: str
    created_at: datetime
    updated_at: datetime


class CapPage(PageAnswer[CapAnswer]):
    """Caps, newest first."""
