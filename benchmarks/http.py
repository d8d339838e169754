"""A keep-alive HTTP/1.1 client of a few lines, so that the client is not what is measured."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class HttpError(Exception):
    """The server answered with something else than success."""


def basic(write_key: str) -> str:
    """Authorization as Segment's SDKs send it: the write key as the user name."""
    return "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()


def bearer(key: str) -> str:
    return f"Bearer {key}"


@dataclass(frozen=True)
class Call:
    """A request, ready to be sent: it is built before the clock starts."""

    data: bytes


class Connection:
    """One connection to one server; one request at a time."""

    def __init__(self, base_url: str, authorization: str) -> None:
        parts = urlsplit(base_url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._host, self._port = parts.hostname, parts.port
        self._authorization = authorization

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def prepare(self, method: str, path: str, body: Any = None) -> Call:
        payload = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Authorization: {self._authorization}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n"
        )
        return Call(head.encode() + payload)

    async def send(self, call: Call) -> Any:
        """The decoded answer; raises HttpError unless its status is 2xx."""
        self._writer.write(call.data)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        if status.split()[1][0] != "2":
            raise HttpError(f"{status}: {body.decode(errors='replace')[:500]}")
        return json.loads(body) if body else None

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        return await self.send(self.prepare(method, path, body))


async def send_all(
    base_url: str, authorization: str, calls: Iterable[Call], *, connections: int
) -> list[Any]:
    """Send every call over that many connections at once; the answers, in no order."""
    waiting = iter(calls)
    answers: list[Any] = []

    async def work() -> None:
        async with Connection(base_url, authorization) as connection:
            for call in waiting:
                answers.append(await connection.send(call))  # noqa: PERF401

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(work())
    return answers
