"""Push messages to browsers: encrypted, signed, and read by a browser."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from channels import web_push
from channels.errors import TransientFailure
from channels.http_answers import http_client
from channels.protocol import (
    Channel,
    Delivered,
    Device,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from channels.provider_settings import ProviderContext
from channels.web_push import WebPushAccount, WebPushChannel, open_web_push
from journeys.templates import RenderedMessage
from tests.channels.contract import WORKSPACE
from tests.channels.http_contract import HttpChannelContract
from tests.support.providers.push_service import Browser, PushService, bytes_of, text_of
from tests.support.providers.serving import serving
from tests.support.providers.speaking import Reply

PRIVATE = ProviderContext(private_addresses=True)


def new_pair() -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    number = key.private_numbers().private_value.to_bytes(32)
    return {"private_key": text_of(number), "public_key": text_of(point)}


PAIR = new_pair()


def account(**settings: Any) -> WebPushAccount:
    return WebPushAccount.read({**PAIR, "subject": "mailto:ops@sojourn.example", **settings})


def push(to: str, **parts: Any) -> OutgoingMessage:
    content = RenderedMessage(**{"title": "Hello", "body": "Hi Ana", **parts})
    return OutgoingMessage(uuid4(), WORKSPACE, to, content)


@pytest.fixture
async def provider() -> AsyncIterator[PushService]:
    service = PushService(PAIR["public_key"])
    async with serving(service) as url:
        service.url = url
        yield service


@pytest.fixture
def browser(provider: PushService) -> Browser:
    return provider.subscribe()


@pytest.fixture
async def channel() -> AsyncIterator[Channel]:
    channel = open_web_push(account(), PRIVATE)
    yield channel
    await channel.close()


class TestWebPush(HttpChannelContract):
    head = "title"
    text = "body"

    @pytest.fixture(autouse=True)
    def _provider(self, provider: PushService, browser: Browser) -> None:
        self.provider, self.browser = provider, browser
        self.to = browser.subscription

    @pytest.fixture
    async def away(self) -> AsyncIterator[Channel]:
        async with serving(PushService("")) as gone:
            pass
        self.to = Browser(f"{gone}/push/1").subscription
        channel = open_web_push(account(), PRIVATE)
        yield channel
        await channel.close()

    @pytest.fixture
    async def impatient(self) -> AsyncIterator[Channel]:
        channel = WebPushChannel(account(), http_client(timeout=0.2), private_addresses=True)
        yield channel
        await channel.close()

    async def arrived(self, message: OutgoingMessage) -> int:
        ids = [got["message_id"] for got in self.browser.got]
        return ids.count(str(message.id))

    async def test_a_reachable_contact_has_an_address(self, channel: Channel) -> None:
        web = Recipient(contact_id=UUID(int=2), devices=(Device(self.to, "web"),))
        assert channel.address(web) == self.to
        phone = Recipient(contact_id=UUID(int=2), devices=(Device("token", "android"),))
        assert channel.address(phone) == Unreachable("no browser")


async def test_only_the_browser_can_read_what_was_sent(
    channel: Channel, provider: PushService, browser: Browser
) -> None:
    message = push(
        browser.subscription, title="Grüße 😀", link="https://shop.example/a", data={"plan": "pro"}
    )
    assert await channel.send(message) == Delivered(str(message.id))
    assert browser.got == [
        {
            "message_id": str(message.id),
            "title": "Grüße 😀",
            "body": "Hi Ana",
            "link": "https://shop.example/a",
            "data": {"plan": "pro"},
        }
    ]
    assert b"Ana" not in provider.asked[0].body
    await channel.send(message)
    assert provider.asked[0].body != provider.asked[1].body


async def test_a_repeated_message_replaces_itself_while_it_waits(
    channel: Channel, provider: PushService, browser: Browser
) -> None:
    message, other = push(browser.subscription), push(browser.subscription)
    for one in (message, message, other):
        await channel.send(one)
    topics = [asked.headers["topic"] for asked in provider.asked]
    assert topics[0] == topics[1] != topics[2]
    assert len(topics[0]) == 32
    assert provider.asked[0].headers["ttl"] == "86400"
    assert provider.asked[0].headers["urgency"] == "normal"


async def test_data_says_how_urgent_it_is(
    channel: Channel, provider: PushService, browser: Browser
) -> None:
    for urgency in ("high", "x\r\nEvil: 1"):
        await channel.send(push(browser.subscription, data={"urgency": urgency}))
    assert [asked.headers["urgency"] for asked in provider.asked] == ["high", "normal"]


async def test_a_token_is_signed_once_for_each_push_service(
    provider: PushService, browser: Browser
) -> None:
    channel = WebPushChannel(account(), http_client(), private_addresses=True)
    await asyncio.gather(*(channel.send(push(browser.subscription)) for _ in range(10)))
    await channel.close()
    assert len({asked.headers["authorization"] for asked in provider.asked}) == 1


async def test_a_token_is_signed_again_before_it_ends(
    provider: PushService, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = WebPushChannel(account(), http_client(), private_addresses=True)
    await channel.send(push(browser.subscription))
    (origin,) = channel._tokens
    channel._tokens[origin] = (channel._tokens[origin][0] - web_push.TOKEN_LIFE, "stale")
    assert isinstance(await channel.send(push(browser.subscription)), Delivered)
    monkeypatch.setattr(web_push, "MAX_TOKENS", 3)
    for port in range(10):
        channel._token(f"https://push{port}.example")
    assert len(channel._tokens) == 3
    await channel.close()


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_ended_is_dead(
    channel: Channel, provider: PushService, browser: Browser, status: int
) -> None:
    provider.first = [Reply(status, b"gone")]
    result = await channel.send(push(browser.subscription))
    assert isinstance(result, Rejected)
    assert result.dead == (browser.subscription,)
    assert result.bad_address


async def test_a_subscription_for_another_key_waits_to_be_repaired(
    provider: PushService, browser: Browser
) -> None:
    channel = open_web_push(account(**new_pair()), PRIVATE)
    with pytest.raises(TransientFailure, match="VAPID"):
        await channel.send(push(browser.subscription))
    await channel.close()


async def test_the_largest_message_passes_and_a_larger_one_is_not_sent(
    channel: Channel, provider: PushService, browser: Browser
) -> None:
    def of_size(size: int) -> OutgoingMessage:
        empty = push(browser.subscription, body="x")
        padding = size - len(web_push._payload(empty)) + 1
        return replace(empty, content=replace(empty.content, body="x" * padding))

    assert isinstance(await channel.send(of_size(web_push.MAX_PAYLOAD)), Delivered)
    assert len(provider.asked[0].body) == 4096
    result = await channel.send(of_size(web_push.MAX_PAYLOAD + 1))
    assert isinstance(result, Rejected)
    assert not result.dead
    assert len(provider.asked) == 1


def changed(**parts: Any) -> str:
    subscription = json.loads(Browser("https://push.example/1").subscription)
    return json.dumps({**subscription, **parts})


GOOD = json.loads(changed())["keys"]


@pytest.mark.parametrize(
    "token",
    [
        "",
        "null",
        "[]",
        "{}",
        "fcm-token",
        changed(endpoint=7),
        changed(endpoint="http://push.example/1"),
        changed(endpoint="file:///etc/passwd"),
        changed(endpoint="https://user:p@push.example/"),
        changed(keys=[]),
        changed(keys={**GOOD, "auth": "AAAA"}),
        changed(keys={**GOOD, "auth": 7}),
        changed(keys={**GOOD, "p256dh": text_of(b"\x04" + b"\x01" * 64)}),
        changed(keys={**GOOD, "p256dh": text_of(bytes_of(GOOD["p256dh"])[:-1])}),
        changed(padding="x" * 5000),
        changed(endpoint="https://127.0.0.1/push"),
        changed(endpoint="https://[::1]/push"),
        changed(endpoint="https://169.254.169.254/latest/meta-data"),
        changed(endpoint="https://localhost/push"),
    ],
    ids=range(19),
)
async def test_a_subscription_that_cannot_be_is_dead_and_nothing_is_called(token: str) -> None:
    channel = open_web_push(account(), ProviderContext())
    result = await channel.send(push(token))
    await channel.close()
    assert isinstance(result, Rejected)
    assert result.reason.startswith("web push: ")
    assert result.dead == (token,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"private_key": "abc"},
        {"private_key": text_of(b"\x00" * 32)},
        {"private_key": text_of(b"\xff" * 32)},
        {"private_key": "!" * 43},
        {"public_key": new_pair()["public_key"]},
        {"subject": "ops@sojourn.example"},
    ],
    ids=["short", "zero", "large", "odd", "of-another", "subject"],
)
def test_settings_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        account(**wrong)
    assert PAIR["private_key"] not in str(caught.value)


def test_its_secrets_are_named() -> None:
    assert account().secret_fields() == {"private_key"}
