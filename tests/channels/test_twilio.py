"""SMS over Twilio's API."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from channels.errors import TransientFailure
from channels.http_answers import RETRY_ACCOUNT, http_client
from channels.phones import phone_number
from channels.protocol import Channel, Delivered, OutgoingMessage, Recipient, Rejected, Unreachable
from channels.sms_twilio import MAX_TEXT, TwilioAccount, TwilioChannel
from tests.channels.contract import outgoing
from tests.channels.http_contract import HttpChannelContract
from tests.support.providers.serving import serving
from tests.support.providers.twilio import ACCOUNT, TOKEN, Twilio, error

NUMBER = "+33123456789"
HOOKS = "https://sojourn.example/v1/hooks/twilio/p1"


def account(**settings: Any) -> TwilioAccount:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": "+15005550006"}
    return TwilioAccount.read({**given, **settings})


def sms(text: str = "Hi Ana", to: str = NUMBER) -> OutgoingMessage:
    return outgoing(to=to, text=text)


@pytest.fixture
def provider() -> Twilio:
    return Twilio()


@pytest.fixture
async def url(provider: Twilio) -> AsyncIterator[str]:
    async with serving(provider) as url:
        yield url


@pytest.fixture
async def channel(url: str) -> AsyncIterator[TwilioChannel]:
    channel = TwilioChannel(account(), url, HOOKS)
    yield channel
    await channel.close()


class TestTwilio(HttpChannelContract):
    to = NUMBER
    head = None

    @pytest.fixture(autouse=True)
    def _provider(self, provider: Twilio) -> None:
        self.provider = provider

    @pytest.fixture
    async def away(self) -> AsyncIterator[Channel]:
        async with serving(Twilio()) as gone:
            pass
        channel = TwilioChannel(account(), gone)
        yield channel
        await channel.close()

    @pytest.fixture
    async def impatient(self, url: str) -> AsyncIterator[Channel]:
        channel = TwilioChannel(account(), url)
        await channel.close()
        channel._client = http_client(timeout=0.2, auth=channel._auth)
        yield channel
        await channel.close()

    async def arrived(self, message: OutgoingMessage) -> int:
        callback = f"{HOOKS}?message={message.id}"
        return sum(form.get("StatusCallback") == callback for form in self.provider.sent)

    async def test_the_same_message_keeps_its_providers_id(self, channel: Channel) -> None:
        """Twilio gives each request an id; the callbacks' address is the same for all of them."""
        message = sms()
        results = [await channel.send(message) for _ in range(2)]
        assert all(isinstance(result, Delivered) for result in results)
        assert self.provider.sent[0] == self.provider.sent[1]


async def test_the_sms_reads_as_it_was_written(channel: TwilioChannel, provider: Twilio) -> None:
    message = sms("Grüße & 1+1=2 😀\nBye", to=" +33 (1) 23-45.67 89 ")
    result = await channel.send(message)
    assert provider.sent == [
        {
            "To": NUMBER,
            "From": "+15005550006",
            "Body": "Grüße & 1+1=2 😀\nBye",
            "StatusCallback": f"{HOOKS}?message={message.id}",
        }
    ]
    assert isinstance(result, Delivered)
    assert result.provider_id.startswith("SM")


async def test_without_a_public_url_no_callback_is_asked_for(url: str, provider: Twilio) -> None:
    service = "MG" + "2" * 32
    channel = TwilioChannel(account(sender=None, messaging_service=service), url)
    await channel.send(sms())
    await channel.close()
    assert provider.sent == [{"To": NUMBER, "Body": "Hi Ana", "MessagingServiceSid": service}]


async def test_an_api_key_may_be_used_instead_of_the_token(url: str, provider: Twilio) -> None:
    key = "SK" + "3" * 32
    provider.logins = {key: "its-secret"}
    channel = TwilioChannel(account(api_key=key, api_secret="its-secret"), url)
    assert isinstance(await channel.send(sms()), Delivered)
    await channel.close()


async def test_who_opted_out_is_not_written_to_again(
    channel: TwilioChannel, provider: Twilio
) -> None:
    provider.opted_out.add(NUMBER)
    result = await channel.send(sms())
    assert isinstance(result, Rejected)
    assert result.reason.startswith("opted out: ")
    assert result.bad_address


async def test_a_number_that_takes_no_sms_is_a_bad_address(
    channel: TwilioChannel, provider: Twilio
) -> None:
    provider.landlines.add(NUMBER)
    result = await channel.send(sms())
    assert isinstance(result, Rejected)
    assert result.bad_address
    provider.first = [error(400, 21211, "Invalid 'To' Phone Number: +33123456789")]
    result = await channel.send(sms())
    assert isinstance(result, Rejected)
    assert result.bad_address


@pytest.mark.parametrize("code", [20003, 21408, 21606, 21659, 21703])
async def test_a_sender_that_may_not_send_waits_to_be_repaired(
    channel: TwilioChannel, provider: Twilio, code: int
) -> None:
    provider.first = [error(400, code, "not allowed")]
    with pytest.raises(TransientFailure, match=str(code)) as caught:
        await channel.send(sms())
    assert caught.value.retry_after == RETRY_ACCOUNT


async def test_a_full_queue_is_tried_again(channel: TwilioChannel, provider: Twilio) -> None:
    provider.first = [error(429, 21611, "queue is full", **{"retry-after": "3"})]
    with pytest.raises(TransientFailure) as caught:
        await channel.send(sms())
    assert caught.value.retry_after == 3


async def test_a_revoked_token_waits_to_be_replaced(url: str, provider: Twilio) -> None:
    channel = TwilioChannel(account(auth_token="old"), url)
    with pytest.raises(TransientFailure, match="20003: Authenticate"):
        await channel.send(sms())
    await channel.close()


@pytest.mark.parametrize("text", ["", " \n ", "x" * (MAX_TEXT + 1)], ids=["", "blank", "long"])
async def test_what_the_provider_never_takes_is_not_sent(
    channel: TwilioChannel, provider: Twilio, text: str
) -> None:
    result = await channel.send(sms(text))
    assert isinstance(result, Rejected)
    assert not result.bad_address
    assert provider.asked == []


@pytest.mark.parametrize(
    "phone",
    ["0123456789", "0033123456789", "+0123456789", "+331", "+3312345678901234", "33123456789",
     "+33123456789\r\nX: y", "+33123456789;ext=1", "+33١٢٣٤٥٦٧٨٩", "call me", "+" + "1" * 100],
)  # fmt: skip
async def test_what_is_no_international_number_is_unreachable(
    channel: TwilioChannel, phone: str
) -> None:
    assert phone_number(phone) is None
    recipient = Recipient(contact_id=UUID(int=3), phone=phone)
    assert channel.address(recipient) == Unreachable("invalid phone")


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_sid": "AC1"},
        {"account_sid": ACCOUNT + "/../x"},
        {"sender": None},
        {"messaging_service": "MG" + "2" * 32},
        {"sender": "0123\r\n"},
        {"api_key": "SK" + "3" * 32},
        {"api_secret": "x"},
    ],
    ids=str,
)
def test_settings_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        account(**wrong)


def test_its_secrets_are_named() -> None:
    assert account().secret_fields() == {"auth_token", "api_secret"}
