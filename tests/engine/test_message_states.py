"""What is told of messages: their states move forward, are counted once, and machines move none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from engine.tracking.states import Told, tell
from tests.support.ingesting import send_calls
from tests.support.messages import message_row, sent_message, signs_of

LINK = "https://shop.example/"


async def told(scenario, *signs):
    async with scenario.database.transaction() as connection:
        return await tell(connection, scenario.workspace_id, signs)


def sign(message_id, what, **more):
    return Told(message_id, what, more.pop("at", datetime.now(UTC)), **more)


@pytest.fixture
async def published(scenario):
    await scenario.publish()
    return scenario


@pytest.mark.parametrize(
    ("signs", "state"),
    [
        (["delivered"], "delivered"),
        (["opened"], "opened"),
        (["clicked"], "clicked"),
        (["clicked", "opened"], "clicked"),
        (["opened", "delivered"], "opened"),
        (["bounced"], "failed"),
        (["delivered", "bounced"], "failed"),
        (["opened", "bounced"], "opened"),
        (["bounced", "delivered"], "failed"),
        (["bounced", "clicked"], "failed"),
        (["delivered", "complained"], "delivered"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
async def test_the_state_moves_forward_only(published, signs, state):
    message = await sent_message(published)
    for what in signs:
        await told(published, sign(message, what))
    assert (await message_row(published, message)).state == state


async def test_signs_that_come_together_are_taken_as_one(published):
    message = await sent_message(published)
    await told(published, *(sign(message, s) for s in ("clicked", "delivered", "opened")))
    assert (await message_row(published, message)).state == "clicked"


async def test_a_click_is_an_open_and_an_open_a_delivery(published):
    message, at = await sent_message(published), datetime.now(UTC) - timedelta(minutes=1)
    await told(published, sign(message, "clicked", link=LINK, at=at))
    row = await message_row(published, message)
    assert row.clicked_at == row.opened_at == row.delivered_at == at


async def test_a_failure_keeps_its_first_reason(published):
    message = await sent_message(published)
    await told(published, sign(message, "bounced", reason="550 no such user"))
    await told(published, sign(message, "failed", reason="something else"))
    row = await message_row(published, message)
    assert (row.state, row.reason) == ("failed", "550 no such user")
    assert row.failed_at is not None


async def test_what_was_given_up_or_stopped_but_arrived_goes_on(published):
    for state in ("failed", "skipped"):
        message = await sent_message(published, state=state, sent=None)
        await told(published, sign(message, "delivered"))
        row = await message_row(published, message)
        assert (row.state, row.reason, row.failed_at) == ("delivered", None, None)


async def test_a_repeat_changes_nothing_and_is_counted_once(published):
    message = await sent_message(published)
    first = await told(published, sign(message, "clicked", link=LINK))
    before = await message_row(published, message)
    for _ in range(3):
        await told(published, sign(message, "clicked", link=LINK))
    assert await message_row(published, message) == before
    assert await signs_of(published, message) == [("clicked", LINK, "", 4)]
    assert len(first) == 1
    deltas = await published.rows(
        "SELECT measure, count FROM activity_deltas d JOIN workflows w ON w.id = d.workflow_id"
        " WHERE w.workspace_id = :w AND measure IN ('opened', 'clicked', 'delivered', 'failed')"
        " ORDER BY measure"
    )
    assert [tuple(row) for row in deltas] == [("clicked", 1), ("delivered", 1), ("opened", 1)]


async def test_the_links_that_people_followed_are_kept_apart(published):
    message = await sent_message(published)
    for link in (LINK, LINK + "a", LINK):
        await told(published, sign(message, "clicked", link=link))
    rows = await published.rows(
        "SELECT link FROM message_clicks WHERE message_id = :id ORDER BY link", id=message
    )
    assert [row.link for row in rows] == [LINK, LINK + "a"]


async def test_a_machine_is_kept_and_moves_nothing(published):
    message = await sent_message(published)
    await told(
        published,
        sign(message, "opened", machine="apple_proxy"),
        sign(message, "clicked", link=LINK, machine="head"),
    )
    row = await message_row(published, message)
    assert (row.state, row.opened_at, row.clicked_at) == ("sent", None, None)
    assert await signs_of(published, message) == [
        ("clicked", LINK, "head", 1),
        ("opened", "", "apple_proxy", 1),
    ]
    assert not await published.rows("SELECT 1 FROM message_clicks WHERE workspace_id = :w")


async def test_what_comes_at_once_is_a_machine_if_that_may_be_guessed(published):
    soon = await sent_message(published, sent=timedelta(milliseconds=100))
    not_yet = await sent_message(published, sent=None, state="queued")
    for message in (soon, not_yet):
        await told(published, sign(message, "clicked", link=LINK, guess=True))
        assert await signs_of(published, message) == [("clicked", LINK, "too_soon", 1)]
        await told(published, sign(message, "delivered"))
        assert (await message_row(published, message)).state == "delivered"


async def test_whoever_follows_every_link_in_a_second_is_a_machine(published):
    message = await sent_message(published)
    at = datetime.now(UTC)
    for number in range(5):
        await told(
            published,
            sign(message, "clicked", link=f"{LINK}{number}", at=at, guess=True),
        )
    machines = [row[2] for row in await signs_of(published, message)]
    assert machines == ["", "", "", "scanner", "scanner"]
    await told(published, sign(message, "clicked", link=LINK, at=at + timedelta(minutes=1),
                               guess=True))  # fmt: skip
    assert ("clicked", LINK, "", 1) in await signs_of(published, message)


async def test_unknown_messages_other_workspaces_and_other_contacts_are_nothing(published):
    message = await sent_message(published)
    assert await told(published, sign(uuid4(), "opened")) == []
    async with published.database.transaction() as connection:
        assert await tell(connection, uuid4(), [sign(message, "opened")]) == []
    assert await told(published, sign(message, "opened", contact_id=uuid4())) == []
    assert (await message_row(published, message)).state == "sent"
    assert await signs_of(published, message) == []


async def test_many_at_once_on_the_same_messages_do_not_lock_each_other_out(published):
    contact = await published.contact()
    messages = [await sent_message(published, contact_id=contact) for _ in range(5)]
    signs = [sign(m, what) for m in messages for what in ("delivered", "opened")]

    async def one(order):
        await told(published, *signs[::order])

    await asyncio.gather(*(one((-1) ** number) for number in range(20)))
    for message in messages:
        assert [row[3] for row in await signs_of(published, message)] == [20, 20]


async def test_merging_contacts_and_telling_of_their_messages_lock_in_one_order(published):
    """What is told is a fact here, so that contacts are locked for it."""
    block = {"id": "hello", "kind": "message", "channel": "email", "template": "t", "next": "w"}
    wait = {"id": "w", "kind": "wait_for", "message": {"block": "hello", "state": "opened"},
            "timeout": "P1D"}  # fmt: skip
    await published.publish(blocks=[block, wait])
    pairs = [f"pair-{number}" for number in range(8)]
    messages = []
    for pair in pairs:
        call = {"type": "track", "anonymousId": f"a-{pair}", "event": "Seen"}
        await send_calls(published.database, published.workspace_id, call)
        [row] = await published.rows(
            "SELECT contact_id FROM identities WHERE workspace_id = :w AND value = :v",
            v=f"a-{pair}",
        )
        await published.contact(pair)
        messages.append(await sent_message(published, contact_id=row.contact_id))

    async def merge(pair):
        call = {"type": "identify", "userId": pair, "anonymousId": f"a-{pair}"}
        await send_calls(published.database, published.workspace_id, call)

    async def all_told(order):
        await told(published, *(sign(message, "opened") for message in messages[::order]))

    work = [*(merge(pair) for pair in pairs), *(all_told((-1) ** n) for n in range(8))]
    async with asyncio.timeout(20):
        await asyncio.gather(*work)
    states = {(await message_row(published, message)).state for message in messages}
    assert states == {"opened"}
    rows = await published.rows(
        "SELECT count(*) FROM facts WHERE workspace_id = :w AND kind = 'message'"
    )
    assert rows[0][0] == len(messages)


async def test_a_state_told_before_the_sending_was_noted_stays(published):
    message = await sent_message(published, sent=None, state="queued")
    await told(published, sign(message, "opened"))
    row = await message_row(published, message)
    assert (row.state, row.sent_at) == ("opened", None)


async def test_a_test_message_is_told_of_and_not_counted(published):
    message = await sent_message(published, test_to="me@example.com")
    await told(published, sign(message, "clicked", link=LINK))
    assert (await message_row(published, message)).state == "clicked"
    assert not await published.rows(
        "SELECT 1 FROM activity_deltas d JOIN workflows w ON w.id = d.workflow_id"
        " WHERE w.workspace_id = :w AND measure = 'clicked'"
    )


async def test_the_click_of_a_link_is_found_by_keys(published):
    """The plan's point: each step is one look by an index, however many messages there are."""
    message = await sent_message(published)
    async with published.database.transaction() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            (
                await connection.execute(
                    text("""
                        EXPLAIN SELECT m.id, j.version_id
                        FROM messages m JOIN journeys j ON j.id = m.journey_id
                        WHERE m.id = ANY(:ids)
                    """),
                    {"ids": [message]},
                )
            ).scalars()
        )
    assert "pk_messages" in plan
    assert "pk_journeys" in plan
