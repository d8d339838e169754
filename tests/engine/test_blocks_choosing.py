"""`best_of`, `first_reachable` and the variants of a message: which one is sent, and to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, text, update

from channels.local_inbox import LocalInboxChannel
from storage.tables import Message, Template
from tests.support.outbox import Outbox

OUT = {"id": "out", "kind": "exit"}
ELSEWHERE = {"id": "elsewhere", "kind": "exit", "reason": "nothing sent"}


@pytest.fixture
async def outbox(database) -> AsyncIterator[Outbox]:
    """Beside the mail server, a channel for phones."""
    async with Outbox() as outbox:
        outbox.channels["sms"] = LocalInboxChannel("sms", database)
        yield outbox


async def run(scenario, skipping, contact):
    """One journey from its start to its end; its steps."""
    before = {journey.id for journey in await scenario.journeys()}
    await scenario.event(contact, "Begun")
    await skipping.dispatch()
    [journey] = [j for j in await scenario.journeys() if j.id not in before]
    await skipping.finish(journey.id)
    return await scenario.steps(journey.id)


async def sent(scenario):
    return [
        (row.channel, row.template, row.state)
        for row in await scenario.rows(
            "SELECT channel, template, state FROM messages WHERE workspace_id = :w "
            "ORDER BY created_at"
        )
    ]


async def sms_template(scenario, key):
    async with scenario.database.transaction() as c:
        await c.execute(
            insert(Template).values(
                id=uuid4(), workspace_id=scenario.workspace_id, key=key, channel="sms",
                content={"text": "Hi"},
            )
        )  # fmt: skip


WAYS = {
    "id": "tell",
    "kind": "first_reachable",
    "channels": [
        {"channel": "sms", "template": "short"},
        {"channel": "email", "template": "hello"},
    ],
    "next": "out",
    "else": "elsewhere",
}


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        ({"phone": "+4915112345678"}, [("sms", "short", "sent")]),
        ({}, [("email", "hello", "sent")]),
    ],
    ids=["both", "email alone"],
)
async def test_the_first_channel_that_reaches_the_contact_is_taken(
    scenario, skipping, reach, expected
):
    await scenario.template()
    await sms_template(scenario, "short")
    await scenario.publish(blocks=[WAYS, OUT, ELSEWHERE])
    contact = await scenario.contact("ann", **reach)
    assert await run(scenario, skipping, contact) == [("tell", "sent"), ("out", "exit")]
    assert await sent(scenario) == expected


async def test_a_contact_that_no_channel_reaches_goes_on_by_else(scenario, skipping):
    await scenario.template()
    await sms_template(scenario, "short")
    await scenario.publish(blocks=[WAYS, OUT, ELSEWHERE])
    contact = await scenario.contact("ann", email=None)
    steps = await run(scenario, skipping, contact)
    assert steps == [("tell", "unreachable"), ("elsewhere", "exit")]
    assert await sent(scenario) == []


def best_of(**which):
    return {
        "id": "best", "kind": "best_of", "channel": "email", "next": "out", "else": "elsewhere",
        **which,
    }  # fmt: skip


async def pretend(scenario, contact, template, *, sends, clicks, ago):
    """As if the template had been sent and clicked so often, each time to somebody else."""
    now = datetime.now(UTC)
    async with scenario.database.transaction() as c:
        journey = await c.scalar(
            text("SELECT id FROM journeys WHERE contact_id = :c LIMIT 1"), {"c": contact}
        )
        workflow = await c.scalar(
            text("SELECT workflow_id FROM journeys WHERE id = :j"), {"j": journey}
        )
        at = now - ago
        await c.execute(
            insert(Message),
            [
                {
                    "id": uuid4(), "workspace_id": scenario.workspace_id, "journey_id": journey,
                    "workflow_id": workflow, "contact_id": contact, "block": "best",
                    "visit": uuid4().int % 10**9 + 10, "channel": "email", "template": template,
                    "state": "clicked" if number < clicks else "sent", "created_at": at,
                    "sent_at": at, "clicked_at": at if number < clicks else None,
                }
                for number in range(sends)
            ],
        )  # fmt: skip


async def test_the_message_that_is_clicked_more_is_sent_to_most(scenario, skipping):
    await scenario.template("plain")
    await scenario.template("warm")
    await scenario.publish(blocks=[best_of(templates=["plain", "warm"]), OUT, ELSEWHERE])
    first = await scenario.contact("first")
    await run(scenario, skipping, first)
    await pretend(scenario, first, "plain", sends=300, clicks=6, ago=timedelta(days=5))
    await pretend(scenario, first, "warm", sends=300, clicks=60, ago=timedelta(days=5))
    for number in range(10):
        await run(scenario, skipping, await scenario.contact(f"user-{number}"))
    to_users = Counter(template for _, template, _ in (await sent(scenario))[-10:])
    assert to_users["warm"] >= 9, "one in a thousand would be sent the other one"


async def test_what_the_contact_got_within_four_days_is_avoided(scenario, skipping):
    await scenario.template("one")
    await scenario.template("two")
    await scenario.publish(blocks=[best_of(templates=["one", "two"]), OUT, ELSEWHERE])
    contact = await scenario.contact()
    runs = [await run(scenario, skipping, contact) for _ in range(3)]
    assert {template for _, template, _ in await sent(scenario)} == {"one", "two"}
    assert runs[-1] == [("best", "nothing_new"), ("elsewhere", "exit")]
    async with scenario.database.transaction() as c:
        await c.execute(
            update(Message)
            .where(Message.contact_id == contact, Message.template == "one")
            .values(created_at=datetime.now(UTC) - timedelta(days=4, minutes=1))
        )
    assert (await run(scenario, skipping, contact))[0] == ("best", "sent")
    assert [template for _, template, _ in await sent(scenario)].count("one") == 2


async def test_candidates_are_found_by_their_tags(scenario, skipping):
    for key, tags in (("spring", ["offer", "new"]), ("autumn", ["old"])):
        async with scenario.database.transaction() as c:
            await c.execute(
                insert(Template).values(
                    id=uuid4(), workspace_id=scenario.workspace_id, key=key, channel="email",
                    content={"subject": "Hello", "text": "Hi"}, tags=tags,
                )
            )  # fmt: skip
    await scenario.publish(blocks=[best_of(tags=["offer"]), OUT, ELSEWHERE])
    await run(scenario, skipping, await scenario.contact())
    assert await sent(scenario) == [("email", "spring", "sent")]


async def test_each_contact_gets_one_variant_and_always_the_same(scenario, skipping):
    for key in ("a", "b", "c"):
        await scenario.template(key)
    block = {
        "id": "hello", "kind": "message", "channel": "email", "template": "a", "next": "out",
        "variants": [{"template": "b"}, {"template": "c", "weight": 2}],
    }  # fmt: skip
    await scenario.publish(blocks=[block, OUT])
    got = Counter()
    for number in range(12):
        contact = await scenario.contact(f"user-{number}")
        for _ in range(2):
            await run(scenario, skipping, contact)
        templates = await scenario.rows(
            "SELECT DISTINCT template FROM messages WHERE contact_id = :c", c=contact
        )
        assert len(templates) == 1
        got[templates[0].template] += 1
    assert len(got) > 1
