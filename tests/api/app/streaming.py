"""The API as a process of its own, and streams that are read as an SDK reads them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

PATIENCE = 30.0


@dataclass
class Event:
    """One server-sent event."""

    name: str
    id: str | None
    data: Any


@dataclass
class Stream:
    """What came so far; `end` is why it ended."""

    events: list[Event] = field(default_factory=list)
    comments: int = 0
    closed: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, enough: Any) -> None:
        """Wait until a condition on this stream holds."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: enough(self))

    def of(self, name: str) -> list[Any]:
        """The data of the events of this name."""
        return [event.data for event in self.events if event.name == name]

    @property
    def shown(self) -> set[str]:
        """The ids of the messages that were told, those taken back left out."""
        gone = {one["id"] for one in self.of("withdrawn")}
        return {one["id"] for one in self.of("message")} - gone

    @property
    def unread(self) -> int | None:
        """What the inbox has unread, as told last."""
        told = self.of("inbox")
        return told[-1]["unread"] if told else None

    @property
    def last_id(self) -> str:
        """The id of the last event that has one."""
        return [event.id for event in self.events if event.id][-1]  # type: ignore[return-value]

    async def follow(self, lines: AsyncIterator[str]) -> None:
        """Read until the server closes."""
        try:
            await self._read(lines)
        finally:
            async with self.changed:
                self.closed = True
                self.changed.notify_all()

    async def _read(self, lines: AsyncIterator[str]) -> None:
        name, id_, data = "", None, ""
        async for line in lines:
            if line.startswith(":"):
                self.comments += 1
            elif line.startswith("event: "):
                name = line[7:]
            elif line.startswith("id: "):
                id_ = line[4:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line and name:
                async with self.changed:
                    self.events.append(Event(name, id_, orjson.loads(data)))
                    self.changed.notify_all()
                name, id_, data = "", None, ""


@dataclass
class Server:
    """The API's process."""

    url: str
    process: asyncio.subprocess.Process

    @asynccontextmanager
    async def streaming(
        self, key: str, user: str = "ann", last: str | None = None, **query: str
    ) -> AsyncIterator[Stream]:
        """One open stream."""
        headers = {"Authorization": f"Bearer {key}"} | ({"Last-Event-ID": last} if last else {})
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE, headers=headers) as http:
            params = {"userId": user, **query}
            async with http.stream("GET", "/v1/in-app/stream", params=params) as answer:
                if answer.status_code != 200:
                    await answer.aread()
                assert answer.status_code == 200, answer.text
                assert answer.headers["content-type"].startswith("text/event-stream")
                stream = Stream()
                following = asyncio.create_task(stream.follow(answer.aiter_lines()))
                try:
                    yield stream
                finally:
                    following.cancel()
                    await asyncio.gather(following, return_exceptions=True)

    def terminate(self) -> None:
        """Ask it to end."""
        self.process.send_signal(signal.SIGTERM)


@asynccontextmanager
async def api_process(database_url: str) -> AsyncIterator[Server]:
    """`sojourn api` on a free port, ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "cli.main", "api", "--port", str(port), "--no-welcome",
        env={**os.environ, "SOJOURN_DATABASE_URL": database_url, "SOJOURN_DISPATCH_LANES": "0"},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        await _ready(server)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _ready(server: Server) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=server.url) as http:
        while True:
            assert server.process.returncode is None, "the API ended while it started"
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
