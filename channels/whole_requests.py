"""Requests over HTTP/2 that end on their own, whoever stops waiting for them.

The client's HTTP/2 connection loses count of its streams when a request is cancelled half-way, and
every message after that would fail. So a request goes on without the one who asked for it; its own
timeouts bound it.
"""

from __future__ import annotations

import asyncio

import httpx

from channels.http_answers import Answer, exchange


class WholeRequests:
    """Requests over one client; `close` waits for those under way."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self._under_way: set[asyncio.Task[Answer]] = set()

    async def exchange(self, request: httpx.Request, *, provider: str) -> Answer:
        """As `exchange`; cancelling it leaves the request to itself."""
        task = asyncio.create_task(exchange(self.client, request, provider=provider))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what is under way, and close the connections."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self.client.aclose()

    def _done(self, task: asyncio.Task[Answer]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, though nobody may wait for it any more
