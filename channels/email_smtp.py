"""Email through an SMTP server.

One mail is MAIL, RCPT and DATA, each answered by a code: 4xx means later, 5xx never. A connection
that breaks before DATA has certainly not sent the mail; one that breaks after the last byte and
before the answer may have, so the mail is tried again with the same Message-ID, and may arrive
twice (RFC 5321, 4.5.3.2.6).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import aiosmtplib

from channels.addresses import mail_address
from channels.errors import TransientFailure
from channels.mail_message import Sender, mail_bytes, message_id
from channels.mail_server import MailServer
from channels.protocol import Delivered, OutgoingMessage, Recipient, Rejected, Unreachable
from channels.smtp_pool import Connection, SmtpPool

_ABOUT_US = frozenset({502, 503, 521, 530, 534, 535, 538, 554})
"""Codes before RCPT that speak of this client, not of the message: they wait to be repaired."""
_NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_RETRY_REFUSED = 60.0
"""Seconds before the next try when the server says later: greylisting expects about a minute."""


ALL_STEPS = 2.5
"""An attempt as a whole may take this many times as long as one reply: a slow server answers each
step just in time, and would otherwise hold a worker for minutes."""


class _StaleConnectionError(Exception):
    """A used connection turned out to be closed, before the mail was sent."""


class EmailChannel:
    """Mail to the contact's `email`."""

    def __init__(self, settings: MailServer) -> None:
        self._sender = Sender.parse(settings.sender)
        self._pool = SmtpPool(settings)
        self._patience = settings.timeout * ALL_STEPS

    def address(self, recipient: Recipient) -> str | Unreachable:
        """The contact's email in normal form."""
        if not recipient.email or not recipient.email.strip():
            return Unreachable("no email")
        return mail_address(recipient.email) or Unreachable("invalid email")

    async def send(self, message: OutgoingMessage) -> Delivered | Rejected:
        """One attempt over a pooled connection; a stale one is replaced at once."""
        address = mail_address(message.to)
        if address is None:
            return Rejected("invalid email", bad_address=True)
        try:
            mail = mail_bytes(message, self._sender, datetime.now(UTC))
        except ValueError as error:
            return Rejected(str(error))
        try:
            async with asyncio.timeout(self._patience):
                return await self._attempt(message, address, mail)
        except TimeoutError as error:
            raise TransientFailure(
                f"the mail server took more than {self._patience:g} s", ambiguous=True
            ) from error

    async def close(self) -> None:
        """Close the idle connections."""
        await self._pool.close()

    async def _attempt(
        self, message: OutgoingMessage, address: str, mail: bytes
    ) -> Delivered | Rejected:
        connection = await self._pool.take()
        try:
            return await self._over(connection, message, address, mail)
        except _StaleConnectionError:
            connection = await self._pool.take(fresh=True)
            return await self._over(connection, message, address, mail)

    async def _over(
        self, connection: Connection, message: OutgoingMessage, address: str, mail: bytes
    ) -> Delivered | Rejected:
        broken = True
        try:
            result = await self._transact(connection, address, mail)
            broken = not connection.client.is_connected
        except TransientFailure:
            broken = not connection.client.is_connected
            raise
        finally:
            self._pool.give_back(connection, broken=broken)
        return result or Delivered(message_id(message, self._sender))

    async def _transact(self, connection: Connection, address: str, mail: bytes) -> Rejected | None:
        """The commands of one mail; None when the server took it."""
        client = connection.client
        options: list[str] = []
        encoding = "ascii"
        if not address.isascii():
            if not client.supports_extension("smtputf8"):
                return Rejected("the mail server cannot carry addresses beyond ASCII")
            options, encoding = ["SMTPUTF8", "BODY=8BITMIME"], "utf-8"
        if client.supports_extension("size"):
            options.append(f"SIZE={len(mail)}")
        refused = await self._envelope(connection, address, options, encoding)
        if refused is not None:
            return refused
        try:
            await client.data(mail)
        except aiosmtplib.SMTPResponseException as error:
            return await self._refused(client, "DATA", error)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise TransientFailure(
                f"the mail server broke off before its answer to DATA: {error}", ambiguous=True
            ) from error
        return None

    async def _envelope(
        self, connection: Connection, address: str, options: list[str], encoding: str
    ) -> Rejected | None:
        """MAIL and RCPT. Raises _StaleConnectionError when a used connection was already closed."""
        client, reused = connection.client, connection.used > 0
        try:
            await client.mail(self._sender.address, options=options, encoding=encoding)
        except aiosmtplib.SMTPResponseException as error:
            if reused and error.code == 421:
                raise _StaleConnectionError from error
            return await self._refused(client, "MAIL", error, about_us=error.code in _ABOUT_US)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            if reused and isinstance(error, aiosmtplib.SMTPServerDisconnected):
                raise _StaleConnectionError from error
            raise TransientFailure(f"the mail server broke off: {error}") from error
        try:
            await client.rcpt(address, encoding=encoding)
        except aiosmtplib.SMTPResponseException as error:
            return await self._refused(client, "RCPT", error)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise TransientFailure(f"the mail server broke off: {error}") from error
        return None

    async def _refused(
        self,
        client: aiosmtplib.SMTP,
        command: str,
        error: aiosmtplib.SMTPResponseException,
        *,
        about_us: bool = False,
    ) -> Rejected:
        """The server said no: for good (returned), or for now (raised)."""
        reason = f"{command} refused: {error.code} {error.message}"
        if client.is_connected:
            try:
                await client.rset()
            except (aiosmtplib.SMTPException, OSError):
                client.close()
        if about_us or not 500 <= error.code < 600:
            raise TransientFailure(reason, _RETRY_REFUSED)
        enhanced = error.message.split(maxsplit=1)[0] if error.message else ""
        known = enhanced in _NO_SUCH_ADDRESS or (error.code == 550 and enhanced[:2] != "5.")
        return Rejected(reason, bad_address=command == "RCPT" and known)
