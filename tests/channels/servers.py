"""Real SMTP servers on loopback: ones that take mail, ones that misbehave at a chosen moment."""

# ruff: noqa: N802, ARG002  (the names and arguments are aiosmtpd's)

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Mailbox:
    """What a server took.

    `answers` are replies to commands, each used once: {"RCPT": ["550 no"]}.
    """

    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    connections: int = 0
    tls: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    close_connections: Any = None

    # Not a property: aiosmtpd reads every attribute of its handler at each connection.
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]  # type: ignore[misc]

    def _answer(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (answer := self._answer("MAIL")) is not None:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (answer := self._answer("RCPT")) is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if (answer := self._answer("DATA")) is not None:
            return answer
        self.raw.append(bytes(envelope.content or b""))
        self.envelopes.append(envelope)
        self.tls.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        login, password = data.login.decode(), data.password.decode()
        self.users.append(login)
        return AuthResult(success=(login, password) == ("user", "secret"), handled=False)


@asynccontextmanager
async def mail_server(
    *, tls: SSLContext | None = None, starttls: SSLContext | None = None, **options: Any
) -> AsyncIterator[Mailbox]:
    """An aiosmtpd server in this loop."""
    box = Mailbox()
    loop = asyncio.get_running_loop()
    transports: list[asyncio.BaseTransport] = []

    class Protocol(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            if self.transport is None:
                box.connections += 1
            transports.append(transport)
            super().connection_made(transport)

    def close_connections() -> None:
        for transport in transports:
            transport.close()

    box.close_connections = close_connections
    settings = {
        "enable_SMTPUTF8": True,
        "tls_context": starttls,
        "loop": loop,
        "authenticator": box.authenticate,
        **options,
    }
    server = await loop.create_server(
        lambda: Protocol(box, hostname="test", **settings), "127.0.0.1", 0, ssl=tls
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        close_connections()
        await server.wait_closed()


@dataclass
class Script:
    """A server that follows a script: what it answers to each command; None hangs, "" closes."""

    port: int = 0
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def scripted_server(*, delay: float = 0, **answers: str | None) -> AsyncIterator[Script]:
    """`GREETING`, `EHLO`, `MAIL`, `RCPT`, `DATA`, `BODY` (after the mail's last line), `RSET`.

    Each is answered after `delay` seconds.
    """
    script = Script()
    replies: dict[str, str | None] = {
        "GREETING": "220 test ESMTP", "EHLO": "250-test\r\n250 SIZE 1000000", "MAIL": "250 OK",
        "RCPT": "250 OK", "DATA": "354 go", "BODY": "250 OK", "RSET": "250 OK", "QUIT": "221 bye",
        **answers,
    }  # fmt: skip
    writers: list[asyncio.StreamWriter] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script.connections += 1
        writers.append(writer)

        async def say(step: str) -> bool:
            reply = replies.get(step, "500 what?")
            await asyncio.sleep(delay)
            if reply is None:
                await reader.read()
                return False
            if reply == "":
                writer.close()
                return False
            writer.write(reply.encode() + b"\r\n")
            return True

        try:
            if not await say("GREETING"):
                return
            while line := await reader.readline():
                command = line.decode().split()[0].split(":")[0].upper()
                script.seen.append(command)
                if not await say(command):
                    return
                if command == "DATA" and (replies["DATA"] or "").startswith("354"):
                    script.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
                    script.seen.append("BODY")
                    if not await say("BODY"):
                        return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()
