"""What the stand-ins for providers share: requests they got, answers that a test puts first."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {
            name: values[0]
            for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()
        }


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(status: int, value: Any, **headers: str) -> Reply:
    return Reply(
        status, json.dumps(value).encode(), {"content-type": "application/json", **headers}
    )


class Provider:
    """An ASGI application; `first` are replies that are given before it does its work."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.first: list[Reply] = []
        self.silent = False
        """Whether it takes requests and never answers."""

    def reply(self, asked: Asked) -> Reply:
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = bytearray()
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        asked = Asked(scope["method"], scope["path"], headers, bytes(body))
        self.asked.append(asked)
        if self.silent:
            await receive()
            await asyncio.sleep(0)
            return
        answer = self.first.pop(0) if self.first else self.reply(asked)
        names = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": names})
        await send({"type": "http.response.body", "body": answer.body})
