"""The public segment-analytics-python package, pointed at a real server process on a free port."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from engine.keys import create_key
from runtime.ports import free_port
from tests.api.ingest.support import Api

SERVER = textwrap.dedent("""
    import sys, uvicorn
    from api.app import create_app
    from runtime.settings import Settings
    app = create_app(Settings())
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
""")


@contextmanager
def server_process(database_url: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """An API process of its own; nothing listens where Temporal should be."""
    port = free_port()
    environment = {
        **os.environ,
        "SOJOURN_DATABASE_URL": database_url,
        "SOJOURN_TEMPORAL_ADDRESS": "127.0.0.1:1",
    }
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], env=environment)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    try:
        while not answers(f"{url}/readyz"):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield process, url
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[str]:
    with server_process(database_url) as (_, url):
        yield url


class Failures(list[object]):
    """What an SDK's client reports as failed."""

    def note(self, error: object, _: object) -> None:
        self.append(error)


@pytest.mark.parametrize("compressed", [False, True])
async def test_the_public_python_sdk_works_by_changing_its_host(
    server, database, workspace_id, compressed
):
    from segment.analytics.client import Client

    async with database.transaction() as connection:
        _, key = await create_key(connection, workspace_id, "write", "sdk")
    failures = Failures()

    def send() -> None:
        client = Client(
            key,
            host=server,
            gzip=compressed,
            on_error=failures.note,
            max_retries=2,
        )
        client.track(anonymous_id="a1", event="Seen")
        client.identify("ada", {"email": "ada@example.com", "plan": "pro"}, anonymous_id="a1")
        client.track(
            "ada", "Order Completed", {"total": 9.5}, timestamp=datetime(2024, 5, 6, tzinfo=UTC)
        )
        client.page("ada", "Docs", "Start", {"url": "/docs"})
        client.screen("ada", "Main", "Home")
        client.group("ada", "acme", {"size": 3})
        client.alias("legacy", "ada")
        for n in range(250):
            client.track("bob", "Tick", {"n": n})
        client.shutdown()

    await asyncio.to_thread(send)
    assert failures == []
    api = Api(None, database, workspace_id, None)  # type: ignore[arg-type]
    contact = await api.contact("ada")
    assert (contact.email, contact.fields) == ("ada@example.com", {"plan": "pro"})
    assert await api.event_names("ada") == [
        "Group",
        "Order Completed",
        "Page Viewed",
        "Screen Viewed",
        "Seen",
    ]
    assert len(await api.event_names("bob")) == 250
    assert (
        await api.value(
            "SELECT contact_id FROM identities "
            "WHERE workspace_id = :w AND kind = 'user' AND value = 'legacy'"
        )
        == contact.id
    )


async def test_the_public_python_sdk_learns_that_its_key_is_wrong(server):
    from segment.analytics.client import Client

    failures = Failures()

    def send() -> None:
        client = Client(
            "nobody",
            host=server,
            on_error=failures.note,
            max_retries=0,
        )
        client.track("ada", "X")
        client.shutdown()

    await asyncio.to_thread(send)
    assert "401" in str(failures)


async def test_what_was_acknowledged_survives_a_kill_of_the_server(
    database_url, database, workspace_id
):
    """The answer comes after the commit: kill -9 right after it loses nothing."""
    async with database.transaction() as connection:
        _, key = await create_key(connection, workspace_id, "write", "sdk")
    with server_process(database_url) as (process, url):
        async with httpx.AsyncClient(base_url=url, auth=(key, "")) as client:
            answer = await client.post("/v1/track", json={"userId": "ada", "event": "X"})
            process.kill()
        assert answer.status_code == 200
    api = Api(None, database, workspace_id, None)  # type: ignore[arg-type]
    assert await api.event_names("ada") == ["X"]
