"""Connections that go to public hosts alone."""

import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import trustme

from channels import public_hosts
from channels.errors import TransientFailure
from channels.http_answers import Answer, exchange
from channels.public_hosts import PrivateAddressError, is_public, public_client, resolve
from channels.web_urls import outside_url
from tests.support.providers.serving import serving


async def hello(scope: Any, receive: Any, send: Any) -> None:
    host = dict(scope["headers"])[b"host"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": host})


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(hello) as url:
        yield url


async def get(client: httpx.AsyncClient, url: str) -> Answer:
    async with client:
        return await exchange(client, client.build_request("GET", url), provider="the host")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
     "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
     "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "2001:db8::1",
     "2001:0:7f00:1::", "not an address", ""],
)  # fmt: skip
def test_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


async def test_this_machine_is_not_called_by_address_or_name(url: str) -> None:
    port = url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1"):
        with pytest.raises((PrivateAddressError, TransientFailure)) as caught:
            await get(public_client(), f"http://{host}:{port}/")
        assert not isinstance(caught.value, TransientFailure) or "unknown" in str(caught.value)


async def test_a_setting_lets_it_be_called(url: str) -> None:
    assert (await get(public_client(private_addresses=True), url)).taken


async def test_what_was_checked_is_what_is_connected_to(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads to a public address first and into the network a moment later."""
    answers = iter([["127.0.0.2", "127.0.0.1"], ["10.0.0.1"]])
    asked = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    monkeypatch.setattr(public_hosts, "is_public", lambda address: address == "127.0.0.1")
    port = url.rpartition(":")[2]
    client = public_client(resolve=rebinding)
    answer = await exchange(
        client, client.build_request("GET", f"http://shop.example:{port}/"), provider="the host"
    )
    assert answer.body.decode() == f"shop.example:{port}"
    assert asked == ["shop.example"]
    await client.aclose()
    again = public_client(resolve=rebinding)
    with pytest.raises(PrivateAddressError):
        await get(again, f"http://shop.example:{port}/")


async def test_the_certificate_must_be_of_the_name_and_not_of_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("shop.example").configure_cert(tls)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(public_hosts, "is_public", lambda address: address == "127.0.0.1")
    async with serving(hello, tls=tls) as url:
        port = url.rpartition(":")[2]
        right = public_client(resolve=here, verify=trusting)
        assert (await get(right, f"https://shop.example:{port}/")).taken
        wrong = public_client(resolve=here, verify=trusting)
        with pytest.raises(TransientFailure, match="certificate"):
            await get(wrong, f"https://bank.example:{port}/")


async def test_the_next_address_is_tried_when_the_first_does_not_answer(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def two(host: str, port: int) -> list[str]:
        return ["127.0.0.77", "127.0.0.1"]

    monkeypatch.setattr(public_hosts, "is_public", lambda _: True)
    port = url.rpartition(":")[2]
    assert (await get(public_client(resolve=two), f"http://shop.example:{port}/")).taken


async def test_a_name_that_is_unknown_may_be_known_later() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("nobody knows")

    with pytest.raises(TransientFailure, match="unknown"):
        await get(public_client(resolve=unknown), "https://nowhere.example/")


async def test_names_are_resolved_by_the_system() -> None:
    assert set(await resolve("localhost", 80)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "no URL"),
        ("http://example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("gopher://example.com", "https://"),
        ("https://", "host"),
        ("https://user:secret@example.com/", "password"),
        ("https://example.com:99999/", "no URL"),
        ("https://exa mple.com/", "no URL"),
        ("https://example.com/" + "x" * 3000, "longer"),
        ("//example.com/", "https://"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_url_that_is_not_called(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        outside_url(written)
    assert "secret" not in str(caught.value)


def test_plain_http_is_for_private_networks() -> None:
    assert outside_url("http://hooks.internal/x", plain_http=True).host == "hooks.internal"
    assert outside_url(" https://example.com/a?b=c ").path == "/a"
