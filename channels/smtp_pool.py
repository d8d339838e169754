"""A few open connections to one SMTP server, lent to one message at a time."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass, field

import aiosmtplib

from channels.errors import TransientFailure
from channels.mail_server import MailServer
from channels.public_hosts import PrivateAddressError, is_public, resolve

MAX_MESSAGES = 100
"""Messages over one connection; some providers close it after as many."""
MAX_IDLE = 30.0
"""Seconds after which an unused connection is not trusted any more."""
HELLO = "localhost"
"""What EHLO says; a resolver must not be asked for this machine's name before the first message."""
RETRY_CONNECT = 5.0
"""Seconds to wait before the next try after a connection failed."""


@dataclass
class Connection:
    """An open, authenticated connection. `used` counts the messages it was lent for."""

    client: aiosmtplib.SMTP
    used: int = 0
    idle_since: float = field(default_factory=time.monotonic)

    @property
    def usable(self) -> bool:
        """Neither worn out nor left alone for too long nor closed by the server."""
        return (
            self.client.is_connected
            and self.used < MAX_MESSAGES
            and time.monotonic() - self.idle_since < MAX_IDLE
        )


class SmtpPool:
    """Lends connections, the most recently used first, and opens new ones up to the limit."""

    def __init__(self, settings: MailServer) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.connections)
        self._idle: list[Connection] = []
        self._tls = self._tls_context() if settings.tls != "none" else None
        self._closed = False

    def _tls_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)

    async def take(self, *, fresh: bool = False) -> Connection:
        """A connection that is this caller's until given back. Raises TransientFailure.

        `fresh` asks for one that was never used: the idle ones have proved to be stale.
        """
        try:
            async with asyncio.timeout(self._settings.timeout):
                await self._slots.acquire()
        except TimeoutError as error:
            raise TransientFailure("every connection to the mail server is busy", 1.0) from error
        try:
            if fresh:
                self._drop_idle()
            while self._idle:
                connection = self._idle.pop()
                if connection.usable:
                    return connection
                connection.client.close()
            return Connection(await self._connect())
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, connection: Connection, *, broken: bool = False) -> None:
        """Hand a connection back; a broken one is closed."""
        connection.used += 1
        connection.idle_since = time.monotonic()
        if broken or self._closed or not connection.usable:
            connection.client.close()
        else:
            self._idle.append(connection)
        self._slots.release()

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().client.close()

    async def _connect(self) -> aiosmtplib.SMTP:
        """A new connection, through TLS and login. Every failure is transient.

        None of them is about a message: a wrong password or certificate is repaired by people, and
        until then the messages wait.
        """
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.timeout,
            local_hostname=HELLO,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=self._tls,
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
        )
        where = f"{settings.host}:{settings.port}"
        try:
            await self._check_name()
            await client.connect()
            self._check_peer(client)
            await client._ehlo_or_helo_if_needed()  # noqa: SLF001  (before the hot path needs it)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise TransientFailure(
                f"no connection to the mail server {where}: {error}", RETRY_CONNECT
            ) from error
        except BaseException:
            client.close()
            raise
        return client

    async def _check_name(self) -> None:
        if not self._settings.public_only:
            return
        if not all(map(is_public, await resolve(self._settings.host, self._settings.port))):
            raise PrivateAddressError(f"the host {self._settings.host} is not a public one")

    def _check_peer(self, client: aiosmtplib.SMTP) -> None:
        """Look where the connection went: the name may lead elsewhere than when it was asked."""
        if not self._settings.public_only:
            return
        transport = client.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        if not peer or not is_public(peer[0]):
            raise PrivateAddressError(f"the host {self._settings.host} is not a public one")

    async def close(self) -> None:
        """Say goodbye on the idle connections; those that are lent close when given back."""
        self._closed = True
        idle, self._idle = self._idle, []

        async def goodbye(connection: Connection) -> None:
            try:
                await connection.client.quit(timeout=2)
            except (aiosmtplib.SMTPException, OSError):
                connection.client.close()

        await asyncio.gather(*(goodbye(connection) for connection in idle))
