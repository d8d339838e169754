"""The links in messages by which contacts leave, and say what they want.

A token names a message and is signed with its workspace's secret. It works as long as the message
is known, needs no login, and gives away nothing but what its page shows.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.checking import CONSENT_JOINS, EXEMPT_CHANNEL, TRANSACTIONAL

UNSUBSCRIBE_PATH = "/unsubscribe/"
PREFERENCES_PATH = "/preferences/"
PREVIEWED: Mapping[str, str] = {
    "unsubscribe_url": "#unsubscribe",
    "preferences_url": "#preferences",
}
"""What templates see where no message is sent."""
_PURPOSE = b"sojourn consent v1:"
_MAC = 16
_LENGTH = 43
_LOOKS = 3


def sign(secret: bytes, message_id: UUID) -> str:
    """The token of a message."""
    signed = message_id.bytes + _mac(secret, message_id)
    return urlsafe_b64encode(signed).decode().rstrip("=")


def _mac(secret: bytes, message_id: UUID) -> bytes:
    return hmac.digest(secret, _PURPOSE + message_id.bytes, sha256)[:_MAC]


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one message."""

    unsubscribe: str
    preferences: str

    @classmethod
    def of(cls, public_url: str | None, secret: bytes | None, message_id: UUID) -> Links | None:
        """None where nobody could follow them."""
        if public_url is None or secret is None:
            return None
        token = sign(secret, message_id)
        return cls(
            f"{public_url}{UNSUBSCRIBE_PATH}{token}", f"{public_url}{PREFERENCES_PATH}{token}"
        )

    def for_templates(self) -> Mapping[str, str]:
        """What templates see."""
        return {"unsubscribe_url": self.unsubscribe, "preferences_url": self.preferences}

    def headers(self) -> Mapping[str, str]:
        """One click in the reader's mail program unsubscribes (RFC 8058)."""
        return {
            "List-Unsubscribe": f"<{self.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }


@dataclass(frozen=True, slots=True)
class Follower:
    """Whose link was followed, and what the message was about."""

    workspace_id: UUID
    workspace_name: str
    contact_id: UUID
    locale: str | None
    channel: str
    topic: str | None
    """None: the message was about none, or the topic is gone."""
    topic_name: str | None
    transactional: bool
    test: bool
    """A test went to somebody else: the contact must not be changed by them."""


_FOLLOWER = text(f"""
    SELECT s.link_secret, m.workspace_id, s.name AS workspace_name, m.contact_id, c.locale,
           m.channel, p.key AS topic, p.name AS topic_name, {TRANSACTIONAL} AS transactional,
           j.test_to IS NOT NULL AS test
    FROM messages m
    JOIN journeys j ON j.id = m.journey_id
    JOIN workflow_versions v ON v.id = j.version_id
    JOIN workspaces s ON s.id = m.workspace_id
    JOIN contacts c ON c.id = m.contact_id
    {CONSENT_JOINS}
    WHERE m.id = :id AND m.channel <> '{EXEMPT_CHANNEL}'
    FOR KEY SHARE OF c
""")  # noqa: S608  (fixed text)
"""Locks the contact, so that it is not merged away before what it says is written down."""


async def find_follower(connection: AsyncConnection, token: str) -> Follower | None:
    """Whose token this is; None when it is nobody's."""
    message_id = _message_of(token)
    if message_id is None:
        return None
    for _ in range(_LOOKS):
        row = (await connection.execute(_FOLLOWER, {"id": message_id})).one_or_none()
        if row is not None:
            if not hmac.compare_digest(sign(row.link_secret, message_id), token):
                return None
            return Follower(*row[1:])
    return None


def _message_of(token: str) -> UUID | None:
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        return UUID(bytes=urlsafe_b64decode(token + "=")[:16])
    except (NotBase64, ValueError):
        return None
