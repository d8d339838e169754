"""What answers of HTTP providers mean, over real connections."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from channels import http_answers
from channels.errors import TransientFailure
from channels.http_answers import Answer, exchange, http_client, refusal, retry_after
from channels.protocol import Rejected


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, httpx.Headers(names), body)


@pytest.mark.parametrize("status", [400, 404, 409, 410, 413, 415, 422])
def test_a_refusal_of_the_message_is_for_good(status: int) -> None:
    result = refusal(answer(status, b"no such\r\nthing"), "the provider")
    assert result == Rejected(f"the provider answered {status}: no such thing")


def test_a_refusal_can_say_that_the_address_is_bad() -> None:
    result = refusal(answer(400), "the provider", reason="no such number", bad_address=True)
    assert result == Rejected("the provider answered 400: no such number", bad_address=True)


@pytest.mark.parametrize("status", [301, 307, 401, 402, 403, 407])
def test_a_refusal_of_the_account_waits_to_be_repaired(status: int) -> None:
    with pytest.raises(TransientFailure) as caught:
        refusal(answer(status, b"bad key"), "the provider", bad_address=True)
    assert caught.value.retry_after == http_answers.RETRY_ACCOUNT
    assert not caught.value.ambiguous


@pytest.mark.parametrize("status", [408, 421, 425, 429, 500, 502, 503, 504, 529])
def test_a_provider_in_trouble_is_asked_again(status: int) -> None:
    with pytest.raises(TransientFailure) as caught:
        refusal(answer(status, retry_after="7"), "the provider")
    assert caught.value.retry_after == 7


NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0.0),
        ("12", 12.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("999999999", http_answers.MAX_RETRY_AFTER),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(hours=9), usegmt=True), 0.0),
        ("Fri, 01 May 2026 12:00:30 -0000", 30.0),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        ("9" * 5000, None),
        ("Fri, 99 May 2026 12:00:30 GMT", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_time_that_a_provider_names_is_kept_to_within_bounds(
    written: str, seconds: float | None
) -> None:
    assert retry_after(answer(429, retry_after=written), NOW) == seconds


def test_words_of_a_provider_are_one_short_line() -> None:
    assert answer(500, b"a\r\nb\x00c\xff" + b"x" * 5000).words().startswith("a b c")
    assert len(answer(500, b"x" * 5000).words()) == http_answers.MAX_QUOTED
    assert answer(200, b"[1]").json() == {}
    assert answer(200, b"{").json() == {}


Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(converse: Converse) -> AsyncIterator[str]:
    """A server that does with each connection what the test says."""
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            running.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()


async def post(url: str, body: bytes = b"{}", *, patience: float = 0.3) -> Answer:
    async with http_client(timeout=patience) as client:
        return await exchange(
            client, client.build_request("POST", url, content=body), provider="the provider"
        )


async def test_a_server_that_is_not_there_has_certainly_not_taken_it() -> None:
    async with raw_server(lambda _r, w: w.drain()) as url:
        pass
    with pytest.raises(TransientFailure, match="no connection to the provider") as caught:
        await post(url)
    assert not caught.value.ambiguous
    assert caught.value.retry_after


async def test_a_server_that_never_reads_the_request_has_certainly_not_taken_it() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.Event().wait()

    async with raw_server(deaf) as url:
        with pytest.raises(TransientFailure) as caught:
            await post(url, b"x" * 50_000_000)
    assert not caught.value.ambiguous


async def test_a_server_that_is_silent_after_the_request_may_have_taken_it() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        await asyncio.Event().wait()

    async with raw_server(silent) as url:
        with pytest.raises(TransientFailure, match="in time") as caught:
            await post(url)
    assert caught.value.ambiguous


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 20", b"HELLO\r\n\r\n"], ids=["", "cut", "odd"])
async def test_a_server_that_breaks_off_before_its_answer_may_have_taken_it(reply: bytes) -> None:
    async def breaking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(reply)
        await writer.drain()

    async with raw_server(breaking) as url:
        with pytest.raises(TransientFailure) as caught:
            await post(url)
    assert caught.value.ambiguous


async def test_a_server_that_answers_by_drops_is_given_up_on() -> None:
    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with raw_server(dripping) as url:
        started = time.monotonic()
        with pytest.raises(TransientFailure) as caught:
            await post(url, patience=0.2)
    assert caught.value.ambiguous
    assert time.monotonic() - started < 30


async def test_an_answer_without_end_is_cut() -> None:
    async def flooding(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"." * 65536)
            await writer.drain()

    async with raw_server(flooding) as url:
        result = await post(url, patience=5)
    assert result.taken
    assert len(result.body) == http_answers.MAX_ANSWER


async def test_a_packed_answer_is_not_unpacked() -> None:
    packed = gzip.compress(b"0" * 10_000_000)

    async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        head = (
            f"HTTP/1.1 400 Bad\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n"
        )
        writer.write(head.encode() + packed)
        await writer.drain()

    async with raw_server(bomb) as url:
        result = await post(url, patience=5)
    assert len(result.body) == len(packed)
    assert isinstance(refusal(result, "the provider"), Rejected)


async def test_a_redirect_is_not_followed() -> None:
    asked = 0

    async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    async with raw_server(moved) as url:
        assert (await post(url)).status == 302
    assert asked == 1


@pytest.mark.parametrize("url", ["ftp://example.com/", "http://"])
async def test_a_request_that_cannot_be_made_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match="protocol"):
        await post(url)
