"""A message to a contact with several devices: to each of them once.

Each device is an attempt of its own. What became of it is kept (`message_devices`), so that a retry
goes only to those that have no answer yet. The message is sent as soon as one device has it; the
others are tried for a while longer. It has failed when none can ever have it. Tokens that are dead
are deleted in the transaction that writes this down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.errors import TransientFailure
from channels.protocol import (
    Channel,
    Delivered,
    Device,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from engine.lanes import LANES
from storage.sql import statement

MAX_DEVICES = 50
"""The newest of a contact's devices, which get its messages."""
AT_ONCE = 10
"""Devices of one message that are sent to at the same time."""
PATIENCE = timedelta(minutes=10)
"""How long further devices are tried once one has the message: the journey waits meanwhile."""

Result = Delivered | Rejected | TransientFailure


@dataclass(frozen=True)
class Target:
    """One address of the recipient, and the device that it is, if it is one."""

    to: str
    device: Device | None = None

    @property
    def key(self) -> bytes:
        """What the device is kept under: tokens are not kept with messages."""
        return sha256((self.device.token if self.device else self.to).encode()).digest()


@dataclass(frozen=True)
class Fanned:
    """What became of a message at the devices that were tried, with what was known before."""

    results: Sequence[tuple[Target, Result]]
    sent_before: bool = False

    @property
    def outcome(self) -> Delivered | Rejected | None:
        """Of the message as a whole; None while no device has it and one may."""
        for _, result in self.results:
            if isinstance(result, Delivered):
                return result
        if self.sent_before or self.waiting:
            return None
        return next(r for _, r in self.results if isinstance(r, Rejected))

    @property
    def waiting(self) -> TransientFailure | None:
        """Why there is to be another try, at the soonest that any device asks for."""
        failures = [r for _, r in self.results if isinstance(r, TransientFailure)]
        return min(failures, key=lambda one: one.retry_after or 0.0, default=None)

    @property
    def dead(self) -> list[str]:
        """The tokens that nothing will arrive at any more."""
        found = [r.dead for _, r in self.results if isinstance(r, Delivered | Rejected)]
        return sorted({token for tokens in found for token in tokens})


DEVICES = """
    CASE WHEN m.channel IN ('push', 'web_push') THEN (
        SELECT jsonb_agg(jsonb_build_object('token', n.token, 'platform', n.platform))
        FROM (
            SELECT v.token, v.platform FROM devices v
            WHERE v.contact_id = m.contact_id
            ORDER BY v.last_seen_at DESC, v.token
            LIMIT 50
        ) AS n
        WHERE NOT EXISTS (
            SELECT FROM message_devices x
            WHERE x.message_id = m.id AND x.device = sha256(convert_to(n.token, 'UTF8'))
              AND x.state <> 'waiting'
        )
    ) END AS devices,
    CASE WHEN m.channel IN ('push', 'web_push') THEN ARRAY(
        SELECT DISTINCT x.state FROM message_devices x WHERE x.message_id = m.id
    ) END AS device_states
"""
"""Of a message `m`: the devices that it is still to go to, and what became of others."""


def targets_of(channel: Channel, recipient: Recipient) -> list[Target] | Unreachable:
    """Every address by which the channel reaches the recipient: one, or one a device."""
    if not recipient.devices:
        address = channel.address(recipient)
        return address if isinstance(address, Unreachable) else [Target(address)]
    found: dict[str, Target] = {}
    unreachable = Unreachable("no device")
    for device in recipient.devices:
        address = channel.address(replace(recipient, devices=(device,)))
        if isinstance(address, Unreachable):
            unreachable = address
        else:
            found.setdefault(address, Target(address, device))
    return list(found.values()) or unreachable


async def fan_out(
    channel: Channel,
    message: OutgoingMessage,
    targets: Sequence[Target],
    *,
    sent_before: bool = False,
) -> Fanned:
    """One attempt for each target, a few at once. No failure of one keeps it from the others."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def attempt(target: Target) -> tuple[Target, Result]:
        async with slots:
            try:
                return target, await channel.send(
                    replace(message, to=target.to, device=target.device)
                )
            except TransientFailure as failure:
                return target, failure

    # All of them end before anything is raised: none goes on behind the back of what follows.
    done = await asyncio.gather(*map(attempt, targets), return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return Fanned([one for one in done if not isinstance(one, BaseException)], sent_before)


def shown(targets: Sequence[Target]) -> str:
    """Where a message went, for people: a token says nothing to them, and is nobody's business."""
    devices = [one.device for one in targets if one.device and one.to == one.device.token]
    if not devices:
        return targets[0].to
    platforms = ", ".join(sorted({device.platform or "unknown" for device in devices}))
    return f"{len(devices)} device{'s' if len(devices) > 1 else ''} ({platforms})"


_FORGET = text("""
    WITH dead AS MATERIALIZED (
        SELECT workspace_id, token FROM devices
        WHERE workspace_id = :workspace AND contact_id = :contact AND token = ANY(:dead)
        ORDER BY token FOR UPDATE
    ), gone AS (
        DELETE FROM devices d USING dead
        WHERE d.workspace_id = dead.workspace_id AND d.token = dead.token
        RETURNING d.contact_id
    )
    INSERT INTO facts (workspace_id, lane, contact_id, kind, silent)
    SELECT :workspace,
           (get_byte(uuid_send(g.contact_id), 14) * 256 + get_byte(uuid_send(g.contact_id), 15))
               % CAST(:lanes AS int),
           g.contact_id, 'device', false
    FROM (SELECT DISTINCT contact_id FROM gone) AS g
    JOIN interests i ON i.workspace_id = :workspace AND i.kind = 'device'
""")

_NOTE = statement("""
    INSERT INTO message_devices AS d (message_id, device, state, provider_id, reason, at)
    SELECT :message, n.device, n.state, n.provider_id, left(n.reason, 1000), :now
    FROM unnest(
        CAST(:devices AS bytea[]), CAST(:states AS text[]),
        CAST(:provider_ids AS text[]), CAST(:reasons AS text[])
    ) AS n(device, state, provider_id, reason)
    ORDER BY n.device
    ON CONFLICT (message_id, device) DO UPDATE
    SET state = excluded.state, provider_id = excluded.provider_id, reason = excluded.reason,
        at = excluded.at
    WHERE d.state = 'waiting'
""")


async def note_devices(
    connection: AsyncConnection, message_id: UUID, fanned: Fanned, *, now: datetime
) -> None:
    """Keep what became of each device, for the next try and for who looks."""
    rows = [(target.key, *_row(result)) for target, result in fanned.results]
    devices, states, provider_ids, reasons = zip(*rows, strict=True)
    await connection.execute(
        _NOTE,
        {
            "message": message_id,
            "now": now,
            "devices": list(devices),
            "states": list(states),
            "provider_ids": list(provider_ids),
            "reasons": list(reasons),
        },
    )


async def forget_devices(
    connection: AsyncConnection, workspace_id: UUID, contact_id: UUID, dead: Collection[str]
) -> None:
    """Delete tokens that are dead; segments that ask who can be reached follow."""
    if dead:
        await connection.execute(
            _FORGET,
            {"workspace": workspace_id, "contact": contact_id, "dead": list(dead), "lanes": LANES},
        )


def _row(result: Result) -> tuple[str, str | None, str | None]:
    match result:
        case Delivered(provider_id):
            return "sent", provider_id, None
        case Rejected(reason):
            return "failed", None, reason
        case TransientFailure():
            return "waiting", None, result.reason
