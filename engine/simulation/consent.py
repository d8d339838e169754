"""What of a contact's consent a dry run looks at: read once, asked for each message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.checking import OUTSIDE_HOURS, Consent
from engine.consent.subscriptions import Said, is_subscribed, said_by
from engine.consent.suppressions import SUPPRESSED_CHANNELS, suppressed
from journeys.definition import BestOfBlock, FirstReachableBlock, MessageBlock
from journeys.hours import hours_of
from journeys.snapshot import ContactData
from journeys.timing import allowed_from
from storage.repositories import topics as repository
from storage.repositories.topics import TopicRecord

Sender = MessageBlock | BestOfBlock | FirstReachableBlock


@dataclass(frozen=True)
class SimulatedConsent:
    """What the contact said, and what the workspace has. Frequency caps are not asked."""

    said: Sequence[Said] = ()
    topics: Mapping[str, TopicRecord] = field(default_factory=dict)
    suppressed: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, Any] | None = None

    @property
    def workspace_hours(self) -> dict[str, Any] | None:
        """The workspace's hours, and the topics that they are not for."""
        if self.hours is None:
            return None
        exempt = [topic.key for topic in self.topics.values() if topic.transactional]
        return {"hours": self.hours, "transactional": exempt}

    def objection(
        self, block: Sender, channel: str, *, now: datetime, zone: str | None, workspace_zone: str
    ) -> str | None:
        """Why the message would be skipped, in the words of sending; None when it would not."""
        hours = hours_of(block, self.workspace_hours)
        if hours is not None and hours.otherwise == "skip":
            begins = allowed_from(hours, now=now, contact_zone=zone, workspace_zone=workspace_zone)
            if begins > now:
                return OUTSIDE_HOURS
        topic = self.topics.get(block.topic) if block.topic else None
        transactional = block.transactional or bool(topic and topic.transactional)
        consent = Consent(transactional, self.suppressed.get(channel), self._left(topic, channel))
        return consent.objection(channel)

    def _left(self, topic: TopicRecord | None, channel: str) -> str | None:
        """From what the contact unsubscribed."""
        left = {one.channel for one in self.said if not one.topic and not one.subscribed}
        if "" in left:
            return "everything"
        if channel in left:
            return f"channel {channel}"
        default = topic is None or topic.subscribed
        key = topic.key if topic else None
        return None if is_subscribed(self.said, key, channel, default=default) else f"topic {key}"


_HOURS = text("SELECT allowed_hours FROM workspaces WHERE id = :workspace").columns(
    allowed_hours=JSONB(none_as_null=True)
)


async def read_consent(
    connection: AsyncConnection, workspace_id: UUID, contact_id: UUID, contact: ContactData
) -> SimulatedConsent:
    """What the contact said; one that is only described said nothing."""
    written = {"email": contact.email, "sms": contact.phone}
    reasons = {
        channel: await suppressed(connection, workspace_id, channel, address)
        for channel in SUPPRESSED_CHANNELS
        if (address := written[channel])
    }
    topics = await repository.all_topics(connection, workspace_id)
    return SimulatedConsent(
        said=await said_by(connection, contact_id),
        topics={topic.key: topic for topic in topics},
        suppressed={channel: reason for channel, reason in reasons.items() if reason},
        hours=await connection.scalar(_HOURS, {"workspace": workspace_id}),
    )
