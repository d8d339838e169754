"""What a contact gets, by topic and channel, as it follows from all that was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.subscriptions import Said, is_subscribed, said_by
from engine.consent.suppressions import SUPPRESSED_CHANNELS, address_hash, normal_address
from journeys.templates import CHANNEL_PARTS
from storage.repositories import topics as repository
from storage.repositories.topics import TopicRecord

CHANNELS = tuple(channel for channel in CHANNEL_PARTS if channel != "webhook")
"""Those that reach contacts."""


@dataclass(frozen=True, slots=True)
class TopicOverview:
    """One topic of the workspace, and whether the contact gets it on each of its channels."""

    topic: TopicRecord
    channels: dict[str, bool]
    said_at: datetime | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All topics by name; `channels` false where the contact left a whole channel."""

    unsubscribed: bool
    channels: dict[str, bool]
    topics: list[TopicOverview]
    suppressed: dict[str, str]


async def overview(connection: AsyncConnection, workspace_id: UUID, contact_id: UUID) -> Overview:
    """What the contact gets."""
    said = await said_by(connection, contact_id)
    topics = await repository.all_topics(connection, workspace_id)
    left = {one.channel for one in said if not one.topic and not one.subscribed}
    return Overview(
        unsubscribed="" in left,
        channels={channel: channel not in left for channel in CHANNELS},
        topics=[_topic(topic, said) for topic in topics],
        suppressed=await _suppressed(connection, workspace_id, contact_id),
    )


def _topic(topic: TopicRecord, said: list[Said]) -> TopicOverview:
    channels = {
        channel: topic.transactional
        or is_subscribed(said, topic.key, channel, default=topic.subscribed)
        for channel in topic.channels or CHANNELS
    }
    about = [one for one in said if one.topic == topic.key]
    last = max(about, key=lambda one: one.at, default=None)
    return TopicOverview(topic, channels, last.at if last else None, last.source if last else None)


async def _suppressed(
    connection: AsyncConnection, workspace_id: UUID, contact_id: UUID
) -> dict[str, str]:
    contact = (
        await connection.execute(
            text("SELECT email, phone AS sms FROM contacts WHERE id = :id"), {"id": contact_id}
        )
    ).one_or_none()
    hashes = {}
    for channel in SUPPRESSED_CHANNELS:
        written = getattr(contact, channel, None)
        normal = normal_address(channel, written) if written else None
        if normal:
            hashes[address_hash(workspace_id, channel, normal)] = channel
    found = await connection.execute(
        text("SELECT hash, reason FROM suppressions WHERE hash = ANY(CAST(:hashes AS bytea[]))"),
        {"hashes": list(hashes)},
    )
    return {hashes[row.hash]: row.reason for row in found}
