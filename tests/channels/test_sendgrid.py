"""Email over SendGrid's API."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import ValidationError

from channels import email_sendgrid
from channels.email_sendgrid import SendGridAccount, SendGridChannel
from channels.errors import TransientFailure
from channels.http_answers import http_client
from channels.protocol import Channel, Delivered, OutgoingMessage, Rejected
from tests.channels.contract import outgoing
from tests.channels.http_contract import HttpChannelContract
from tests.support.providers.sendgrid import KEY, SendGrid
from tests.support.providers.serving import serving


def account(**settings: Any) -> SendGridAccount:
    given = {"api_key": KEY, "sender": "Söjourn <hello@sojourn.example>"}
    return SendGridAccount.read({**given, **settings})


@dataclass(frozen=True)
class WithHeaders(OutgoingMessage):
    headers: Mapping[str, str] = field(default_factory=dict)


def with_headers(**headers: str) -> OutgoingMessage:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return WithHeaders(**{**vars(outgoing()), "headers": names})


@pytest.fixture
def provider() -> SendGrid:
    return SendGrid()


@pytest.fixture
async def url(provider: SendGrid) -> AsyncIterator[str]:
    async with serving(provider) as url:
        yield url


@pytest.fixture
async def channel(url: str) -> AsyncIterator[SendGridChannel]:
    channel = SendGridChannel(account(), url)
    yield channel
    await channel.close()


class TestSendGrid(HttpChannelContract):
    @pytest.fixture(autouse=True)
    def _provider(self, provider: SendGrid) -> None:
        self.provider = provider

    @pytest.fixture
    async def away(self) -> AsyncIterator[Channel]:
        async with serving(SendGrid()) as gone:
            pass
        channel = SendGridChannel(account(), gone)
        yield channel
        await channel.close()

    @pytest.fixture
    async def impatient(self, url: str) -> AsyncIterator[Channel]:
        channel = SendGridChannel(account(), url)
        await channel.close()
        channel._client = http_client(timeout=0.2)
        yield channel
        await channel.close()

    async def arrived(self, message: OutgoingMessage) -> int:
        ids = [mail["custom_args"]["sojourn_message"] for mail in self.provider.mails]
        return ids.count(str(message.id))

    async def test_the_same_message_keeps_its_providers_id(self, channel: Channel) -> None:
        """SendGrid gives each request an id; ours, and the Message-ID, stay."""
        message = outgoing()
        for _ in range(2):
            await channel.send(message)
        first, again = self.provider.mails
        assert first["custom_args"] == again["custom_args"]
        assert first["headers"]["Message-ID"] == f"<{message.id}@sojourn.example>"
        assert first == again


async def test_the_mail_reads_as_it_was_written(
    channel: SendGridChannel, provider: SendGrid
) -> None:
    await channel.send(outgoing(subject="Grüße 😀", text="Hallo", html="<p>Hallo</p>"))
    (mail,) = provider.mails
    assert mail["from"] == {"email": "hello@sojourn.example", "name": "Söjourn"}
    assert mail["personalizations"] == [{"to": [{"email": "ana@example.com"}]}]
    assert mail["subject"] == "Grüße 😀"
    assert mail["content"] == [
        {"type": "text/plain", "value": "Hallo"},
        {"type": "text/html", "value": "<p>Hallo</p>"},
    ]


async def test_links_are_not_rewritten_by_the_provider_too(
    channel: SendGridChannel, provider: SendGrid
) -> None:
    await channel.send(outgoing())
    tracking = provider.mails[0]["tracking_settings"]
    assert not any(setting["enable"] for setting in tracking.values())


async def test_replies_go_where_the_account_says(url: str, provider: SendGrid) -> None:
    channel = SendGridChannel(account(reply_to="Help <help@sojourn.example>"), url)
    await channel.send(outgoing())
    await channel.close()
    assert provider.mails[0]["reply_to"] == {"email": "help@sojourn.example", "name": "Help"}


async def test_headers_of_the_message_pass_through(
    channel: SendGridChannel, provider: SendGrid
) -> None:
    message = with_headers(
        List_Unsubscribe="<https://sojourn.example/u/1>",
        List_Unsubscribe_Post="List-Unsubscribe=One-Click",
    )
    assert isinstance(await channel.send(message), Delivered)
    headers = provider.mails[0]["headers"]
    assert headers["List-Unsubscribe"] == "<https://sojourn.example/u/1>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "message",
    [
        outgoing(subject="Hi\r\nBcc: all@example.com"),
        outgoing(subject="Hi\u2028there"),
        with_headers(X_Note="a\r\nBcc: all@example.com"),
        with_headers(X_Note="a\x00b"),
        with_headers(Bcc="all@example.com"),
        with_headers(**{"X Note": "a"}),
        with_headers(**{"X:Note\r\n": "a"}),
    ],
    ids=["subject", "line-separator", "value", "nul", "bcc", "blank", "name"],
)
async def test_no_header_can_be_added_by_data(
    channel: SendGridChannel, provider: SendGrid, message: OutgoingMessage
) -> None:
    assert isinstance(await channel.send(message), Rejected)
    assert provider.asked == []


async def test_an_address_that_the_provider_refuses_is_bad(
    channel: SendGridChannel, provider: SendGrid
) -> None:
    result = await channel.send(outgoing(to="ána@example.com"))
    assert isinstance(result, Rejected)
    assert result.bad_address
    assert "Does not contain a valid address" in result.reason
    result = await channel.send(outgoing(subject=""))
    assert isinstance(result, Rejected)
    assert not result.bad_address


async def test_an_expired_key_waits_to_be_replaced(url: str, provider: SendGrid) -> None:
    channel = SendGridChannel(account(api_key="SG.old"), url)
    with pytest.raises(TransientFailure, match="expired"):
        await channel.send(outgoing())
    await channel.close()


async def test_a_sender_that_is_not_verified_waits_to_be_verified(
    channel: SendGridChannel, provider: SendGrid
) -> None:
    provider.verified.clear()
    with pytest.raises(TransientFailure, match="verified Sender"):
        await channel.send(outgoing())
    provider.verified.add("hello@sojourn.example")
    assert isinstance(await channel.send(outgoing()), Delivered)


async def test_a_mail_that_is_too_large_is_not_sent(
    channel: SendGridChannel, provider: SendGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_sendgrid, "MAX_BODY", 5000)
    assert isinstance(await channel.send(outgoing(text="x" * 6000)), Rejected)
    assert provider.asked == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "nobody"},
        {"sender": "A <a@b.example>\r\nBcc: c@d.example"},
        {"reply_to": "nobody"},
        {"region": "moon"},
        {"api_key": 7},
        {"other": 1},
    ],
    ids=str,
)
def test_settings_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        account(**wrong)


def test_the_region_decides_where_mail_is_handed_over() -> None:
    assert SendGridChannel(account(region="eu"))._url == "https://api.eu.sendgrid.com/v3/mail/send"
    assert SendGridChannel(account())._url == "https://api.sendgrid.com/v3/mail/send"
    assert account().secret_fields() == {"api_key"}
