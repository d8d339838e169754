"""Messages in the app as a channel: kept once, for those whose journey still runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from channels.errors import TransientFailure
from channels.in_app import AppChannel
from channels.local_inbox import LocalInboxChannel
from channels.protocol import Delivered, OutgoingMessage, Rejected
from channels.registry import open_channels, undeliverable
from engine.contacts import erase_contact, merge_contacts
from engine.stopping import stop_contact_journeys, stop_journey
from journeys.templates import RenderedMessage
from runtime.settings import Settings
from storage.database import Database
from storage.repositories.app_messages import Who, read_feed
from storage.repositories.caught import find
from tests.channels.contract import ChannelContract
from tests.support.app_messages import AppPeople

NOW = datetime.now(UTC)
LOCK = text("SELECT FROM contacts WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")


@pytest.fixture
def people(database: Database, workspace_id: UUID) -> AppPeople:
    return AppPeople(database, workspace_id)


class Prepared(AppChannel):
    """A channel for whose messages a journey queues the row that each message has."""

    people: AppPeople
    journey: UUID

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        await self.people.run(
            "INSERT INTO messages (workspace_id, id, journey_id, workflow_id, contact_id, block,"
            " visit, channel, template, state) SELECT workspace_id, :id, id, workflow_id,"
            " contact_id, 'hello', :visit, 'in_app', 'hi', 'queued' FROM journeys WHERE id = :j"
            " ON CONFLICT DO NOTHING",
            id=message.id, j=self.journey, visit=message.id.int % 2**31,
        )  # fmt: skip
        return await super().send(message)


class TestAppChannel(ChannelContract):
    has_a_provider = False

    @pytest.fixture
    async def channel(self, people: AppPeople) -> Prepared:
        channel = Prepared("in_app", people.database)
        channel.people = self.people = people
        channel.journey = await people.journey(await people.contact())
        return channel

    @pytest.fixture
    def away(self) -> None:
        return None

    async def arrived(self, message: OutgoingMessage) -> int:
        return len(
            await self.people.rows("SELECT 1 FROM app_messages WHERE id = :id", id=message.id)
        )


async def shown(people: AppPeople, user: str = "ann") -> list[UUID]:
    async with people.database.statements() as connection:
        feed = await read_feed(connection, Who(people.workspace_id, "user", user))
    return [message.id for message in feed.messages]


async def test_a_message_is_kept_with_its_rules_until_it_expires(people: AppPeople):
    message = await people.told(
        await people.contact(), title="Hi", expires="P7D", frequency="PT6H",
        trigger={"on": "time_in_app", "after": "PT30S"},
    )  # fmt: skip
    row = await people.message(message)
    assert timedelta(days=6) < row.expires_at - NOW < timedelta(days=7, hours=1)
    assert (row.content["title"], row.content["frequency"], row.content["every"]) == (
        "Hi", "PT6H", 21_600,
    )  # fmt: skip
    assert row.content["trigger"] == {
        "on": "time_in_app", "after": "PT30S", "seconds": 30, "event": None, "where": [],
    }  # fmt: skip
    await people.run("UPDATE app_messages SET expires_at = now() WHERE id = :m", m=message)
    assert await shown(people) == []


async def test_every_attempt_after_the_first_changes_nothing(people: AppPeople):
    message = await people.told(await people.contact())
    before = await people.message(message)
    assert await people.sends(message, title="Other") == Delivered(str(message))
    after = await people.message(message)
    assert (after.content, after.created_at) == (before.content, before.created_at)


async def test_a_message_that_is_larger_than_an_app_should_get_is_refused(people: AppPeople):
    message = await people.queued(await people.journey(await people.contact()))
    result = await people.sends(message, data={f"k{n}": "x" * 4000 for n in range(10)})
    assert result == Rejected("the message is larger than 32 KB")


async def test_nothing_is_kept_for_a_journey_that_was_stopped(people: AppPeople):
    journey = await people.journey(await people.contact())
    message = await people.queued(journey)
    async with people.database.transaction() as connection:
        await stop_journey(connection, people.workspace_id, journey, now=NOW)
    assert isinstance(await people.sends(message), Rejected)
    assert await shown(people) == []


async def test_a_stop_takes_back_what_nobody_has_seen_and_leaves_the_rest(people: AppPeople):
    contact = await people.contact()
    journey = await people.journey(contact)
    unseen, seen = await people.queued(journey), await people.queued(journey)
    listed = await people.queued(journey, "inbox")
    for message in (unseen, seen):
        await people.sends(message, frequency="session")
    await people.sends(listed, "inbox")
    await people.run("UPDATE app_messages SET seen_at = now() WHERE id = :m", m=seen)
    other = await people.told(contact)
    async with people.database.transaction() as connection:
        await stop_journey(connection, people.workspace_id, journey, now=NOW)
    assert set(await shown(people)) == {seen, other}
    assert (await people.message(unseen)).gone_reason == "stopped"
    assert (await people.message(listed)).gone_at is None
    async with people.database.transaction() as connection:
        await stop_contact_journeys(connection, people.workspace_id, contact, now=NOW)
    assert await shown(people) == [seen]


async def test_a_stop_and_a_message_at_once_leave_nothing_to_see(people: AppPeople):
    contact = await people.contact()
    for _ in range(10):
        journey = await people.journey(contact)
        message = await people.queued(journey)

        async def stops(journey_id: UUID = journey) -> None:
            async with people.database.transaction() as connection:
                await stop_journey(connection, people.workspace_id, journey_id, now=NOW)

        await asyncio.gather(people.sends(message), stops())
    assert await shown(people) == []


async def test_merged_contacts_have_both_ones_messages(people: AppPeople):
    gone, kept = await people.contact("bob"), await people.contact("ann")
    first, second = await people.told(gone), await people.told(kept)
    third = await people.told(gone, "inbox")
    async with people.database.transaction() as connection:
        await merge_contacts(connection, people.workspace_id, [(gone, kept)], now=NOW)
    assert set(await shown(people, "ann")) == {first, second}
    assert await shown(people, "bob") == await shown(people, "ann")
    assert (await people.message(third)).contact_id == kept


async def test_a_merge_and_a_message_at_once_lose_nothing(people: AppPeople):
    for n in range(8):
        gone, kept = await people.contact(f"b{n}"), await people.contact(f"a{n}")
        await people.told(kept)
        message = await people.queued(await people.journey(gone))

        async def merges(pair: tuple[UUID, UUID] = (gone, kept)) -> None:
            async with people.database.transaction() as connection:
                await connection.execute(LOCK, {"ids": list(pair)})
                await merge_contacts(connection, people.workspace_id, [pair], now=NOW)

        results = await asyncio.gather(people.sends(message), merges(), return_exceptions=True)
        if isinstance(results[0], TransientFailure):
            await people.sends(message)
        assert len(await shown(people, f"a{n}")) == 2


async def test_an_erased_contact_leaves_no_message(people: AppPeople):
    await people.told(await people.contact())
    async with people.database.transaction() as connection:
        assert await erase_contact(connection, people.workspace_id, "ann", now=NOW)
    assert await people.rows("SELECT 1 FROM app_messages WHERE workspace_id = :w") == []
    assert await people.rows("SELECT 1 FROM app_feeds WHERE workspace_id = :w") == []


async def test_a_contact_that_is_gone_is_tried_again_later(database: Database):
    content = RenderedMessage(body="Hi")
    with pytest.raises(TransientFailure):
        await AppChannel("in_app", database).send(OutgoingMessage(uuid4(), uuid4(), "x", content))


def test_both_are_always_delivered_with_a_copy_where_the_local_inbox_catches_them(database):
    assert {"in_app", "inbox"}.isdisjoint(undeliverable(Settings()))
    for settings in (Settings(), Settings(inbox_channels=["in_app", "inbox", "sms"])):
        channels = open_channels(settings, database)
        assert isinstance(channels["in_app"], AppChannel)
        assert isinstance(channels["inbox"], AppChannel)


async def test_the_local_inbox_shows_a_copy_of_what_went_to_the_app(people: AppPeople):
    message = await people.queued(await people.journey(await people.contact()))
    copies = LocalInboxChannel("in_app", people.database)
    outgoing = OutgoingMessage(message, people.workspace_id, "ann", RenderedMessage(body="Hi"))
    await AppChannel("in_app", people.database, copies).send(outgoing)
    assert await shown(people) == [message]
    async with people.database.transaction() as connection:
        caught = await find(connection, message)
    assert caught is not None
    assert (caught.channel, caught.text) == ("in_app", "Hi")
