"""Many batches about the same contacts at once: one contact each, nothing lost, no deadlock."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime

from sqlalchemy import text

from engine.ingest import Envelope, parse_items, store
from engine.rules import rules_changed

AT_ONCE = 16


async def test_batches_that_meet_a_new_contact_at_once_make_it_once(api):
    await asyncio.gather(
        *(
            api.batch(*({"type": "track", "userId": f"u{n}", "event": f"E{b}"} for n in range(20)))
            for b in range(AT_ONCE)
        )
    )
    assert await api.value("SELECT count(*) FROM contacts WHERE workspace_id = :w") == 20
    assert await api.value("SELECT count(*) FROM events WHERE workspace_id = :w") == 20 * AT_ONCE
    assert len(await api.event_names("u7")) == AT_ONCE


async def test_batches_in_different_orders_do_not_deadlock(api):
    users = [f"u{n}" for n in range(30)]
    await api.batch(*({"type": "identify", "userId": user} for user in users))

    async def shuffled(seed: int) -> None:
        order = random.Random(seed).sample(users, len(users))
        await api.batch(
            *(
                {"type": "identify", "userId": user, "traits": {f"from{seed}": seed}}
                for user in order
            )
        )

    begin = time.monotonic()
    await asyncio.gather(*(shuffled(seed) for seed in range(AT_ONCE)))
    assert time.monotonic() - begin < 20
    assert (await api.contact("u3")).fields == {f"from{seed}": seed for seed in range(AT_ONCE)}


async def test_the_same_item_sent_many_times_at_once_counts_once(api):
    await api.interest("event", "X")
    await api.interest("field", "plan")
    items = [
        {
            "type": "identify",
            "userId": "ada",
            "anonymousId": "a1",
            "messageId": "i",
            "traits": {"plan": "pro"},
        },
        {"type": "track", "userId": "ada", "messageId": "t", "event": "X"},
    ]
    await asyncio.gather(*(api.batch(*items) for _ in range(AT_ONCE)))
    assert await api.event_names("ada") == ["X"]
    assert [fact.kind for fact in await api.facts()] == ["field", "event"]


async def test_many_visitors_sign_in_as_one_user_at_once(api):
    await asyncio.gather(
        *(api.ok("/v1/track", {"anonymousId": f"a{n}", "event": "Seen"}) for n in range(AT_ONCE))
    )
    await asyncio.gather(
        *(
            api.ok(
                "/v1/identify", {"anonymousId": f"a{n}", "userId": "ada", "traits": {f"n{n}": n}}
            )
            for n in range(AT_ONCE)
        )
    )
    assert await api.value("SELECT count(*) FROM contacts WHERE workspace_id = :w") == 1
    assert await api.event_names("ada") == ["Seen"] * AT_ONCE
    assert (await api.contact("ada")).fields == {f"n{n}": n for n in range(AT_ONCE)}


async def test_events_go_on_arriving_while_their_visitor_is_merged(api):
    await api.ok("/v1/identify", {"userId": "ada"})
    await api.ok("/v1/track", {"anonymousId": "a1", "event": "E"})

    async def sends() -> None:
        for _ in range(5):
            await api.ok("/v1/track", {"anonymousId": "a1", "event": "E"})

    await asyncio.gather(
        *(sends() for _ in range(6)), api.ok("/v1/identify", {"anonymousId": "a1", "userId": "ada"})
    )
    assert await api.event_names("ada") == ["E"] * 31
    assert await api.value("SELECT count(*) FROM contacts WHERE workspace_id = :w") == 1


async def test_aliases_in_a_circle_at_once_end_with_one_contact_each_event_kept(api):
    for user in ("x", "y", "z"):
        await api.ok("/v1/track", {"userId": user, "event": f"Of {user}"})
    pairs = [("x", "y"), ("y", "z"), ("z", "x")]
    await asyncio.gather(*(api.ok("/v1/alias", {"previousId": a, "userId": b}) for a, b in pairs))
    assert (
        await api.value("SELECT count(*) FROM events WHERE workspace_id = :w AND kind = 'track'")
        == 3
    )
    assert await api.value("SELECT count(*) FROM contacts WHERE workspace_id = :w") == 1


async def test_a_later_fact_of_a_contact_waits_for_the_commit_of_an_earlier_one(api):
    await api.interest("event", "E")
    await api.ok("/v1/identify", {"userId": "ada"})
    now = datetime.now(UTC)
    first, _ = parse_items(
        [{"userId": "ada", "event": "E", "messageId": "first"}],
        Envelope(api.workspace_id, now),
        "track",
    )
    async with api.database.transaction() as connection:
        await store(connection, api.workspace_id, first, now=now)
        second = asyncio.ensure_future(
            api.ok("/v1/track", {"userId": "ada", "event": "E", "messageId": "second"})
        )
        elsewhere = asyncio.ensure_future(api.ok("/v1/track", {"userId": "bob", "event": "E"}))
        await elsewhere
        await asyncio.sleep(0.3)
        assert not second.done()
    await second
    rows = await api.rows(
        "SELECT e.message_id FROM facts f "
        "JOIN events e ON e.id = f.ref JOIN contacts c ON c.id = e.contact_id "
        "WHERE c.workspace_id = :w AND c.user_id = 'ada' ORDER BY f.seq"
    )
    assert [message for (message,) in rows] == ["first", "second"]


async def test_what_is_sent_after_a_publish_returned_is_never_overlooked(api):
    """A publish under way holds arriving batches back until its rules are there to be seen."""
    async with api.database.transaction() as publishing:
        await rules_changed(publishing, api.workspace_id)
        sent = asyncio.ensure_future(api.ok("/v1/track", {"userId": "ada", "event": "E"}))
        await asyncio.sleep(0.2)
        assert not sent.done()
        await publishing.execute(
            text("INSERT INTO interests VALUES (:w, 'event', 'E')"), {"w": api.workspace_id}
        )
    await sent
    assert [fact.name for fact in await api.facts()] == ["E"]
