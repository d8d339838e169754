"""A rendered message as the bytes of a mail.

The few headers and the one shape of body that a message needs are written out here: the standard
library's generator takes some milliseconds a message, which is most of what sending one costs. Its
parser reads back what is written here (a property test compares).
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

from channels.addresses import mail_address
from channels.protocol import OutgoingMessage

MAX_LINE = 998
"""Octets in a line (RFC 5322), its end not counted."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_BREAKS = re.compile(r"[\r\n\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Sender:
    """The sender as a header value, and its parts."""

    header: str
    address: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Sender:
        """From `Name <local@domain>`. Raises ValueError when there is no plain address in it."""
        name, written = parseaddr(text)
        address = mail_address(written)
        if address is None or not address.isascii() or _LINE_BREAKS.search(text):
            raise ValueError(f"{text!r} is no sender; write Name <local@domain>")
        return cls(formataddr((name, address)), address, address.rpartition("@")[2])


def message_id(message: OutgoingMessage, sender: Sender) -> str:
    """The Message-ID: the same however often the message is tried."""
    return f"<{message.id}@{sender.domain}>"


def _header(name: str, value: str) -> str:
    """One header, folded and encoded. Raises ValueError when the value could add another one."""
    if _LINE_BREAKS.search(value):
        raise ValueError(f"the {name} header holds a line break")
    if value.isascii() and value.isprintable() and len(value) < 70 and "=?" not in value:
        return f"{name}: {value}\r\n"
    encoded = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    return f"{name}: {encoded}\r\n"


def _plain_header(name: str, value: str) -> str:
    """One header as it is, addresses in it unbroken. Raises ValueError where it does not fit."""
    line = f"{name}: {value}"
    if not line.isascii() or not line.isprintable() or len(line) > MAX_LINE:
        raise ValueError(f"the {name} header is not plain text of at most {MAX_LINE} characters")
    return f"{line}\r\n"


def _part(subtype: str, text: str) -> bytes:
    """One text part with its own headers: as it is where mail can carry that, else encoded."""
    text = _LINE_END.sub("\n", text)
    plain = text.isascii() and max(map(len, text.split("\n"))) <= MAX_LINE
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {'7bit' if plain else 'quoted-printable'}\r\n\r\n"
    )
    body = text.encode() if plain else b2a_qp(text.encode(), istext=True)
    return head.encode() + body.replace(b"\n", b"\r\n")


def mail_bytes(message: OutgoingMessage, sender: Sender, now: datetime) -> bytes:
    """The mail with CRLF line ends: plain text, HTML, or both as alternatives.

    A recipient with a local part beyond ASCII is written in UTF-8, which SMTPUTF8 carries. Raises
    ValueError when a header would hold a line break.
    """
    if _LINE_BREAKS.search(message.to):
        raise ValueError("the To header holds a line break")
    headers = (
        f"From: {sender.header}\r\nTo: {message.to}\r\n"
        + _header("Subject", message.content.subject or "")
        + "".join(_plain_header(name, value) for name, value in message.headers.items())
        + f"Date: {format_datetime(now)}\r\nMessage-ID: {message_id(message, sender)}\r\n"
        + "MIME-Version: 1.0\r\n"
    ).encode()
    text, html = message.content.text, message.content.html
    if html is None:
        return headers + _part("plain", text or "")
    if text is None:
        return headers + _part("html", html)
    # Quoted-printable never holds "=_"; a plain part would have to guess the message's id.
    boundary = f"=_{message.id.hex}"
    limit = f"--{boundary}".encode()
    return b"\r\n".join(
        (
            headers + f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'.encode(),
            limit,
            _part("plain", text),
            limit,
            _part("html", html),
            limit + b"--\r\n",
        )
    )
