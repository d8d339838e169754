"""Webhooks, verified by a receiver."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from channels.http_answers import http_client
from channels.protocol import Channel, Delivered, OutgoingMessage, Rejected
from channels.provider_settings import ProviderContext
from channels.webhook import WebhookAccount, WebhookChannel, open_webhook, secret_bytes, signatures
from journeys.templates import RenderedMessage
from tests.channels.contract import WORKSPACE
from tests.channels.http_contract import HttpChannelContract
from tests.support.providers.serving import serving
from tests.support.providers.webhook_receiver import Receiver


def new_secret(seed: str) -> str:
    return "whsec_" + base64.b64encode(seed.encode() * 4).decode()


SECRET = new_secret("12345678")
OLD_SECRET = new_secret("87654321")
PRIVATE = ProviderContext(private_addresses=True)


def account(**settings: Any) -> WebhookAccount:
    return WebhookAccount.read({"secrets": [SECRET], **settings})


def hook(link: str, body: str | None = None, **data: Any) -> OutgoingMessage:
    return OutgoingMessage(
        uuid4(), WORKSPACE, "u-1", RenderedMessage(link=link, body=body, data=data)
    )


@pytest.fixture
def provider() -> Receiver:
    return Receiver(SECRET)


@pytest.fixture
async def url(provider: Receiver) -> AsyncIterator[str]:
    async with serving(provider) as url:
        yield url


@pytest.fixture
async def channel(url: str) -> AsyncIterator[Channel]:
    channel = open_webhook(account(), PRIVATE)
    yield channel
    await channel.close()


class TestWebhook(HttpChannelContract):
    needs_an_address = False
    head = None
    text = "body"

    @pytest.fixture(autouse=True)
    def _provider(self, provider: Receiver, url: str) -> None:
        self.provider, self.url = provider, url

    def message(
        self, head: str = "Hello", text: str = '{"hello": "Ana"}', to: str | None = None
    ) -> OutgoingMessage:
        message = super().message(head, text, to)
        return replace(message, content=replace(message.content, link=f"{self.url}/hook?a=b"))

    @pytest.fixture
    async def away(self) -> AsyncIterator[Channel]:
        async with serving(Receiver(SECRET)) as gone:
            pass
        self.url = gone
        channel = open_webhook(account(), PRIVATE)
        yield channel
        await channel.close()

    @pytest.fixture
    async def impatient(self) -> AsyncIterator[Channel]:
        channel = WebhookChannel(account(), http_client(timeout=0.2), private_addresses=True)
        yield channel
        await channel.close()

    async def arrived(self, message: OutgoingMessage) -> int:
        return int(str(message.id) in self.provider.got)


async def test_the_templates_body_is_sent_as_it_is(
    channel: Channel, provider: Receiver, url: str
) -> None:
    message = hook(f"{url}/hook", '{"b": 1,  "a": "Grüße"}')
    assert await channel.send(message) == Delivered(str(message.id))
    assert provider.asked[0].body == '{"b": 1,  "a": "Grüße"}'.encode()
    assert provider.asked[0].headers["content-type"] == "application/json"


async def test_without_a_body_the_data_is_sent_with_the_contact(
    channel: Channel, provider: Receiver, url: str
) -> None:
    message = hook(f"{url}/hook", plan="pro", items=[1, 2])
    await channel.send(message)
    assert provider.got[str(message.id)] == {
        "type": "message",
        "message_id": str(message.id),
        "contact": "u-1",
        "data": {"plan": "pro", "items": [1, 2]},
    }


async def test_a_body_that_is_not_json_is_not_sent(
    channel: Channel, provider: Receiver, url: str
) -> None:
    result = await channel.send(hook(f"{url}/hook", '{"name": "O"Neil"}'))
    assert isinstance(result, Rejected)
    assert "not JSON" in result.reason
    assert provider.asked == []


async def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification's libraries."""
    key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signatures([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_secrets_are_replaced_without_a_gap(url: str, provider: Receiver) -> None:
    for secrets, knows in (
        ([SECRET, OLD_SECRET], OLD_SECRET),
        ([SECRET, OLD_SECRET], SECRET),
    ):
        provider.key = secret_bytes(knows)
        channel = open_webhook(account(secrets=secrets), PRIVATE)
        assert isinstance(await channel.send(hook(f"{url}/hook", "{}")), Delivered)
        await channel.close()


async def test_an_authorization_is_sent_where_one_is_set(url: str, provider: Receiver) -> None:
    channel = open_webhook(account(authorization="Bearer abc"), PRIVATE)
    await channel.send(hook(f"{url}/hook", "{}"))
    await channel.close()
    assert provider.asked[0].headers["authorization"] == "Bearer abc"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"])
async def test_private_addresses_are_refused(host: str) -> None:
    channel = open_webhook(account(), ProviderContext())
    result = await channel.send(hook(f"https://{host}/latest/meta-data", "{}"))
    await channel.close()
    assert result == Rejected(f"webhook: the host {host.strip('[]')} is not a public one")


@pytest.mark.parametrize(
    "link", [None, "", "http://example.com/", "file:///etc/passwd", "https://u:p@example.com/", "x"]
)
async def test_a_link_that_is_not_called(link: str | None) -> None:
    channel = open_webhook(account(), ProviderContext())
    result = await channel.send(hook(link, "{}"))  # type: ignore[arg-type]
    await channel.close()
    assert isinstance(result, Rejected)
    assert result.reason.startswith("webhook: ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"secrets": []},
        {"secrets": ["whsec_short"]},
        {"secrets": ["whsec_" + "!" * 32]},
        {"secrets": ["whsec_" + base64.b64encode(b"x" * 65).decode()]},
        {"secrets": [SECRET] * 6},
        {"authorization": "Bearer a\r\nX: y"},
        {"authorization": ""},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_settings_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        account(**wrong)
    assert SECRET not in str(caught.value)


def test_its_secrets_are_named() -> None:
    assert account().secret_fields() == {"secrets", "authorization"}
