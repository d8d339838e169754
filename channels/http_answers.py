"""What a provider's HTTP answer means for a message: taken, refused for good, or try again later.

One attempt is one request. What went wrong before the whole request was out has certainly not sent
the message; what went wrong after that may have, so it is marked ambiguous, and the message is
tried again under the same id. 401, 403 and their like speak of the account, not of the message:
people repair it, and until then the messages wait.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx
import orjson

from channels.errors import TransientFailure
from channels.protocol import Rejected

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read; no provider's answer to one message needs more."""
MAX_QUOTED = 300
"""Characters of a provider's own words that go into a reason."""
MAX_RETRY_AFTER = 3600.0
"""Seconds: a provider that asks for more is asked again after this."""
RETRY_ACCOUNT = 60.0
"""Seconds before the next try when the account itself is refused."""
RETRY_CONNECT = 5.0
"""Seconds before the next try after a connection failed."""
ALL_STEPS = 2.5
"""An attempt as a whole may take this many times as long as one step of it."""

ABOUT_US = frozenset({401, 402, 403, 407})
"""Statuses that speak of this client's account: they wait to be repaired."""
LATER = frozenset({408, 421, 425, 429})
"""Refusals below 500 that a later try may well not meet."""

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_PARTLY_SENT = (httpx.WriteError, httpx.WriteTimeout)
_NEVER = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers, and at most MAX_ANSWER bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def taken(self) -> bool:
        """Whether the provider took the message."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is anything else."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return value if isinstance(value, dict) else {}

    def words(self) -> str:
        """The beginning of the body as one line of text, for people."""
        text = self.body[: 4 * MAX_QUOTED].decode(errors="replace")
        return quoted(text)


def quoted(text: str) -> str:
    """A provider's words as one short line."""
    return _CONTROL.sub(" ", text).strip()[:MAX_QUOTED]


def http_client(
    *, timeout: float = 20.0, connections: int = 16, http2: bool = False, **options: Any
) -> httpx.AsyncClient:
    """A client for one provider: bounded in time and connections, and following no redirect.

    `timeout` (seconds) is for each step: connecting, a free connection, writing, reading. Proxies
    of the environment are not used: what a message says goes to its provider alone.
    """
    return httpx.AsyncClient(
        timeout=timeout,
        limits=httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=30.0,
        ),
        follow_redirects=False,
        trust_env=False,
        http2=http2,
        headers={"user-agent": "Sojourn", "accept-encoding": "identity"},
        **options,
    )


async def exchange(client: httpx.AsyncClient, request: httpx.Request, *, provider: str) -> Answer:
    """Send the request, once, and read its answer whatever the status.

    Raises TransientFailure when there is no answer, ambiguous where the provider may have the
    message. `provider` names it in the reason. Raises ValueError when no such request can be made.
    """
    patience = _patience(client)
    try:
        async with asyncio.timeout(patience):
            return await _exchange(client, request)
    except _NEVER as error:
        raise ValueError(quoted(str(error))) from error
    except _UNSENT as error:
        raise TransientFailure(
            f"no connection to {provider}: {_named(error)}", RETRY_CONNECT
        ) from error
    except _PARTLY_SENT as error:
        raise TransientFailure(f"{provider} broke off: {_named(error)}") from error
    except httpx.ReadTimeout as error:
        raise TransientFailure(f"{provider} did not answer in time", ambiguous=True) from error
    except httpx.HTTPError as error:
        raise TransientFailure(
            f"{provider} broke off before its answer: {_named(error)}", ambiguous=True
        ) from error
    except TimeoutError as error:
        raise TransientFailure(
            f"{provider} took more than {patience:g} s", ambiguous=True
        ) from error


def _patience(client: httpx.AsyncClient) -> float:
    steps = [step for step in client.timeout.as_dict().values() if step is not None]
    return max(steps, default=30.0) * ALL_STEPS


async def _exchange(client: httpx.AsyncClient, request: httpx.Request) -> Answer:
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        # Raw: nothing is unpacked, so a small answer cannot become a large one.
        async for piece in response.aiter_raw():
            body += piece
            if len(body) >= MAX_ANSWER:
                break
        return Answer(response.status_code, response.headers, bytes(body[:MAX_ANSWER]))
    finally:
        await response.aclose()


def _named(error: Exception) -> str:
    return quoted(str(error)) or type(error).__name__


def refusal(
    answer: Answer, provider: str, *, reason: str | None = None, bad_address: bool = False
) -> Rejected:
    """The answer, which is no success, as a refusal for good; raises TransientFailure for the rest.

    `reason` is what the provider said, when the caller could read it from the body. A redirect
    waits too: a provider's address that moved is repaired by people.
    """
    said = quoted(reason) if reason else answer.words()
    words = f"{provider} answered {answer.status}" + (f": {said}" if said else "")
    if answer.status in ABOUT_US or 300 <= answer.status < 400:
        raise TransientFailure(words, retry_after(answer) or RETRY_ACCOUNT)
    if answer.status in LATER or not 400 <= answer.status < 500:
        later(answer, words)
    return Rejected(words, bad_address=bad_address)


def later(answer: Answer, reason: str) -> NoReturn:
    """Raise TransientFailure, with the provider's own time for the next try if it named one."""
    raise TransientFailure(reason, retry_after(answer))


def retry_after(answer: Answer, now: datetime | None = None) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as a date, within MAX_RETRY_AFTER.

    None when there is none, or none that can be read.
    """
    written = answer.headers.get("retry-after", "").strip()
    if not written or len(written) > 100:
        return None
    try:
        seconds = float(written)
    except ValueError:
        try:
            moment = parsedate_to_datetime(written)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
