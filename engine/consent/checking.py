"""What of a contact's consent speaks against a message, read with all else that sending needs.

The reasons are for people and programs alike and do not change: docs/consent.md lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.consent.suppressions import HASH_OF_CONTACT, suppressed

EXEMPT_CHANNEL = "webhook"
"""It speaks to a server, not to the contact."""
OUTSIDE_HOURS = "outside allowed hours"

TRANSACTIONAL = """(coalesce(CAST(d.block ->> 'transactional' AS boolean), false)
    OR coalesce(p.transactional, false))"""

CONSENT_JOINS = """
    CROSS JOIN LATERAL (
        SELECT jsonb_path_query_first(
            v.definition, '$.blocks[*] ? (@.id == $block)', jsonb_build_object('block', m.block)
        ) AS block
    ) d
    LEFT JOIN topics p ON p.workspace_id = m.workspace_id AND p.key = d.block ->> 'topic'
"""
"""SQL, for message `m` of version `v`: its block `d.block` and its topic `p`."""

CONSENT = f"""
    jsonb_build_object(
        'transactional', {TRANSACTIONAL},
        'suppressed', (SELECT x.reason FROM suppressions x WHERE x.hash = {HASH_OF_CONTACT}),
        'unsubscribed', (
            SELECT CASE
                WHEN bool_or(u.topic = '' AND u.channel = '' AND NOT u.subscribed)
                    THEN 'everything'
                WHEN bool_or(u.topic = '' AND u.channel <> '' AND NOT u.subscribed)
                    THEN 'channel ' || m.channel
                WHEN NOT coalesce(
                    bool_or(u.subscribed) FILTER (WHERE u.topic = p.key AND u.channel <> ''),
                    bool_or(u.subscribed) FILTER (WHERE u.topic = p.key AND u.channel = ''),
                    p.subscribed, true
                ) THEN 'topic ' || p.key
            END
            FROM subscriptions u WHERE u.contact_id = c.id AND u.channel IN ('', m.channel)
        ),
        'capped', EXISTS (SELECT FROM frequency_caps f WHERE f.workspace_id = m.workspace_id)
    ) AS consent
"""  # noqa: S608  (fixed text)
"""SQL, for message `m` to contact `c`: what a `Consent` holds."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the contact said, and what holds for the message."""

    transactional: bool = False
    suppressed: str | None = None
    unsubscribed: str | None = None
    """From what: `everything`, `channel email`, `topic news`."""
    capped: bool = False
    """Whether the workspace has frequency caps."""

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> Consent:
        """As the database says it; nothing is known of a message that is made up."""
        return cls(**data) if data else cls()

    def objection(self, channel: str) -> str | None:
        """Why nothing may be sent; None when something may."""
        if channel == EXEMPT_CHANNEL:
            return None
        if self.suppressed is not None:
            own_wish = self.suppressed == "unsubscribed_all"
            if not (own_wish and self.transactional):
                return f"suppressed: {self.suppressed}"
        if self.unsubscribed is not None and not self.transactional:
            return f"unsubscribed: {self.unsubscribed}"
        return None

    def counts(self, channel: str) -> bool:
        """Whether the message counts against frequency caps, and is held back by them."""
        return not self.transactional and channel != EXEMPT_CHANNEL


async def objection(
    connection: AsyncConnection,
    consent: Consent,
    workspace_id: UUID,
    channel: str,
    email: str | None,
) -> str | None:
    """Why nothing may be sent, mail addresses beyond ASCII looked up in their normal form."""
    if channel == "email" and email is not None and not email.isascii():
        reason = await suppressed(connection, workspace_id, channel, email)
        consent = Consent(consent.transactional, reason, consent.unsubscribed, consent.capped)
    return consent.objection(channel)
