"""Push by Firebase Cloud Messaging."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from channels.errors import TransientFailure
from channels.http_answers import http_client
from channels.protocol import Channel, Delivered, Device, OutgoingMessage, Recipient, Rejected
from channels.push_fcm import FcmAccount, FcmChannel
from channels.whole_requests import WholeRequests
from tests.channels.contract import REACHABLE
from tests.channels.http_contract import HttpChannelContract
from tests.support.providers.firebase import Fcm, GoogleSignIn, fcm_error, service_account
from tests.support.providers.serving import serving
from tests.support.providers.speaking import Reply

TOKEN = "fcm:APA91b-device"


@pytest.fixture
async def sign_in() -> AsyncIterator[GoogleSignIn]:
    provider = GoogleSignIn()
    async with serving(provider) as url:
        provider.url = f"{url}/token"
        yield provider


@pytest.fixture
def provider(sign_in: GoogleSignIn) -> Fcm:
    return Fcm(sign_in)


@pytest.fixture
async def url(provider: Fcm) -> AsyncIterator[str]:
    async with serving(provider) as url:
        yield url


def account(**changes: Any) -> FcmAccount:
    return FcmAccount.read({"service_account": service_account(**changes)})


@pytest.fixture
async def channel(url: str, sign_in: GoogleSignIn) -> AsyncIterator[FcmChannel]:
    channel = FcmChannel(account(), url, sign_in.url)
    yield channel
    await channel.close()


class TestFcm(HttpChannelContract):
    to = TOKEN
    head = "title"
    text = "body"

    @pytest.fixture(autouse=True)
    def _provider(self, provider: Fcm) -> None:
        self.provider = provider

    @pytest.fixture
    async def away(self, sign_in: GoogleSignIn) -> AsyncIterator[Channel]:
        async with serving(Fcm(sign_in)) as gone:
            pass
        channel = FcmChannel(account(), gone, sign_in.url)
        yield channel
        await channel.close()

    @pytest.fixture
    async def impatient(self, url: str, sign_in: GoogleSignIn) -> AsyncIterator[Channel]:
        channel = FcmChannel(account(), url, sign_in.url)
        await channel._access_token()
        await channel.close()
        channel._requests = WholeRequests(http_client(timeout=0.2))
        yield channel
        await channel.close()

    async def arrived(self, message: OutgoingMessage) -> int:
        ids = [one["data"]["message_id"] for one in self.provider.messages]
        return ids.count(str(message.id))

    async def test_the_same_message_keeps_its_providers_id(self, channel: Channel) -> None:
        """FCM names each request anew; on the device the second takes the first one's place."""
        message = self.message()
        for _ in range(2):
            await channel.send(message)
        first, again = self.provider.messages
        assert first["android"]["notification"]["tag"] == str(message.id)
        assert first["apns"]["headers"]["apns-collapse-id"] == str(message.id)
        assert first == again

    async def test_an_account_that_is_refused_waits_to_be_repaired(self, channel: Channel) -> None:
        self.provider.first = [Reply(401), Reply(401)]
        for failing in ([Reply(401), Reply(401)], [Reply(403)]):
            self.provider.first = failing
            with pytest.raises(TransientFailure) as caught:
                await channel.send(self.message())
            assert caught.value.retry_after


def push(**parts: Any) -> OutgoingMessage:
    message = TestFcm().message("Go", "Now")
    return replace(message, content=replace(message.content, **parts))


async def test_every_part_of_the_push_is_carried(channel: FcmChannel, provider: Fcm) -> None:
    message = push(
        image="https://img.example/a.png", link="shop://sale", sound="ping.caf", badge=" 3 ",
        collapse_id="sale", data={"plan": "p1", "count": 2, "on": True},
    )  # fmt: skip
    assert isinstance(await channel.send(message), Delivered)
    [got] = provider.messages
    assert got["notification"] == {
        "title": "Go", "body": "Now", "image": "https://img.example/a.png",
    }  # fmt: skip
    assert got["data"] == {
        "plan": "p1", "count": "2", "on": "true", "link": "shop://sale",
        "message_id": str(message.id),
    }  # fmt: skip
    assert got["android"]["collapse_key"] == "sale"
    assert got["android"]["notification"] == {
        "tag": "sale", "sound": "ping.caf", "notification_count": 3,
    }  # fmt: skip
    assert got["apns"]["payload"]["aps"] == {"sound": "ping.caf", "badge": 3, "mutable-content": 1}


async def test_one_access_token_serves_many_messages(
    channel: FcmChannel, sign_in: GoogleSignIn
) -> None:
    results = await asyncio.gather(*(channel.send(push()) for _ in range(30)))
    assert all(isinstance(result, Delivered) for result in results)
    assert len(sign_in.asked) == 1


async def test_a_refused_access_token_is_fetched_anew_once(
    channel: FcmChannel, sign_in: GoogleSignIn, provider: Fcm
) -> None:
    await channel.send(push())
    sign_in.valid.clear()
    results = await asyncio.gather(*(channel.send(push()) for _ in range(10)))
    assert all(isinstance(result, Delivered) for result in results)
    assert len(sign_in.asked) == 2


async def test_an_access_token_that_is_about_to_end_is_not_used(
    channel: FcmChannel, sign_in: GoogleSignIn
) -> None:
    sign_in.lasts = 30
    await channel.send(push())
    await channel.send(push())
    assert len(sign_in.asked) == 2


async def test_a_key_that_was_revoked_waits_to_be_repaired(url: str, sign_in: GoogleSignIn) -> None:
    channel = FcmChannel(account(private_key_id="revoked"), url, sign_in.url)
    with pytest.raises(TransientFailure, match="Bad claims") as caught:
        await channel.send(push())
    assert caught.value.retry_after
    assert not caught.value.ambiguous
    await channel.close()


async def test_a_silent_sign_in_has_certainly_not_sent_the_message(
    channel: FcmChannel, sign_in: GoogleSignIn
) -> None:
    sign_in.silent = True
    await channel.close()
    channel._requests = WholeRequests(http_client(timeout=0.2))
    with pytest.raises(TransientFailure) as caught:
        await channel.send(push())
    assert not caught.value.ambiguous


async def test_an_unregistered_token_is_dead(channel: FcmChannel, provider: Fcm) -> None:
    provider.gone.add(TOKEN)
    result = await channel.send(push())
    assert isinstance(result, Rejected)
    assert result.dead == (TOKEN,)
    assert "UNREGISTERED" in result.reason


async def test_a_token_that_is_none_is_dead(channel: FcmChannel) -> None:
    result = await channel.send(replace(push(), to="made-up"))
    assert isinstance(result, Rejected)
    assert result.dead == ("made-up",)


@pytest.mark.parametrize(
    "reply",
    [
        fcm_error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "message.data"),
        fcm_error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    ],
    ids=["message", "another-project"],
)
async def test_other_refusals_leave_the_token_alone(
    channel: FcmChannel, provider: Fcm, reply: Reply
) -> None:
    provider.first = [reply]
    result = await channel.send(push())
    assert isinstance(result, Rejected)
    assert result.dead == ()


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (fcm_error(404, "NOT_FOUND", None), 60),
        (fcm_error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), 60),
        (fcm_error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), 60),
        (fcm_error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", **{"retry-after": "9"}), 9),
        (fcm_error(503, "UNAVAILABLE", "UNAVAILABLE", **{"retry-after": "4"}), 4),
    ],
    ids=["no-project", "apple-certificate", "quota", "quota-with-time", "overload"],
)
async def test_what_speaks_of_the_project_or_the_moment_is_tried_again(
    channel: FcmChannel, provider: Fcm, reply: Reply, wait: float
) -> None:
    provider.first = [reply]
    with pytest.raises(TransientFailure) as caught:
        await channel.send(push())
    assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    "parts",
    [
        {"body": "ü" * 2050},
        {"data": {"from": "x"}},
        {"data": {"google.x": "x"}},
        {"badge": "many"},
        {"badge": "-1"},
        {"collapse_id": "x" * 65},
        {"image": "http://img.example/a.png"},
    ],
    ids=["size", "reserved", "reserved-prefix", "badge", "negative", "collapse", "image"],
)
async def test_what_fcm_would_refuse_is_refused_before(
    channel: FcmChannel, provider: Fcm, parts: dict[str, Any]
) -> None:
    assert isinstance(await channel.send(push(**parts)), Rejected)
    assert provider.asked == []


@pytest.mark.parametrize(
    "device",
    [Device("{}", "web"), Device("ab" * 32, "ios"), Device("AB" * 32)],
    ids=["browser", "apples-own", "unknown"],
)
def test_tokens_of_others_are_left_to_them(channel: FcmChannel, device: Device) -> None:
    somebody = Recipient(contact_id=REACHABLE.contact_id, devices=(device,))
    assert not isinstance(channel.address(somebody), str)


@pytest.mark.parametrize(
    "given",
    ["", "{", "[]", "{}", service_account(type="authorized_user"), service_account(private_key="x"),
     service_account(project_id="../../v2/evil"), service_account(client_email=7)],
    ids=["empty", "broken", "list", "bare", "type", "key", "project", "email"],
)  # fmt: skip
def test_a_file_that_is_no_service_account_is_refused_without_repeating_it(given: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        FcmAccount.read({"service_account": given})
    told = str([error["msg"] for error in caught.value.errors()])
    assert "BEGIN PRIVATE KEY" not in told


def test_the_file_may_be_text_or_the_object_in_it() -> None:
    given = service_account()
    as_text = FcmAccount.read({"service_account": json.dumps(given)})
    as_object = FcmAccount.read({"service_account": given})
    assert json.loads(as_text.service_account.get_secret_value()) == given
    assert json.loads(as_object.service_account.get_secret_value()) == given
    assert "PRIVATE KEY" not in repr(as_text)
