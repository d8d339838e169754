"""What every channel keeps to: a channel's test class inherits this and provides the fixtures."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
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
    to = "ana@example.com"
    head: str | None = "subject"
    """The part that comes first, if the channel's messages have any."""
    text = "text"
    """The part with the message's words."""

    def message(
        self, head: str = "Hello", text: str = "Hi Ana", to: str | None = None
    ) -> OutgoingMessage:
        """A message as this channel takes them."""
        parts = {self.text: text} if self.head is None else {self.head: head, self.text: text}
        content = RenderedMessage(**parts)  # type: ignore[arg-type]
        return OutgoingMessage(uuid4(), WORKSPACE, self.to if to is None else to, content)

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
        message = self.message()
        result = await channel.send(message)
        assert isinstance(result, Delivered)
        assert result.provider_id
        assert await self.arrived(message) == 1

    async def test_the_same_message_keeps_its_providers_id(self, channel: Channel) -> None:
        message = self.message()
        first = await channel.send(message)
        again = await channel.send(message)
        assert first == again

    async def test_messages_may_be_sent_at_once(self, channel: Channel) -> None:
        messages = [self.message(f"Hello {n}") for n in range(20)]
        results = await asyncio.gather(*map(channel.send, messages))
        assert all(isinstance(result, Delivered) for result in results)
        for message in messages:
            assert await self.arrived(message) == 1

    async def test_a_cancelled_send_leaves_the_channel_usable(self, channel: Channel) -> None:
        for pause in (0, 0.001, 0.005):
            task = asyncio.create_task(channel.send(self.message()))
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        message = self.message()
        assert isinstance(await channel.send(message), Delivered)
        assert await self.arrived(message) == 1

    async def test_closing_twice_is_harmless(self, channel: Channel) -> None:
        await channel.close()
        await channel.close()

    async def test_a_provider_that_is_away_is_a_transient_failure(self, away: Channel) -> None:
        if not self.has_a_provider:
            pytest.skip("there is no provider that could be away")
        with pytest.raises(TransientFailure) as caught:
            await away.send(self.message())
        assert caught.value.reason

    async def test_no_message_raises_anything_else(self, channel: Channel) -> None:
        odd = [
            self.message(head="line\r\nBcc: all@example.com"),
            self.message(head="", text=""),
            self.message(head="ü" * 2000, text="x" * 5000),
            self.message(text="." * 3 + "\r\n.\r\n" + "\n.\nMAIL FROM:<x@y>\r\n"),
            self.message(to="a@b\r\nRCPT TO:<c@d>"),
            self.message(to=""),
        ]
        for message in odd:
            assert isinstance(await channel.send(message), Delivered | Rejected)
