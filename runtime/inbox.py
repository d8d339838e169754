"""The local inbox: an SMTP server that takes every mail and shows it instead of sending it on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from storage.database import Database
from storage.repositories.caught import Caught, keep, keep_newest

MAX_BYTES = 10 * 1024 * 1024
"""Bytes of one mail; a larger one is refused."""
MAX_KEPT = 5000
"""Messages kept; older ones go."""
TIDY_EVERY = 100
"""Messages between two looks at how many there are."""
_NUL = "\x00"

log = structlog.get_logger(__name__)


class InboxServer:
    """Listens in the running event loop from `start` to `stop`; port 0 is a free one."""

    def __init__(
        self, database: Database, host: str = "127.0.0.1", port: int = 1025, *, kept: int = MAX_KEPT
    ) -> None:
        self.host = host
        self.port = port
        self._handler = _Handler(database, kept)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Conversation(
                self._open,
                self._handler,
                hostname="sojourn-inbox",
                ident="Sojourn local inbox",
                data_size_limit=MAX_BYTES,
                enable_SMTPUTF8=True,
                loop=loop,
            ),
            self.host,
            self.port,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and hang up: senders keep connections open, and would be waited for."""
        if self._server is not None:
            self._server.close()
            for transport in tuple(self._open):
                transport.close()
            await self._server.wait_closed()
            self._server = None


class _Conversation(SMTP):
    """One connection, known by its transport while it is open."""

    def __init__(
        self, open_ones: set[asyncio.BaseTransport], handler: _Handler, **options: Any
    ) -> None:
        super().__init__(handler, **options)
        self._open_ones = open_ones
        self._mine: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._mine = transport
        self._open_ones.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._mine is not None:
            self._open_ones.discard(self._mine)
        super().connection_lost(error)


class _Handler:
    """Keeps what arrives. The names of the methods are aiosmtpd's."""

    def __init__(self, database: Database, kept: int) -> None:
        self._database = database
        self._kept = kept
        self._since_tidied = 0

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """One mail: kept once for each recipient."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else bytes(content or b"")
        try:
            async with self._database.transaction() as connection:
                for recipient in envelope.rcpt_tos:
                    await keep(connection, caught_mail(raw, envelope.mail_from, recipient))
                if self._tidying_is_due(len(envelope.rcpt_tos)):
                    await keep_newest(connection, self._kept)
        except Exception:  # the sender must be told to come back, whatever went wrong here
            log.exception("inbox_did_not_keep")
            return "451 4.3.0 the inbox could not keep it, try again"
        return "250 2.0.0 kept"

    def _tidying_is_due(self, added: int) -> bool:
        self._since_tidied += added
        if self._since_tidied < min(TIDY_EVERY, self._kept):
            return False
        self._since_tidied = 0
        return True


def caught_mail(raw: bytes, sender: str | None, recipient: str) -> Caught:
    """A mail as the inbox shows it; what cannot be read as mail is kept by its source alone."""
    text = html = subject = None
    headers: dict[str, str] = {}
    try:
        mail = message_from_bytes(raw, policy=policy.default)
        headers = {name: _clean(str(value)) for name, value in mail.items()}
        subject = headers.get("Subject")
        text, html = _body(mail, "plain"), _body(mail, "html")
    # The parser raises many kinds of errors on mail that is none.
    except Exception as error:  # noqa: BLE001
        headers["X-Inbox-Unreadable"] = str(error)
    return Caught(
        id=uuid4(),
        channel="email",
        sender=_clean(sender) if sender else None,
        to=_clean(recipient),
        subject=subject,
        text=text,
        html=html,
        headers=headers,
        raw=raw,
        received_at=datetime.now(UTC),
    )


def _body(mail: EmailMessage, subtype: str) -> str | None:
    part: Any = mail.get_body((subtype,))
    return _clean(part.get_content()).replace("\r\n", "\n") if part is not None else None


def _clean(text: str) -> str:
    """The text as PostgreSQL can keep it: no NUL, no half of a surrogate pair."""
    return text.replace(_NUL, "").encode("utf-8", "replace").decode()
