"""What a contact agreed to is looked at when a message is sent, and each skip says why."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import text

from channels.errors import TransientFailure
from channels.protocol import OutgoingMessage, Recipient, Rejected, Unreachable
from engine.consent.caps import take_place
from engine.consent.subscriptions import Choice, overrule
from engine.consent.suppressions import suppress
from engine.consent.topics import create_topic
from engine.contacts import erase_contact
from engine.sending import deliver
from tests.sending.conftest import NOW, Post

OUTSIDE = {"from": "14:00", "to": "18:00"}
"""Hours that NOW, at noon, is not in."""


async def topic(post: Post, key: str = "news", **values: Any) -> None:
    about = {"name": key, "description": "", "channels": [], "subscribed": True, **values}
    about.setdefault("transactional", False)
    async with post.database.transaction() as c:
        await create_topic(c, post.workspace_id, key=key, now=NOW, **about)


async def says(post: Post, topic: str, channel: str, subscribed: bool) -> None:
    async with post.database.transaction() as c:
        choice = Choice(post.contact_id, topic, channel, subscribed)
        await overrule(c, post.workspace_id, [choice], "api", now=NOW)


async def cap(post: Post, limit: int, period: str, channel: str = "", key: str = "calm") -> None:
    await post.run(
        'INSERT INTO frequency_caps (workspace_id, id, key, channel, "limit", period) '
        "SELECT workspace_id, gen_random_uuid(), :key, :channel, :limit, :period "
        "FROM contacts WHERE id = :contact",
        key=key, channel=channel, limit=limit, period=period,
    )  # fmt: skip


async def workspace_hours(post: Post, hours: dict[str, Any]) -> None:
    await post.run(
        "UPDATE workspaces SET allowed_hours = CAST(:hours AS jsonb) WHERE id = :workspace",
        hours=orjson.dumps(hours).decode(),
    )


async def rows(post: Post, sql: str, **parameters: Any) -> list[Any]:
    async with post.database.transaction() as c:
        return list((await c.execute(text(sql), parameters)).all())


async def another(post: Post, visit: int, channel: str = "email") -> UUID:
    """One more queued message of the journey."""
    id_ = uuid4()
    await post.run(
        "INSERT INTO messages (workspace_id, id, journey_id, workflow_id, contact_id, block, "
        "visit, channel, template, state) SELECT workspace_id, :new, journey_id, workflow_id, "
        "contact_id, block, :visit, :channel, template, 'queued' FROM messages WHERE id = :message",
        new=id_, visit=visit, channel=channel,
    )  # fmt: skip
    return id_


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([("news", "", False)], "unsubscribed: topic news"),
        ([("news", "email", False)], "unsubscribed: topic news"),
        ([("", "email", False)], "unsubscribed: channel email"),
        ([("", "", False)], "unsubscribed: everything"),
        ([("news", "", False), ("news", "email", True)], None),
        ([("news", "sms", False), ("offers", "", False), ("", "push", False)], None),
        ([], None),
    ],
    ids=["topic", "topic by email", "channel", "everything", "other way", "other", "nothing"],
)
async def test_who_unsubscribed_is_passed_over(
    post: Post, said: list[tuple[str, str, bool]], reason: str | None
) -> None:
    await topic(post)
    await topic(post, "offers")
    await post.create(block={"topic": "news"})
    for one in said:
        await says(post, *one)
    assert await post.deliver() == ("skipped" if reason else "sent")
    assert await post.state() == (("skipped", reason) if reason else ("sent", None))
    assert len(post.box.raw) == (0 if reason else 1)


async def test_a_topic_that_must_be_asked_for_goes_to_those_who_did(post: Post) -> None:
    await topic(post, subscribed=False)
    await post.create(block={"topic": "news"})
    second = await another(post, 2)
    assert await post.deliver() == "skipped"
    assert await post.state() == ("skipped", "unsubscribed: topic news")
    await says(post, "news", "", True)
    assert await deliver(post.database, post.channels, second, now=NOW) == "sent"


@pytest.mark.parametrize("owed", ["block", "topic"])
async def test_transactional_messages_go_to_those_who_unsubscribed(post: Post, owed: str) -> None:
    await topic(post, transactional=owed == "topic")
    await post.create(block={"topic": "news", "transactional": owed == "block"})
    await says(post, "news", "", False)
    await says(post, "", "", False)
    await cap(post, 1, "PT24H")
    assert await post.deliver() == "sent"
    second = await another(post, 2)
    assert await deliver(post.database, post.channels, second, now=NOW) == "sent"


@pytest.mark.parametrize("reason", ["bounce", "complaint", "manual"])
@pytest.mark.parametrize(
    ("written", "suppressed"),
    [
        ("ana@example.com", "Ana@Example.COM"),
        (" ANA@example.com ", "ana@example.com"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
    ],
    ids=["ascii", "spaces", "international"],
)
async def test_nothing_is_sent_to_a_suppressed_address(
    post: Post, reason: Any, written: str, suppressed: str
) -> None:
    """Transactional messages neither: nothing arrives there, or somebody complained."""
    await post.create(contact={"email": written}, block={"transactional": True})
    async with post.database.transaction() as c:
        await suppress(c, post.workspace_id, "email", suppressed, reason, now=NOW)
    assert await post.deliver() == "skipped"
    assert await post.state() == ("skipped", f"suppressed: {reason}")


async def test_a_suppressed_number_does_not_keep_mail_back(post: Post) -> None:
    await post.create(contact={"phone": "+49 170 1"})
    async with post.database.transaction() as c:
        await suppress(c, post.workspace_id, "sms", "+491701", "manual", now=NOW)
        await suppress(c, post.workspace_id, "email", "bob@example.com", "bounce", now=NOW)
    assert await post.deliver() == "sent"


async def test_an_erased_contact_leaves_a_hash_that_holds_when_an_old_list_comes_back(
    post: Post,
) -> None:
    await post.create()
    await says(post, "", "", False)
    async with post.database.transaction() as c:
        await suppress(c, post.workspace_id, "email", "ana@example.com", "bounce", now=NOW)
        assert await erase_contact(c, post.workspace_id, str(post.contact_id), now=NOW)
    left = await rows(
        post, "SELECT address, reason FROM suppressions WHERE workspace_id = :w",
        w=post.workspace_id,
    )  # fmt: skip
    assert left == [(None, "bounce")]
    said = "SELECT 1 FROM subscriptions WHERE contact_id = :c"
    assert await rows(post, said, c=post.contact_id) == []


async def test_who_unsubscribed_from_everything_and_was_erased_gets_nothing_again(
    post: Post,
) -> None:
    await post.create()
    await says(post, "", "", False)
    async with post.database.transaction() as c:
        await erase_contact(c, post.workspace_id, str(post.contact_id), now=NOW)
    post.contact_id, post.journey_id, post.event_id, post.message_id = (uuid4() for _ in range(4))
    post.workflow_id = uuid4()
    await post.run("DELETE FROM workflows WHERE workspace_id = :workspace")
    await post.run("DELETE FROM templates WHERE workspace_id = :workspace")
    await post.create()
    assert await post.deliver() == "skipped"
    assert await post.state() == ("skipped", "suppressed: unsubscribed_all")


async def test_a_test_goes_to_its_address_whatever_the_contact_said(post: Post) -> None:
    await post.create()
    await says(post, "", "", False)
    await cap(post, 1, "PT24H")
    await post.run("UPDATE journeys SET test_to = 'me@example.com' WHERE id = :journey")
    assert await post.deliver() == "sent"
    assert (await post.row()).counted_at is None


# Hours


@pytest.mark.parametrize(
    ("otherwise", "outcome"), [("wait", "held"), ("skip", "skipped"), ("send", "sent")]
)
@pytest.mark.parametrize("whose", ["block", "workspace"])
async def test_outside_of_its_hours_a_message_waits_is_skipped_or_sent(
    post: Post, whose: str, otherwise: str, outcome: str
) -> None:
    """Also when it was queued within them and is tried again: see `test_delivering`."""
    hours = {**OUTSIDE, "otherwise": otherwise}
    await post.create(block={"allowed_hours": hours} if whose == "block" else None)
    if whose == "workspace":
        await workspace_hours(post, hours)
    assert await post.deliver() == outcome
    if outcome == "skipped":
        assert await post.state() == ("skipped", "outside allowed hours")


async def test_a_blocks_own_hours_go_before_the_workspaces(post: Post) -> None:
    await workspace_hours(post, OUTSIDE)
    await post.create(block={"allowed_hours": {"from": "11:00", "to": "13:00"}})
    assert await post.deliver() == "sent"


async def test_the_workspaces_hours_do_not_hold_back_what_is_owed_to_the_contact(
    post: Post,
) -> None:
    await workspace_hours(post, OUTSIDE)
    await post.create(block={"transactional": True})
    assert await post.deliver() == "sent"


# Caps


@pytest.mark.parametrize(
    ("period", "first", "second", "outcome"),
    [
        ("PT24H", "2026-11-23T23:30Z", "2026-11-24T00:30Z", "skipped"),
        ("PT24H", "2026-11-23T12:00Z", "2026-11-24T12:00:01Z", "sent"),
        ("day", "2026-11-23T23:30Z", "2026-11-24T00:30Z", "skipped"),
        ("day", "2026-11-24T04:30Z", "2026-11-24T05:30Z", "sent"),
        ("week", "2026-11-23T06:00Z", "2026-11-29T12:00Z", "skipped"),
        ("week", "2026-11-29T12:00Z", "2026-11-30T12:00Z", "sent"),
    ],
    ids=["rolling", "rolled", "day", "midnight", "week", "monday"],
)
async def test_one_message_in_a_period_by_the_contacts_clock(
    post: Post, period: str, first: str, second: str, outcome: str
) -> None:
    """In New York midnight is at 05:00 UTC."""
    await post.create(contact={"timezone": "America/New_York"})
    await cap(post, 1, period)
    later = await another(post, 2)
    at = [datetime.fromisoformat(text) for text in (first, second)]
    assert await deliver(post.database, post.channels, post.message_id, now=at[0]) == "sent"
    assert await deliver(post.database, post.channels, later, now=at[1]) == outcome
    if outcome == "skipped":
        reason = "SELECT reason FROM messages WHERE id = :id"
        assert await rows(post, reason, id=later) == [("capped: calm",)]


async def test_a_cap_of_a_channel_counts_that_channel_only(post: Post) -> None:
    await post.create()
    await cap(post, 1, "day", "sms", key="few-sms")
    later = await another(post, 2)
    assert await post.deliver() == "sent"
    assert await deliver(post.database, post.channels, later, now=NOW) == "sent"


class Refuses:
    """A provider that refuses everything, for now or for good."""

    def __init__(self, answer: Rejected | TransientFailure) -> None:
        self.answer = answer

    def address(self, recipient: Recipient) -> str | Unreachable:
        return recipient.email or Unreachable("no email")

    async def send(self, _: OutgoingMessage) -> Rejected:
        if isinstance(self.answer, TransientFailure):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        pass


async def test_a_message_that_fails_for_good_gives_its_place_back(post: Post) -> None:
    await post.create()
    await cap(post, 1, "PT24H")
    later = await another(post, 2)
    refusing = {"email": Refuses(Rejected("no"))}
    assert await deliver(post.database, refusing, post.message_id, now=NOW) == "failed"
    assert await deliver(post.database, post.channels, later, now=NOW) == "sent"


async def test_a_message_that_is_being_retried_keeps_its_place_and_takes_no_second(
    post: Post,
) -> None:
    await post.create()
    await cap(post, 1, "PT24H")
    later = await another(post, 2)
    failing = {"email": Refuses(TransientFailure("busy"))}
    for _ in range(2):
        with pytest.raises(TransientFailure):
            await deliver(post.database, failing, post.message_id, now=NOW)
    assert await deliver(post.database, post.channels, later, now=NOW) == "skipped"
    assert await post.deliver() == "sent"


async def test_messages_sent_before_a_cap_was_made_count(post: Post) -> None:
    await post.create()
    later = await another(post, 2)
    assert await post.deliver() == "sent"
    await cap(post, 1, "PT24H")
    assert await deliver(post.database, post.channels, later, now=NOW) == "skipped"


async def race(post: Post, rounds: int) -> None:
    """Many workers send to one contact at once, round after round; each round is a new period."""
    await post.create()
    await cap(post, 2, "PT1H")
    visit = 2
    for round_ in range(rounds):
        now = NOW + timedelta(hours=2 * round_)
        ids = [await another(post, visit + n) for n in range(5)]
        visit += len(ids)

        async def place(id_: UUID, now: datetime = now) -> str | None:
            async with post.database.transaction() as c:
                return await take_place(c, id_, now=now)

        answers = await asyncio.gather(*(place(id_) for id_ in ids))
        assert sorted(answers, key=str) == [None, None, *["calm"] * 3], answers


async def test_two_workers_at_once_never_both_let_a_message_through(post: Post) -> None:
    await race(post, 10)


@pytest.mark.slow
async def test_two_workers_at_once_never_both_let_a_message_through_two_hundred_times(
    post: Post,
) -> None:
    await race(post, 200)
