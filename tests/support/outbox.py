"""A real SMTP server on loopback that keeps what it is handed, and can be told to refuse."""

from __future__ import annotations

import asyncio
import email
from collections.abc import Callable
from email.message import Message
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.email_smtp import EmailChannel
from channels.protocol import Channel
from runtime.settings import SmtpSettings


class Outbox:
    """Use as an async context manager; `messages` is what arrived, in order."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answer: Callable[[], str] = lambda: "250 kept"
        """What to say to the next DATA; only a 250 keeps the message."""
        self.arrived = asyncio.Event()
        self.channels: dict[str, Channel] = {}
        self._server: asyncio.Server | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answer()
        if answer.startswith("250"):
            self.messages.append(email.message_from_bytes(envelope.content or b""))
        self.arrived.set()
        return answer

    def to(self, address: str) -> list[Message]:
        """The messages for one address."""
        return [message for message in self.messages if message["To"] == address]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
        )
        port = self._server.sockets[0].getsockname()[1]
        self.channels["email"] = EmailChannel(SmtpSettings(port=port, timeout=2))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channels["email"].close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
