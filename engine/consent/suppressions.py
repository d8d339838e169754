"""Addresses to which nothing is sent: they bounced, complained, or were put here by hand.

An address is known by its hash, so that one stays suppressed when its contact is erased and nothing
but the hash is left of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.addresses import mail_address
from storage.sql import statement

SuppressedChannel = Literal["email", "sms"]
SUPPRESSED_CHANNELS: tuple[str, ...] = get_args(SuppressedChannel)
"""Channels with addresses of people. Dead push tokens are dropped with their device instead."""
SuppressionReason = Literal["bounce", "complaint", "manual", "unsubscribed_all", "stop"]

_PUNCTUATION = re.compile(r"[^0-9+]")

_SUPPRESS = statement("""
    INSERT INTO suppressions (workspace_id, hash, id, channel, address, reason, message_id, at)
    SELECT CAST(:workspace AS uuid), a.hash, gen_random_uuid(), CAST(:channel AS text), a.address,
           CAST(:reason AS text), CAST(:message AS uuid), :now
    FROM unnest(CAST(:hashes AS bytea[]), CAST(:addresses AS text[])) AS a(hash, address)
    ORDER BY a.hash
    ON CONFLICT (hash) DO UPDATE
    SET address = excluded.address,
        reason = CASE WHEN suppressions.reason = 'unsubscribed_all' THEN excluded.reason
                      ELSE suppressions.reason END
""")

_LIFT_STOPS = text("""
    DELETE FROM suppressions WHERE reason = 'stop' AND hash = ANY(CAST(:hashes AS bytea[]))
""")

_FORGET_ADDRESSES = text("""
    UPDATE suppressions SET address = NULL WHERE hash = ANY(CAST(:hashes AS bytea[]))
""")


def normal_address(channel: str, address: str) -> str | None:
    """The address as it is compared; None when it is not one."""
    if channel == "email":
        mail = mail_address(address)
        return mail.lower() if mail else None
    number = _PUNCTUATION.sub("", address)
    return number if any(map(str.isdigit, number)) else None


def address_hash(workspace_id: UUID, channel: str, normal: str) -> bytes:
    """What an address in normal form is known by; `HASH_OF_CONTACT` reckons the same."""
    return sha256(f"{workspace_id} {channel} {normal}".encode()).digest()


HASH_OF_CONTACT = """sha256(convert_to(concat_ws(' ', m.workspace_id, m.channel, CASE m.channel
    WHEN 'email' THEN lower(btrim(c.email, E' \\t\\r\\n'))
    WHEN 'sms' THEN regexp_replace(c.phone, '[^0-9+]', '', 'g')
END), 'UTF8'))"""
"""SQL: by what the address is known where message `m` reaches contact `c`. For a mail address
beyond ASCII it is another one; those are looked up apart, in their normal form."""


async def suppress(
    connection: AsyncConnection,
    workspace_id: UUID,
    channel: str,
    address: str,
    reason: SuppressionReason,
    *,
    now: datetime,
    message_id: UUID | None = None,
) -> bool:
    """Send nothing there any more; False when it is no address of such a channel."""
    refused = await suppress_all(
        connection, workspace_id, channel, [address], reason, now=now, message_id=message_id
    )
    return not refused


async def suppress_all(
    connection: AsyncConnection,
    workspace_id: UUID,
    channel: str,
    addresses: Sequence[str],
    reason: SuppressionReason,
    *,
    now: datetime,
    message_id: UUID | None = None,
) -> list[str]:
    """Send nothing to any of them; those that are no addresses of such a channel."""
    if channel not in SUPPRESSED_CHANNELS:
        return list(addresses)
    normal = {address: normal_address(channel, address) for address in addresses}
    hashes = {address_hash(workspace_id, channel, one): one for one in normal.values() if one}
    if hashes:
        values = {
            "workspace": workspace_id,
            "channel": channel,
            "hashes": list(hashes),
            "addresses": list(hashes.values()),
            "reason": reason,
            "message": message_id,
            "now": now,
        }
        await connection.execute(_SUPPRESS, values)
    return [address for address in addresses if normal[address] is None]


async def lift_stops(
    connection: AsyncConnection, workspace_id: UUID, channel: str, addresses: Sequence[str]
) -> None:
    """Send again to those who had said STOP; what else speaks against an address stays."""
    normal = [one for address in addresses if (one := normal_address(channel, address))]
    hashes = [address_hash(workspace_id, channel, one) for one in normal]
    await connection.execute(_LIFT_STOPS, {"hashes": hashes})


async def suppressed(
    connection: AsyncConnection, workspace_id: UUID, channel: str, address: str
) -> str | None:
    """Why nothing is sent there; None when something is."""
    normal = normal_address(channel, address)
    if normal is None:
        return None
    reason: str | None = await connection.scalar(
        text("SELECT reason FROM suppressions WHERE hash = :hash"),
        {"hash": address_hash(workspace_id, channel, normal)},
    )
    return reason


async def keep_hashes_only(
    connection: AsyncConnection,
    workspace_id: UUID,
    *,
    email: str | None,
    phone: str | None,
    unsubscribed: bool,
    now: datetime,
) -> None:
    """Forget how the addresses of an erased contact are written.

    Whoever had unsubscribed from everything gets nothing when an old list brings the address back.
    """
    hashes = []
    for channel, address in (("email", email), ("sms", phone)):
        normal = normal_address(channel, address) if address else None
        if normal is None:
            continue
        if unsubscribed:
            await suppress(connection, workspace_id, channel, normal, "unsubscribed_all", now=now)
        hashes.append(address_hash(workspace_id, channel, normal))
    await connection.execute(_FORGET_ADDRESSES, {"hashes": hashes})
