"""Messages streamed by the API's own process: what is there, what comes, and nothing missed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from engine.app_messages.identity import proof, replace_secret, require
from engine.app_messages.listening import LISTENER, MOST_OF_ONE
from engine.contacts import erase_contact, merge_contacts
from engine.stopping import stop_contact_journeys
from tests.api.app.conftest import key_of
from tests.api.app.streaming import Server, api_process

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
async def server(database_url, database) -> AsyncIterator[Server]:
    async with api_process(database_url) as server:
        yield server


@pytest.fixture
async def key(people) -> str:
    return await key_of(people)


async def test_what_is_there_comes_first_then_what_happens(server, people, key):
    contact = await people.contact()
    first = await people.told(contact, frequency="session", title="First")
    async with server.streaming(key) as stream:
        await stream.until(lambda s: s.shown == {str(first)} and s.unread == 0)
        assert stream.of("message")[0]["title"] == "First"
        second = await people.told(contact)
        await stream.until(lambda s: s.shown == {str(first), str(second)})
        await people.told(contact, "inbox")
        await stream.until(lambda s: s.unread == 1)
        async with people.database.transaction() as connection:
            await stop_contact_journeys(connection, people.workspace_id, contact, now=NOW)
        await stream.until(lambda s: s.shown == set())


async def test_what_another_device_saw_is_told(server, people, key):
    contact = await people.contact()
    message = await people.told(contact)
    async with server.streaming(key) as stream, httpx.AsyncClient(base_url=server.url) as http:
        await stream.until(lambda s: s.shown == {str(message)})
        call = {"userId": "ann", "writeKey": key}
        await http.post(f"/v1/in-app/{message}/seen", json=call)
        await stream.until(lambda s: s.shown == set())


async def test_who_comes_back_is_told_what_changed_since_and_no_more(server, people, key):
    contact = await people.contact()
    kept, gone = await people.told(contact), await people.told(contact)
    async with server.streaming(key) as stream:
        await stream.until(lambda s: len(s.shown) == 2)
        place = stream.last_id
    new = await people.told(contact)
    await people.run(
        "WITH f AS (UPDATE app_feeds SET version = version + 1 WHERE contact_id = :c"
        " RETURNING version) UPDATE app_messages SET gone_at = now(), version = f.version"
        " FROM f WHERE id = :m", c=contact, m=gone,
    )  # fmt: skip
    async with server.streaming(key, last=place) as stream:
        await stream.until(lambda s: s.unread is not None)
        assert stream.shown == {str(new)}
        assert stream.of("withdrawn") == [{"id": str(gone)}]
    for unknown in ("x", "-", f"{'0' * 32}-7", f"{contact.hex}-99999999999999999999"):
        async with server.streaming(key, last=unknown) as stream:
            await stream.until(lambda s: s.shown == {str(kept), str(new)})


async def test_somebody_who_becomes_known_only_now_is_told(server, people, key):
    async with server.streaming(key, "zoe") as stream:
        message = await people.told(await people.contact("zoe"))
        await stream.until(lambda s: s.shown == {str(message)})


async def test_somebody_who_becomes_another_is_told_that_ones_messages(server, people, key):
    gone, kept = await people.contact("bob"), await people.contact("ann")
    first, second = await people.told(gone), await people.told(kept)
    async with server.streaming(key, "bob") as stream:
        await stream.until(lambda s: s.shown == {str(first)})
        async with people.database.transaction() as connection:
            await merge_contacts(connection, people.workspace_id, [(gone, kept)], now=NOW)
        await stream.until(lambda s: s.shown == {str(first), str(second)})
        third = await people.told(kept)
        await stream.until(lambda s: str(third) in s.shown)


async def test_the_stream_of_somebody_who_is_erased_ends(server, people, key):
    await people.told(await people.contact())
    async with server.streaming(key) as stream:
        await stream.until(lambda s: s.shown)
        async with people.database.transaction() as connection:
            await erase_contact(connection, people.workspace_id, "ann", now=NOW)
        await stream.until(lambda s: s.closed)
        assert stream.of("end") == [{"reason": "gone"}]


async def test_the_streams_of_a_revoked_key_end(server, people, key):
    await people.contact()
    async with server.streaming(key) as stream:
        await stream.until(lambda s: s.unread == 0)
        await people.run(
            "UPDATE api_keys SET revoked_at = now() WHERE workspace_id = :w",
            w=people.workspace_id,
        )
        await stream.until(lambda s: s.closed)
        assert stream.of("end") == [{"reason": "key"}]


async def test_a_stream_without_the_proof_that_is_needed_now_tells_nothing_more(
    server, people, key
):
    contact = await people.contact()
    async with server.streaming(key) as stream:
        await stream.until(lambda s: s.unread == 0)
        async with people.database.transaction() as connection:
            secret = await replace_secret(connection, people.workspace_id, now=NOW)
            await require(connection, people.workspace_id, True)
        message = await people.told(contact)
        await stream.until(lambda s: s.closed)
        assert stream.shown == set()
        assert stream.of("end") == [{"reason": "identity"}]
    async with server.streaming(key, userHash=proof(secret, "ann")) as stream:
        await stream.until(lambda s: s.shown == {str(message)})


async def listeners(people) -> int:
    rows = await people.rows(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = :name"
        " AND datname = current_database()", name=LISTENER,
    )  # fmt: skip
    return len(rows)


async def still(people, known: int) -> None:
    """The server ends a connection that was killed a moment later."""
    async with asyncio.timeout(10):
        while await listeners(people) != known:
            await asyncio.sleep(0.02)


async def test_many_streams_share_one_listener_and_miss_nothing_when_it_is_killed(
    server, people, key
):
    users = [f"u{n}" for n in range(60)]
    contacts = [await people.contact(user) for user in users]
    journeys = [await people.journey(contact, f"f{n}") for n, contact in enumerate(contacts)]
    expected: dict[str, set[str]] = {user: set() for user in users}

    async def send(number: int) -> None:
        message = await people.queued(journeys[number])
        await people.sends(message)
        expected[users[number]].add(str(message))

    async with contextlib.AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(server.streaming(key, users[0]))]
        await streams[0].until(lambda s: s.unread == 0)
        known = await listeners(people)
        streams += [
            await stack.enter_async_context(server.streaming(key, user)) for user in users[1:]
        ]
        await asyncio.gather(*(stream.until(lambda s: s.unread == 0) for stream in streams))
        assert await listeners(people) == known
        for _ in range(3):
            await asyncio.gather(*(send(number) for number in range(0, 60, 2)))
            await people.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = :name", name=LISTENER,
            )  # fmt: skip
            await asyncio.gather(*(send(number) for number in range(1, 60, 2)))
        for user, stream in zip(users, streams, strict=True):
            await stream.until(lambda s, user=user: s.shown == expected[user])
        await still(people, known)


async def test_the_streams_of_one_person_are_bounded(server, people, key):
    await people.contact()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            await stack.enter_async_context(server.streaming(key))
        async with httpx.AsyncClient(base_url=server.url) as http:
            refused = await http.get(f"/v1/in-app/stream?userId=ann&writeKey={key}")
        assert refused.status_code == 429
        assert refused.headers["retry-after"]
        async with server.streaming(key, "bob"):
            pass


async def test_at_shutdown_the_streams_end_and_the_process_does_at_once(
    database_url, database, people, key
):
    await people.told(await people.contact())
    async with api_process(database_url) as server, contextlib.AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(server.streaming(key)) for _ in range(5)]
        await asyncio.gather(*(stream.until(lambda s: s.shown) for stream in streams))
        server.terminate()
        await asyncio.gather(*(stream.until(lambda s: s.closed) for stream in streams))
        assert [stream.of("end") for stream in streams] == [[{"reason": "shutdown"}]] * 5
        async with asyncio.timeout(6):  # less than the server would wait for open requests
            assert await server.process.wait() == 0
