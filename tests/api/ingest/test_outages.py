"""PostgreSQL away, frozen or restarting: 503 with Retry-After, and well again by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import make_url

from runtime.settings import Settings
from storage.database import Database
from tests.api.ingest.proxy import Proxy, proxied
from tests.api.ingest.support import Api, serving

TRACK = {"userId": "ada", "event": "X"}


@pytest.fixture
async def outage(database_url, workspace_id) -> AsyncIterator[tuple[Api, Proxy]]:
    url = make_url(database_url)
    async with proxied(url.host, url.port) as proxy:
        database = Database(url.set(port=proxy.port).render_as_string(), pool_size=2)
        async with serving(database, workspace_id, settings=Settings(request_timeout=1)) as api:
            yield api, proxy
        proxy.thaw()
        await database.close()


def assert_unavailable(answer) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    assert "sqlalchemy" not in answer.text.lower()


async def test_a_database_that_is_away_is_a_503_until_it_is_back(outage):
    api, proxy = outage
    await api.ok("/v1/track", TRACK)
    await proxy.cut()
    for path in ("/v1/track", "/v1/identify", "/v1/orders", "/v1/contacts"):
        assert_unavailable(await api.post(path, {**TRACK, "orderId": "o", "status": "delivered"}))
    assert_unavailable(await api.client.get("/readyz"))
    assert (await api.client.get("/healthz")).status_code == 200
    await proxy.start()
    assert await api.ok("/v1/track", TRACK) == {"success": True}
    assert (await api.client.get("/readyz")).status_code == 200


async def test_connections_that_broke_while_idle_cost_no_call(outage):
    api, proxy = outage
    await asyncio.gather(*(api.ok("/v1/track", TRACK) for _ in range(4)))
    await proxy.cut()
    await proxy.start()
    # The key is looked up first, on a connection that is found broken: that alone may say 503.
    answers = [(await api.post("/v1/track", TRACK)).status_code for _ in range(4)]
    assert answers == [200] * 4


async def test_a_frozen_database_is_a_503_in_time_and_leaks_no_connection(outage):
    api, proxy = outage
    await asyncio.gather(*(api.ok("/v1/track", TRACK) for _ in range(4)))
    proxy.freeze()
    begin = time.monotonic()
    for answer in await asyncio.gather(*(api.post("/v1/track", TRACK) for _ in range(6))):
        assert_unavailable(answer)
    assert time.monotonic() - begin < 8
    proxy.thaw()
    deadline = time.monotonic() + 10
    while (await api.post("/v1/track", TRACK)).status_code != 200:
        assert time.monotonic() < deadline
    for answer in await asyncio.gather(*(api.post("/v1/track", TRACK) for _ in range(6))):
        assert answer.status_code == 200


async def test_nothing_of_a_refused_call_was_stored_and_all_of_an_acknowledged_one_was(
    outage, database
):
    api, proxy = outage
    acknowledged: list[str] = []

    async def sends(worker: int) -> None:
        for n in range(12):
            message = f"{worker}-{n}"
            answer = await api.post(
                "/v1/batch",
                {
                    "batch": [
                        {**TRACK, "type": "track", "messageId": f"{message}-{i}"} for i in range(5)
                    ]
                },
            )
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                acknowledged.append(message)

    async def trouble() -> None:
        for _ in range(3):
            await asyncio.sleep(0.1)
            await proxy.cut()
            await asyncio.sleep(0.05)
            await proxy.start()

    await asyncio.gather(trouble(), *(sends(worker) for worker in range(4)))
    direct = Api(api.client, database, api.workspace_id, api.wakeup)
    stored = {
        row.message_id
        for row in await direct.rows("SELECT message_id FROM events WHERE workspace_id = :w")
    }
    assert {f"{message}-{i}" for message in acknowledged for i in range(5)} <= stored
    whole = {message.rsplit("-", 1)[0] for message in stored}
    assert len(stored) == 5 * len(whole), "a batch is stored as a whole or not at all"
