"""Signed tokens: which message a link or a pixel belongs to, and where the link leads.

The target is in the token itself, so that a link works for as long as there is the key, whatever
becomes of the message; and only what was signed here is ever led to. Tokens do not expire: people
open mail after years. A key that is replaced must stay among those that verify.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from journeys.tracking import with_query
from storage.encryption import Encryption

PURPOSE = "links in messages"
VERSION = 1
SIGNATURE = 16
"""Bytes of the HMAC that are kept: nobody guesses 128 bits."""
LONGEST_TOKEN = 12_000
"""Characters; a link of the longest kind stays below, however it is written."""


@dataclass(frozen=True)
class FollowedLink:
    """What the token of a link says."""

    message_id: UUID
    link: str
    """As the template has it: by this, conditions know it."""
    query: str
    """The parameters that it got on its way."""

    @property
    def target(self) -> str:
        """Where it leads."""
        return with_query(self.link, self.query)


class Tokens:
    """Writes tokens with the first key, and reads those of any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("tokens need a key")
        self._keys = tuple(keys)

    @classmethod
    def of(cls, encryption: Encryption) -> Tokens | None:
        """Signed by the installation's keys; None while it has none."""
        keys = encryption.derive(PURPOSE)
        return cls(keys) if keys else None

    def click(self, link: FollowedLink) -> str:
        """The token of a link in a message."""
        return self._written(b"c", link.message_id.bytes + f"{link.query}\n{link.link}".encode())

    def open(self, message_id: UUID) -> str:
        """The token of a message's pixel."""
        return self._written(b"o", message_id.bytes)

    def read_click(self, token: str) -> FollowedLink | None:
        """What the token says; None when it was not written here, or was changed or cut since."""
        body = self._read(b"c", token)
        if body is None:
            return None
        query, _, link = body[16:].decode("utf-8").partition("\n")
        return FollowedLink(UUID(bytes=body[:16]), link, query)

    def read_open(self, token: str) -> UUID | None:
        """The message whose pixel it is; None as for `read_click`."""
        body = self._read(b"o", token)
        return UUID(bytes=body) if body is not None else None

    def _written(self, kind: bytes, body: bytes) -> str:
        signed = bytes([VERSION]) + _signature(self._keys[0], kind, body) + body
        return b64encode(signed, altchars=b"-_").rstrip(b"=").decode("ascii")

    def _read(self, kind: bytes, token: str) -> bytes | None:
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        if len(raw) < 1 + SIGNATURE + 16 or raw[0] != VERSION:
            return None
        signature, body = raw[1 : 1 + SIGNATURE], raw[1 + SIGNATURE :]
        for key in self._keys:
            if hmac.compare_digest(_signature(key, kind, body), signature):
                return body
        return None


def _signature(key: bytes, kind: bytes, body: bytes) -> bytes:
    return hmac.new(key, kind + body, sha256).digest()[:SIGNATURE]
