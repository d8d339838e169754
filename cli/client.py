"""The API as a command sees it: JSON in and out, and problems told in a sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from cli.output import UserError
from cli.target import Target

PATIENCE = 30.0
"""Seconds for which a busy or restarting API is asked again."""
BUSY = (429, 502, 503, 504)


class ApiProblemError(UserError):
    """The API refused; the text tells its problem document, `document` is that document."""

    def __init__(self, message: str, document: dict[str, Any]) -> None:
        super().__init__(message)
        self.document = document


class ApiClient:
    """A connection to the API. Calls repeat while the API asks for it; all of ours may."""

    def __init__(self, where: Target, *, patience: float = PATIENCE) -> None:
        self.url = where.url
        self._patience = patience
        self._reached = False
        self._client = httpx.Client(
            base_url=where.url,
            headers={"Authorization": f"Bearer {where.key}"},
            timeout=httpx.Timeout(60, connect=10),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._client.close()

    def get(self, path: str, **params: str) -> Any:
        """Read; answers the decoded JSON."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """Send JSON; answers the decoded JSON. Raises `UserError` with the problem's own words."""
        return self._call("POST", path, body=body)

    def put(self, path: str, body: Any) -> Any:
        """Make or replace something under its key."""
        return self._call("PUT", path, body=body)

    def send_file(self, path: str, pieces: Iterator[bytes], params: dict[str, str]) -> Any:
        """Send a file as it is read. Not repeated: what was read is gone."""
        return _decoded(
            self._client.post(
                path, content=pieces, params=params,
                headers={"Content-Type": "application/octet-stream"},
                timeout=httpx.Timeout(600, connect=10),
            )
        )  # fmt: skip

    def lines(self, path: str) -> Iterator[str]:
        """Read text line by line, each with its end."""
        with self._client.stream("GET", path) as response:
            if not response.is_success:
                response.read()
                _decoded(response)
            rest = ""
            for text in response.iter_text():
                *whole, rest = (rest + text).splitlines(keepends=True) or [""]
                yield from whole
            if rest:
                yield rest

    def all(self, path: str) -> Iterator[Any]:
        """Read every page of a list."""
        cursor: str | None = None
        while True:
            page = self.get(path, **({"cursor": cursor} if cursor else {}))
            yield from page["data"]
            cursor = page["next"]
            if cursor is None:
                return

    def _call(
        self, method: str, path: str, *, body: Any = None, params: dict[str, str] | None = None
    ) -> Any:
        return _decoded(self._send(method, path, body=body, params=params))

    def _send(
        self, method: str, path: str, *, body: Any = None, params: dict[str, str] | None = None
    ) -> httpx.Response:
        content = None if body is None else orjson.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        give_up_at = time.monotonic() + self._patience
        pause = 0.2
        while True:
            try:
                response = self._client.request(
                    method, path, content=content, headers=headers, params=params
                )
            except httpx.ConnectError:
                # Nobody there from the start is not an outage that passes.
                if not self._reached or time.monotonic() + pause > give_up_at:
                    raise
            except httpx.TransportError:
                if time.monotonic() + pause > give_up_at:
                    raise
            else:
                self._reached = True
                if response.status_code not in BUSY or time.monotonic() + pause > give_up_at:
                    return response
                pause = max(pause, _retry_after(response))
            time.sleep(pause)
            pause = min(pause * 2, 5.0)


def _retry_after(response: httpx.Response) -> float:
    try:
        return min(float(response.headers.get("retry-after", "0")), 5.0)
    except ValueError:
        return 0.0


def _decoded(response: httpx.Response) -> Any:
    if response.is_success:
        return response.json() if response.content else None
    where = f"{response.request.method} {response.request.url.path} answered {response.status_code}"
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ApiProblemError(f"{where}: {response.text[:200]}".rstrip(": "), {})
    lines = [f"{where}: {document.get('detail') or document.get('title') or ''}".rstrip(": ")]
    issues = document.get("errors")
    if isinstance(issues, list):
        lines += [f"  {issue.get('path', '')}: {issue.get('message', '')}" for issue in issues]
    raise ApiProblemError("\n".join(lines), document)
