"""One message from `queued` to what became of it."""

# ruff: noqa: E501  (a template reads better in one line)

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from channels.errors import TransientFailure
from channels.protocol import Delivered, OutgoingMessage, Recipient, Rejected, Unreachable
from engine.sending import FactsPending, deliver
from tests.sending.conftest import NOW, Post


@contextmanager
def statements(post: Post) -> Iterator[list[str]]:
    """The statements that reach the database."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(" ".join(statement.split()))

    engine = post.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_queued_message_is_sent_and_written_down(post: Post) -> None:
    await post.create(contact={"fields": {"first_name": "Ana"}})
    assert await post.deliver() == "sent"
    row = await post.row()
    assert (row.state, row.to, row.subject) == ("sent", "ana@example.com", "Hello")
    assert row.sent_at == NOW
    assert row.provider_id == f"<{post.message_id}@sojourn.example>"
    (mail,) = post.box.mails()
    assert mail.get_content().strip() == "Hi Ana"


async def test_sending_takes_one_look_and_one_note(post: Post) -> None:
    await post.create()
    with statements(post) as seen:
        await post.deliver()
    assert [statement.split()[0] for statement in seen] == ["SELECT", "UPDATE"]


async def test_a_message_that_is_sent_is_not_sent_again(post: Post) -> None:
    """A worker dies after it wrote the outcome down, and the activity is retried."""
    await post.create()
    assert [await post.deliver() for _ in range(3)] == ["sent"] * 3
    assert len(post.box.raw) == 1


async def test_a_worker_that_dies_after_the_provider_accepted_repeats_under_the_same_id(
    post: Post,
) -> None:
    await post.create()
    real = post.channels["email"]

    class Dies:
        def address(self, recipient: Recipient) -> str | Unreachable:
            return real.address(recipient)

        async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
            await real.send(message)
            raise asyncio.CancelledError

        async def close(self) -> None:
            pass

    with pytest.raises(asyncio.CancelledError):
        await deliver(post.database, {"email": Dies()}, post.message_id, now=NOW)
    assert (await post.state())[0] == "queued"
    assert await post.deliver() == "sent"
    first, again = post.box.mails()
    assert first["Message-ID"] == again["Message-ID"] == f"<{post.message_id}@sojourn.example>"


@pytest.mark.parametrize("state", ["completed", "stopped", "failed"])
async def test_a_message_of_a_journey_that_is_over_is_not_sent(post: Post, state: str) -> None:
    await post.create()
    await post.run(
        "UPDATE journeys SET state = :state, reason_kind = 'event', reason_detail = 'Plan Cancelled'"
        " WHERE id = :journey",
        state=state,
    )
    assert await post.deliver() == "ended"
    assert await post.state() == ("skipped", "stopped: Plan Cancelled")
    assert await post.deliver() == "ended"
    assert post.box.raw == []


async def test_a_contact_that_was_erased_in_mid_journey_gets_nothing(post: Post) -> None:
    await post.create()
    await post.run("DELETE FROM contacts WHERE id = :contact")
    assert await post.deliver() == "ended"
    assert post.box.raw == []


@pytest.mark.parametrize(
    "pause",
    [
        "UPDATE workflows SET state = 'paused' WHERE id = :workflow",
        "UPDATE workspaces SET paused = true WHERE id = :workspace",
    ],
)
async def test_a_pause_holds_the_message_back_and_loses_nothing(post: Post, pause: str) -> None:
    await post.create()
    await post.run(pause)
    assert await post.deliver() == "held"
    assert await post.state() == ("queued", None)
    await post.run("UPDATE workflows SET state = 'active' WHERE id = :workflow")
    await post.run("UPDATE workspaces SET paused = false WHERE id = :workspace")
    assert await post.deliver() == "sent"


async def test_an_archived_workflow_finishes_its_journeys(post: Post) -> None:
    await post.create()
    await post.run("UPDATE workflows SET state = 'archived' WHERE id = :workflow")
    assert await post.deliver() == "sent"


async def test_a_message_waits_for_facts_that_may_stop_it(post: Post) -> None:
    await post.create()
    await post.fact()
    with pytest.raises(FactsPending) as caught:
        await post.deliver()
    assert isinstance(caught.value, TransientFailure)
    assert caught.value.retry_after == 0.1
    assert (await post.state())[0] == "queued"
    # The dispatcher decides: the fact goes and the journey stops, in one transaction.
    await post.run(
        "WITH done AS (DELETE FROM facts WHERE contact_id = :contact)"
        " UPDATE journeys SET state = 'stopped', reason_kind = 'event' WHERE id = :journey"
    )
    assert await post.deliver() == "ended"
    assert post.box.raw == []


async def test_the_fact_of_somebody_else_holds_nothing_up(post: Post) -> None:
    await post.create()
    other = Post(post.database, post.box, post.channels, post.workspace_id)
    await post.run(
        "INSERT INTO contacts (id, workspace_id, fields) VALUES (:other, :workspace, '{}')",
        other=other.contact_id,
    )
    await other.fact()
    assert await post.deliver() == "sent"


@pytest.mark.parametrize(
    ("email", "reason"),
    [(None, "no email"), ("", "no email"), ("ana at example", "invalid email")],
)
async def test_a_contact_without_a_usable_email_is_skipped_with_the_reason(
    post: Post, email: str | None, reason: str
) -> None:
    await post.create(contact={"email": email})
    assert await post.deliver() == "skipped"
    assert await post.state() == ("skipped", f"unreachable: {reason}")
    assert await post.deliver() == "skipped"


async def test_a_template_that_was_deleted_fails_the_message(post: Post) -> None:
    await post.create()
    await post.run("DELETE FROM templates WHERE workspace_id = :workspace")
    assert await post.deliver() == "failed"
    assert await post.state() == ("failed", "template missing: hello")
    assert (await post.row()).failed_at == NOW


async def test_a_template_for_another_channel_fails_the_message(post: Post) -> None:
    await post.create(template_channel="push")
    assert await post.deliver() == "failed"
    assert await post.state() == ("failed", "template hello is for push, not for email")


async def test_a_channel_without_a_provider_fails_the_message(post: Post) -> None:
    await post.create(channel="push", content={"title": "a", "body": "b"})
    assert await post.deliver() == "failed"
    assert await post.state() == ("failed", "no provider for channel push")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ order.total | divided_by: 0 }}", "render: text: line 1: divided_by: can't divide by 0"),
        ("{% for i in (1..99999999) %}{% endfor %}", "render: text: line 1: a range has more than 10,000 numbers"),
        ("{{ oops", "render: text: line 1: '{{' is never closed by '}}'"),
    ],
)  # fmt: skip
async def test_a_template_that_cannot_render_fails_the_message_and_not_the_journey(
    post: Post, source: str, reason: str
) -> None:
    await post.create(content={"subject": "s", "text": source})
    assert await post.deliver() == "failed"
    assert await post.state() == ("failed", reason)
    assert await post.deliver() == "failed"


async def test_a_refusal_for_good_fails_the_message(post: Post) -> None:
    await post.create()
    post.box.answers["RCPT"] = ["550 5.1.1 no such user"]
    assert await post.deliver() == "failed"
    row = await post.row()
    assert (row.state, row.reason) == ("failed", "RCPT refused: 550 5.1.1 no such user")
    assert (row.to, row.subject) == ("ana@example.com", "Hello")
    assert await post.deliver() == "failed"


async def test_a_refusal_for_now_leaves_the_message_queued(post: Post) -> None:
    await post.create()
    post.box.answers["DATA"] = ["451 4.7.1 later"]
    with pytest.raises(TransientFailure):
        await post.deliver()
    assert (await post.state())[0] == "queued"
    assert await post.deliver() == "sent"


async def test_a_later_state_is_not_overwritten(post: Post) -> None:
    """The provider's report of an opening overtakes the note that the message was sent."""
    await post.create()
    real = post.channels["email"]

    class Overtaken:
        def address(self, recipient: Recipient) -> str | Unreachable:
            return real.address(recipient)

        async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
            await post.run("UPDATE messages SET state = 'opened' WHERE id = :message")
            return await real.send(message)

        async def close(self) -> None:
            pass

    await deliver(post.database, {"email": Overtaken()}, post.message_id, now=NOW)
    row = await post.row()
    assert (row.state, row.sent_at) == ("opened", NOW)
    assert row.provider_id
    assert await post.deliver() == "sent"
    assert len(post.box.raw) == 1


async def test_a_template_sees_contact_event_journey_and_workspace(post: Post) -> None:
    await post.create(
        contact={"fields": {"first_name": "Ana", "email": "not this"}, "timezone": "Europe/Paris"},
        params={"plan": "gold", "name": "Gold plan", "gone": None},
        content={
            "subject": "{{ event.plan }} {{ event.name }} {{ event.event }} {{ event.properties.plan }}",
            "text": "{{ contact.first_name }} {{ contact.email }} {{ contact.userId }}"
            " {{ journey.workflow }} {{ workspace.name }} {{ event.gone | default: 'none' }}"
            " {{ journey.started_at | date: '%H:%M' }} {{ event.timestamp }}",
        },
    )
    await post.deliver()
    (mail,) = post.box.mails()
    assert mail["Subject"] == "gold Gold plan Plan Bought gold"
    assert mail.get_content().strip() == (
        "Ana ana@example.com ana welcome test none 13:00 2026-11-23T12:00:00Z"
    )


async def test_order_is_the_one_that_the_starting_event_is_about(post: Post) -> None:
    await post.create(
        params={"order_id": "o-7", "total": 20, "products": [{"sku": "mat"}]},
        content={
            "subject": "s",
            "text": "{{ order.order_id }} {{ order.total }} {{ order.items[0].sku }}",
        },
    )
    await post.order("o-8", NOW, total=99)
    with statements(post) as seen:
        await post.deliver()
    assert post.box.mails()[0].get_content().strip() == "o-7 20 mat"
    assert len(seen) == 2


async def test_order_is_else_the_newest_one_and_looked_up_only_when_mentioned(post: Post) -> None:
    await post.create(
        content={
            "subject": "{{ order.order_id }}",
            "text": "{{ order.total }} {{ order.items[0].sku }} {{ order.status }}",
        }
    )
    await post.order("o-1", NOW - timedelta(days=2), total=1)
    await post.order("o-2", NOW, total=12.5, items=[{"sku": "pt-10"}])
    await post.order("o-0", NOW - timedelta(days=3), total=1)
    with statements(post) as seen:
        await post.deliver()
    assert post.box.mails()[0]["Subject"] == "o-2"
    assert post.box.mails()[0].get_content().strip() == "12.5 pt-10 delivered"
    assert len(seen) == 3


async def test_a_contact_without_orders_renders_without_one(post: Post) -> None:
    await post.create(content={"subject": "s", "text": "{{ order.total | default: 'no order' }}"})
    assert await post.deliver() == "sent"
    assert post.box.mails()[0].get_content().strip() == "no order"


async def test_a_message_that_does_not_exist_has_ended(post: Post) -> None:
    assert await post.deliver() == "ended"
