"""Subscriptions that come with contacts: from files and from servers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from temporalio.testing import ActivityEnvironment

from activities.imports import ImportActivities
from engine.consent.subscriptions import Choice, overrule, said_by
from engine.consent.topics import create_topic
from engine.imports import lifecycle
from journeys.errors import InvalidInput
from tests.support.importing import upload
from workflows.contracts import ImportInput

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
async def topics(scenario):
    """`news`, which everybody gets, and `offers`, which nobody gets unasked."""
    async with scenario.database.transaction() as c:
        for key in ("news", "offers"):
            await create_topic(
                c, scenario.workspace_id, key=key, name=key.title(), description="", channels=[],
                subscribed=key == "news", transactional=False, now=NOW,
            )  # fmt: skip
    return frozenset({"news", "offers"})


async def imported(scenario, content, **options):
    import_id = await upload(scenario.database, scenario.workspace_id, content, **options)
    activities = ImportActivities(scenario.database)
    while True:
        slice_ = ImportInput(str(import_id))
        if (await ActivityEnvironment().run(activities.import_slice, slice_)).done:
            break
    async with scenario.database.transaction() as connection:
        return await lifecycle.get_import(connection, scenario.workspace_id, import_id)


async def said(scenario):
    rows = await scenario.rows(
        "SELECT c.user_id, s.topic, s.channel, s.subscribed, s.source FROM subscriptions s "
        "JOIN contacts c ON c.id = s.contact_id WHERE s.workspace_id = :w ORDER BY 1, 2, 3"
    )
    return [tuple(row) for row in rows]


async def test_a_file_says_who_gets_which_topic(scenario, topics):
    content = (
        "userId,plan,subscriptions.news,Offers wanted\nann,pro,no,YES\nbob,,1,\ncat,,maybe,true\n"
    )
    mapping = {"Offers wanted": "subscriptions.offers"}
    done = await imported(scenario, content, mapping=mapping, topics=topics)
    assert (done.read, done.accepted, done.rejected) == (3, 2, 1)
    assert await said(scenario) == [
        ("ann", "news", "", False, "import"),
        ("ann", "offers", "", True, "import"),
        ("bob", "news", "", True, "import"),
    ]
    fields = await scenario.rows("SELECT fields FROM contacts WHERE workspace_id = :w ORDER BY 1")
    assert {"plan": "pro"} in [row.fields for row in fields]
    assert done.preview[0]["subscriptions"] == {"news": False, "offers": True}


async def test_a_column_for_a_topic_that_does_not_exist_is_refused_before_anything(
    scenario, topics
):
    with pytest.raises(InvalidInput) as refused:
        await imported(scenario, "userId,subscriptions.nwes\nann,yes\n", topics=topics)
    assert [issue.path for issue in refused.value.issues] == ["$.mapping['subscriptions.nwes']"]
    assert "news" in refused.value.issues[0].message


async def test_a_file_never_subscribes_somebody_who_unsubscribed(scenario, topics):
    ann = await scenario.contact("ann")
    bob = await scenario.contact("bob")
    async with scenario.database.transaction() as c:
        own = [Choice(ann, "news", "", subscribed=False)]
        await overrule(c, scenario.workspace_id, own, "preferences", now=NOW)
        by_server = [Choice(bob, "news", "", subscribed=False)]
        await overrule(c, scenario.workspace_id, by_server, "api", now=NOW)
    await imported(scenario, "userId,subscriptions.news\nann,yes\nbob,yes\n", topics=topics)
    assert [row[:4] for row in await said(scenario)] == [
        ("ann", "news", "", False),
        ("bob", "news", "", True),
    ]


async def test_subscribing_to_something_takes_back_that_one_unsubscribed_from_everything(
    scenario, topics
):
    """But not from a channel, unless it is named: who answered STOP to a text message meant it."""
    ann = await scenario.contact("ann")

    async def says(topic, channel, subscribed):
        async with scenario.database.transaction() as c:
            one = Choice(ann, topic, channel, subscribed)
            await overrule(c, scenario.workspace_id, [one], "api", now=NOW)
            return [(row.topic, row.channel, row.subscribed) for row in await said_by(c, ann)]

    await says("", "", subscribed=False)
    await says("", "sms", subscribed=False)
    await says("news", "email", subscribed=False)
    assert await says("news", "", subscribed=True) == [("", "sms", False), ("news", "", True)]
    assert await says("news", "sms", subscribed=True) == [("news", "", True), ("news", "sms", True)]
