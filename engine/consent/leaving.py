"""What contacts do on the pages that their messages link to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.links import Follower
from engine.consent.overview import CHANNELS, overview
from engine.consent.subscriptions import Choice, overrule


@dataclass(frozen=True, slots=True)
class Preference:
    """A topic as the page shows it, for the channel that the link came by."""

    key: str
    name: str
    description: str
    subscribed: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """All that the page offers.

    `everything`: the contact left everything; `channel`: it left all that comes by the channel.
    """

    everything: bool
    channel: bool
    topics: list[Preference]


async def preferences_of(connection: AsyncConnection, follower: Follower) -> Preferences:
    """What the contact gets by the channel of its message, topics nobody can leave left out."""
    found = await overview(connection, follower.workspace_id, follower.contact_id)
    return Preferences(
        everything=found.unsubscribed,
        channel=not found.channels[follower.channel],
        topics=[
            Preference(
                one.topic.key, one.topic.name, one.topic.description,
                one.channels[follower.channel],
            )
            for one in found.topics
            if not one.topic.transactional and follower.channel in one.channels
        ],
    )  # fmt: skip


async def unsubscribe(connection: AsyncConnection, follower: Follower, *, now: datetime) -> None:
    """Leave the message's topic on its channel, or the channel where it had none."""
    choice = Choice(follower.contact_id, follower.topic or "", follower.channel, subscribed=False)
    await overrule(connection, follower.workspace_id, [choice], "one_click", now=now)


async def unsubscribe_from_all(
    connection: AsyncConnection, follower: Follower, *, now: datetime
) -> None:
    """Leave everything that is not transactional, on every channel."""
    choice = Choice(follower.contact_id, "", "", subscribed=False)
    await overrule(connection, follower.workspace_id, [choice], "preferences", now=now)


async def save_preferences(
    connection: AsyncConnection, follower: Follower, wanted: Collection[str], *, now: datetime
) -> None:
    """Write down which topics are wanted by the channel; what stays the same is not touched.

    Whoever left the channel or everything, and now wants a topic, gets this topic by this channel
    and nothing else: what was left stays left, topic by topic and channel by channel.
    """
    present = await preferences_of(connection, follower)
    left = present.channel or present.everything
    if left and not any(one.key in wanted for one in present.topics):
        return
    choices = [
        Choice(follower.contact_id, one.key, follower.channel, one.key in wanted)
        for one in present.topics
        if left or one.subscribed != (one.key in wanted)
    ]
    await overrule(connection, follower.workspace_id, choices, "preferences", now=now)
    if present.everything:
        others = [
            Choice(follower.contact_id, "", channel, subscribed=False)
            for channel in CHANNELS
            if channel != follower.channel
        ]
        await overrule(connection, follower.workspace_id, others, "preferences", now=now)
