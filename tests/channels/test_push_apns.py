"""Push by Apple's push service, over real HTTP/2."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from channels.errors import TransientFailure
from channels.http_answers import http_client
from channels.protocol import Channel, Delivered, Device, OutgoingMessage, Recipient, Rejected
from channels.push_apns import ApnsAccount, ApnsChannel
from tests.channels.contract import REACHABLE
from tests.channels.http_contract import HttpChannelContract
from tests.support.providers.apple import KEY_ID, TEAM, TOPIC, Apns, p8, refused
from tests.support.providers.serving_http2 import serving_http2
from tests.support.providers.speaking import Reply

TOKEN = "ab" * 32
Server = tuple[str, ssl.SSLContext]


def account(**settings: Any) -> ApnsAccount:
    given = {"team_id": TEAM, "key_id": KEY_ID, "private_key": p8(), "bundle_id": TOPIC}
    return ApnsAccount.read({**given, **settings})


def connected(server: Server, timeout: float = 20.0, **settings: Any) -> ApnsChannel:
    url, trusting = server
    return ApnsChannel(
        account(**settings), url, http_client(timeout=timeout, http2=True, verify=trusting)
    )


@pytest.fixture
def provider() -> Apns:
    return Apns()


@pytest.fixture
async def server(provider: Apns) -> AsyncIterator[Server]:
    async with serving_http2(provider) as server:
        yield server


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[ApnsChannel]:
    channel = connected(server)
    yield channel
    await channel.close()


class TestApns(HttpChannelContract):
    to = TOKEN
    head = "title"
    text = "body"

    @pytest.fixture(autouse=True)
    def _provider(self, provider: Apns) -> None:
        self.provider = provider

    @pytest.fixture
    async def away(self) -> AsyncIterator[Channel]:
        async with serving_http2(Apns()) as gone:
            pass
        channel = connected(gone)
        yield channel
        await channel.close()

    @pytest.fixture
    async def impatient(self, server: Server) -> AsyncIterator[Channel]:
        channel = connected(server, timeout=0.5)
        yield channel
        await channel.close()

    async def arrived(self, message: OutgoingMessage) -> int:
        ids = [payload["message_id"] for _, payload in self.provider.pushes]
        return ids.count(str(message.id))

    async def test_a_reachable_contact_has_an_address(self, channel: Channel) -> None:
        somebody = replace(REACHABLE, devices=(Device(TOKEN, "ios"),))
        assert channel.address(somebody) == TOKEN


def push(**parts: Any) -> OutgoingMessage:
    message = TestApns().message("Go", "Now")
    return replace(message, content=replace(message.content, **parts))


async def test_every_part_of_the_push_is_carried(channel: ApnsChannel, provider: Apns) -> None:
    message = push(
        image="https://img.example/a.png", link="shop://sale", sound="ping.caf", badge="3",
        collapse_id="sale", data={"plan": "p1", "count": 2},
    )  # fmt: skip
    result = await channel.send(message)
    [(asked, payload)] = provider.pushes
    assert result == Delivered(asked.headers["apns-id"])
    assert payload == {
        "aps": {
            "alert": {"title": "Go", "body": "Now"},
            "sound": "ping.caf", "badge": 3, "mutable-content": 1,
        },
        "plan": "p1", "count": 2, "link": "shop://sale", "image": "https://img.example/a.png",
        "message_id": str(message.id),
    }  # fmt: skip
    assert asked.headers["apns-collapse-id"] == "sale"
    assert asked.headers["apns-priority"] == "10"
    assert 23 * 3600 < int(asked.headers["apns-expiration"]) - time.time() <= 24 * 3600
    assert provider.versions == {"2"}


async def test_a_repeat_takes_the_place_of_the_first(channel: ApnsChannel, provider: Apns) -> None:
    message = push()
    await channel.send(message)
    await channel.send(message)
    first, again = (asked.headers for asked, _ in provider.pushes)
    assert first["apns-collapse-id"] == again["apns-collapse-id"] == str(message.id)
    assert first["apns-id"] == again["apns-id"]


async def test_the_senders_token_serves_many_messages(channel: ApnsChannel, provider: Apns) -> None:
    results = await asyncio.gather(*(channel.send(push()) for _ in range(50)))
    assert all(isinstance(result, Delivered) for result in results)
    assert len(provider.senders) == 1


async def test_the_senders_token_is_renewed_within_the_hour(
    channel: ApnsChannel, provider: Apns, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    for minutes, senders in ((0, 1), (19, 1), (49, 1), (51, 2), (100, 2), (102, 3)):
        monkeypatch.setattr(time, "time", lambda minutes=minutes: began + minutes * 60)
        assert isinstance(await channel.send(push()), Delivered)
        assert len(provider.senders) == senders


async def test_an_expired_token_is_renewed_at_once_but_not_more_often_than_apple_allows(
    channel: ApnsChannel, provider: Apns, monkeypatch: pytest.MonkeyPatch
) -> None:
    await channel.send(push())
    provider.expired.update(provider.senders)
    with pytest.raises(TransientFailure, match="ExpiredProviderToken"):
        await channel.send(push())
    assert len(provider.senders) == 1
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + 21 * 60)
    assert isinstance(await channel.send(push()), Delivered)
    assert len(provider.senders) == 2


@pytest.mark.parametrize("settings", [{"team_id": "OTHER12345"}, {"key_id": "OTHER12345"},
                                      {"bundle_id": "com.example.other"},
                                      {"private_key": p8(ec.generate_private_key(ec.SECP256R1()))}],
                         ids=["team", "key", "app", "private-key"])  # fmt: skip
async def test_a_wrong_account_waits_to_be_repaired(
    server: Server, settings: dict[str, Any]
) -> None:
    channel = connected(server, **settings)
    with pytest.raises(TransientFailure) as caught:
        await channel.send(push())
    assert caught.value.retry_after
    await channel.close()


async def test_an_unregistered_device_is_dead(channel: ApnsChannel, provider: Apns) -> None:
    provider.gone.add(TOKEN)
    result = await channel.send(push())
    assert result == Rejected("APNs answered Unregistered", bad_address=True, dead=(TOKEN,))


@pytest.mark.parametrize(
    "reply",
    [refused(400, "BadDeviceToken"), refused(400, "DeviceTokenNotForTopic"),
     refused(413, "PayloadTooLarge")],
    ids=["bad-token", "another-app", "size"],
)  # fmt: skip
async def test_other_refusals_leave_the_token_alone(
    channel: ApnsChannel, provider: Apns, reply: Reply
) -> None:
    """With `sandbox` set for `production`, Apple finds every token bad."""
    provider.first = [reply]
    result = await channel.send(push())
    assert isinstance(result, Rejected)
    assert result.dead == ()


@pytest.mark.parametrize(
    "parts",
    [{"body": "ü" * 2050}, {"data": {"aps": 1}}, {"badge": "many"}, {"collapse_id": "x" * 65},
     {"collapse_id": "a\r\nb"}, {"image": "file:///etc/passwd"}],
    ids=["size", "reserved", "badge", "collapse", "header", "image"],
)  # fmt: skip
async def test_what_apple_would_refuse_is_refused_before(
    channel: ApnsChannel, provider: Apns, parts: dict[str, Any]
) -> None:
    assert isinstance(await channel.send(push(**parts)), Rejected)
    assert provider.asked == []


@pytest.mark.parametrize("to", ["../../4/evil", "zz" * 32, "ab", "", "ab" * 500])
async def test_a_token_that_is_none_is_asked_nowhere(
    channel: ApnsChannel, provider: Apns, to: str
) -> None:
    assert isinstance(await channel.send(replace(push(), to=to)), Rejected)
    assert provider.asked == []


@pytest.mark.parametrize(
    "device",
    [Device("fcm:APA91b", "ios"), Device(TOKEN, "android"), Device(TOKEN, "web")],
    ids=["firebase", "android", "browser"],
)
def test_devices_of_others_are_left_to_them(device: Device) -> None:
    channel = ApnsChannel(account())
    somebody = Recipient(contact_id=REACHABLE.contact_id, devices=(device,))
    assert not isinstance(channel.address(somebody), str)


@pytest.mark.parametrize(
    "settings",
    [{"private_key": "secret-text"}, {"private_key": p8(ec.generate_private_key(ec.SECP384R1()))},
     {"team_id": "short"}, {"bundle_id": "a\r\nb"}, {"environment": "staging"}],
    ids=["key", "curve", "team", "bundle", "environment"],
)  # fmt: skip
def test_a_wrong_account_is_refused_when_it_is_saved(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        account(**settings)
    told = str([error["msg"] for error in caught.value.errors()])
    assert "PRIVATE KEY" not in told
    assert "secret-text" not in told
