"""Mail addresses: one plain `local@domain`, with the domain in the form that DNS knows."""

from __future__ import annotations

import re
from functools import lru_cache

import idna

MAX_LENGTH = 254
MAX_LOCAL = 64

_LOCAL = re.compile(
    r"[^\s\x00-\x20\x7f-\xa0()<>\[\]:;@\\,\".](?:[^\s\x00-\x20\x7f-\xa0()<>\[\]:;@\\,\"]*)"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str | None:
    try:
        encoded = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return None
    labels = encoded.split(".")
    if len(encoded) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return encoded


def mail_address(text: str) -> str | None:
    """The address in normal form, or None when it is not one that mail can be sent to.

    Display names, quoted local parts, comments and address literals are refused: none of them is a
    contact's address, and each is a way to smuggle something into a command or a header.
    """
    text = text.strip()
    if len(text) > MAX_LENGTH:
        return None
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > MAX_LOCAL:
        return None
    if ".." in local or local.endswith("."):
        return None
    ascii_domain = _ascii_domain(domain)
    return f"{local}@{ascii_domain}" if ascii_domain else None
