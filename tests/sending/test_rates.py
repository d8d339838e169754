"""An account's rate: each message is given its moment, once, and goes then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, text

from channels.pool import ChannelPool
from channels.provider_settings import ProviderContext
from engine.providers import Saved, create_provider
from engine.send_rates import RateReached
from engine.sending import deliver
from storage.database import Database
from storage.encryption import Encryption
from storage.tables import Message
from tests.sending.conftest import Post

NOW = datetime.now(UTC)


@pytest.fixture
async def pool(post: Post) -> AsyncIterator[ChannelPool]:
    """Nothing is the installation's own: the workspace's accounts deliver."""
    pool = ChannelPool(
        {},
        caught=(),
        encryption=Encryption([Fernet.generate_key().decode()]),
        context=ProviderContext(private_addresses=True),
    )
    yield pool
    await pool.close()


async def account(post: Post, pool: ChannelPool, rate: float | None) -> None:
    settings = {
        "host": "127.0.0.1", "port": post.box.port, "tls": "none", "sender": "Ana <a@shop.example>",
    }  # fmt: skip
    async with post.database.transaction() as c:
        await create_provider(
            c, pool._encryption, post.workspace_id, "smtp", Saved(settings, rate), now=NOW
        )


async def messages(database: Database, post: Post, count: int) -> list[UUID]:
    """So many queued messages of the same journey."""
    await post.create()
    ids = [post.message_id, *(uuid4() for _ in range(count - 1))]
    async with database.transaction() as c:
        for visit, id_ in enumerate(ids[1:], start=2):
            await c.execute(
                insert(Message).values(
                    id=id_, workspace_id=post.workspace_id, journey_id=post.journey_id,
                    workflow_id=post.workflow_id, contact_id=post.contact_id, block="hello",
                    visit=visit, channel="email", template="hello", state="queued",
                )
            )  # fmt: skip
    return ids


async def test_messages_beyond_the_rate_are_given_their_turn(database, post, pool):
    ids = await messages(database, post, 4)
    await account(post, pool, 0.1)
    assert await deliver(database, pool, ids[0], now=NOW) == "sent"
    waits = []
    for id_ in ids[1:]:
        with pytest.raises(RateReached) as reached:
            await deliver(database, pool, id_, now=NOW)
        waits.append(reached.value.retry_after)
    assert waits == pytest.approx([10, 20, 30])


async def test_a_turn_is_kept_however_often_it_is_asked_for(database, post, pool):
    ids = await messages(database, post, 3)
    await account(post, pool, 0.1)
    await deliver(database, pool, ids[0], now=NOW)
    for _ in range(3):
        with pytest.raises(RateReached) as reached:
            await deliver(database, pool, ids[1], now=NOW + timedelta(seconds=2))
        assert reached.value.retry_after == pytest.approx(8, abs=0.01)
    assert await deliver(database, pool, ids[1], now=NOW + timedelta(seconds=10)) == "sent"
    with pytest.raises(RateReached) as reached:
        await deliver(database, pool, ids[2], now=NOW + timedelta(seconds=10))
    assert reached.value.retry_after == pytest.approx(10)
    assert len(post.box.mails()) == 2


async def test_what_was_not_used_is_not_saved_up(database, post, pool):
    ids = await messages(database, post, 3)
    await account(post, pool, 0.1)
    await deliver(database, pool, ids[0], now=NOW)
    later = NOW + timedelta(hours=1)
    assert await deliver(database, pool, ids[1], now=later) == "sent"
    with pytest.raises(RateReached):
        await deliver(database, pool, ids[2], now=later)


async def test_an_account_without_a_rate_sends_at_once(database, post, pool):
    ids = await messages(database, post, 3)
    await account(post, pool, None)
    assert [await deliver(database, pool, id_, now=NOW) for id_ in ids] == ["sent"] * 3


async def test_a_message_that_is_stopped_meanwhile_leaves_with_its_reason(database, post, pool):
    ids = await messages(database, post, 2)
    await account(post, pool, 0.1)
    await deliver(database, pool, ids[0], now=NOW)
    with pytest.raises(RateReached):
        await deliver(database, pool, ids[1], now=NOW)
    async with database.transaction() as c:
        await c.execute(
            text("UPDATE journeys SET state = 'stopped', reason_kind = 'event' WHERE id = :j"),
            {"j": post.journey_id},
        )
    assert await deliver(database, pool, ids[1], now=NOW + timedelta(seconds=10)) == "ended"
