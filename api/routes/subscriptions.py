"""What a contact gets: read, and changed in its name."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.management import ManagementRoute
from api.models.consent import SubscriptionAnswer, SubscriptionsAnswer, SubscriptionsChange
from api.models.problem import ALWAYS, BODY, problems
from api.routes.contacts import Ref, existing
from engine.consent.overview import overview
from engine.consent.subscriptions import Choice, overrule, topic_keys
from journeys.errors import InvalidInput, Issue
from journeys.paths import json_path, proposal

router = APIRouter(
    prefix="/v1/contacts", tags=["consent"], route_class=ManagementRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip


@router.get("/{ref:path}/subscriptions", summary="What a contact gets", responses=problems(404))
async def get_subscriptions(
    connection: Transaction, workspace: WorkspaceId, ref: Ref
) -> SubscriptionsAnswer:
    """Each topic by channel, as it follows from what was said of it and of whole channels."""
    return await _answer(connection, workspace, await existing(connection, workspace, ref))


@router.patch("/{ref:path}/subscriptions", summary="Change what a contact gets",
              responses=BODY | problems(404))  # fmt: skip
async def change_subscriptions(
    connection: Transaction, workspace: WorkspaceId, now: Now, ref: Ref, body: SubscriptionsChange
) -> SubscriptionsAnswer:
    """Write down what the contact said, elsewhere than on the pages that its messages link to.

    Whoever subscribes to a topic is no longer unsubscribed from everything.
    """
    id_ = await existing(connection, workspace, ref)
    known = await topic_keys(connection, workspace)
    issues = [
        Issue(json_path(["topics", key]), f"there is no topic {key!r}; {proposal(key, known)}")
        for key in body.topics
        if key not in known
    ]
    if issues:
        raise InvalidInput("The subscriptions cannot be changed like this.", issues)
    await overrule(connection, workspace, _choices(id_, body), "api", now=now)
    return await _answer(connection, workspace, id_)


def _choices(contact_id: UUID, body: SubscriptionsChange) -> list[Choice]:
    choices = []
    if body.unsubscribed is not None:
        choices.append(Choice(contact_id, "", "", not body.unsubscribed))
    choices += [
        Choice(contact_id, "", channel, subscribed) for channel, subscribed in body.channels.items()
    ]
    for topic, said in body.topics.items():
        by_channel = {"": said} if isinstance(said, bool) else said
        choices += [
            Choice(contact_id, topic, channel, subscribed)
            for channel, subscribed in by_channel.items()
        ]
    return choices


async def _answer(
    connection: AsyncConnection, workspace: UUID, contact_id: UUID
) -> SubscriptionsAnswer:
    found = await overview(connection, workspace, contact_id)
    return SubscriptionsAnswer(
        unsubscribed=found.unsubscribed,
        channels=found.channels,
        topics=[
            SubscriptionAnswer(
                topic=one.topic.key, name=one.topic.name, transactional=one.topic.transactional,
                channels=one.channels, said_at=one.said_at, source=one.source,
            )
            for one in found.topics
        ],
        suppressed=found.suppressed,
    )  # fmt: skip
