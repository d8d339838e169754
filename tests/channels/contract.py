"""What every channel keeps to: a channel's test class inherits this and provides the fixtures."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from channels.errors import TransientFailure
from channels.protocol import (
    Channel,
    Delivered,
    Device,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from journeys.templates import RenderedMessage

WORKSPACE = UUID(int=1)
REACHABLE = Recipient(
    contact_id=UUID(int=2),
    user_id="u-1",
    email="ana@example.com",
    phone="+33123456789",
    devices=(Device("token", "android"),),
)


def outgoing(to: str = "ana@example.com", **parts: str) -> OutgoingMessage:
    content = {"subject": "Hello", "text": "Hi Ana", **parts}
    return OutgoingMessage(uuid4(), WORKSPACE, to, RenderedMessage(**content))  # type: ignore[arg-type]


class ChannelContract:
    """Fixtures to provide: `channel`, a working one; `away`, one whose provider does not answer."""

    needs_an_address = True
    has_a_provider = True

    @abstractmethod
    async def arrived(self, message: OutgoingMessage) -> int:
        """How often the message is seen where it was to arrive."""

    async def test_a_reachable_contact_has_an_address(self, channel: Channel) -> None:
        assert isinstance(channel.address(REACHABLE), str)

    async def test_a_contact_without_any_address_is_unreachable_with_a_reason(
        self, channel: Channel
    ) -> None:
        address = channel.address(Recipient(contact_id=UUID(int=3)))
        if self.needs_an_address:
            assert isinstance(address, Unreachable)
            assert address.reason

    async def test_a_message_arrives_and_has_a_providers_id(self, channel: Channel) -> None:
        message = outgoing()
        result = await channel.send(message)
        assert isinstance(result, Delivered)
        assert result.provider_id
        assert await self.arrived(message) == 1

    async def test_the_same_message_keeps_its_providers_id(self, channel: Channel) -> None:
        message = outgoing()
        first = await channel.send(message)
        again = await channel.send(message)
        assert first == again

    async def test_messages_may_be_sent_at_once(self, channel: Channel) -> None:
        messages = [outgoing(subject=f"Hello {n}") for n in range(20)]
        results = await asyncio.gather(*map(channel.send, messages))
        assert all(isinstance(result, Delivered) for result in results)
        for message in messages:
            assert await self.arrived(message) == 1

    async def test_a_cancelled_send_leaves_the_channel_usable(self, channel: Channel) -> None:
        for pause in (0, 0.001, 0.005):
            task = asyncio.create_task(channel.send(outgoing()))
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        message = outgoing()
        assert isinstance(await channel.send(message), Delivered)
        assert await self.arrived(message) == 1

    async def test_closing_twice_is_harmless(self, channel: Channel) -> None:
        await channel.close()
        await channel.close()

    async def test_a_provider_that_is_away_is_a_transient_failure(self, away: Channel) -> None:
        if not self.has_a_provider:
            pytest.skip("there is no provider that could be away")
        with pytest.raises(TransientFailure) as caught:
            await away.send(outgoing())
        assert caught.value.reason

    async def test_no_message_raises_anything_else(self, channel: Channel) -> None:
        odd = [
            outgoing(subject="line\r\nBcc: all@example.com"),
            outgoing(subject="", text=""),
            outgoing(subject="ü" * 2000, text="x" * 5000),
            outgoing(text="." * 3 + "\r\n.\r\n" + "\n.\nMAIL FROM:<x@y>\r\n"),
            replace(outgoing(), to="a@b\r\nRCPT TO:<c@d>"),
            replace(outgoing(), to=""),
        ]
        for message in odd:
            assert isinstance(await channel.send(message), Delivered | Rejected)
