"""A test message by one account, switched on or not: what the provider really says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

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
from engine.sending_devices import MAX_DEVICES, Target, targets_of
from journeys.errors import InvalidInput, Issue, NotFound
from journeys.templates import RenderedMessage

TITLE = "Test from Sojourn"
TEXT = "This is a test. If you can read it, the account works."


@dataclass(frozen=True)
class TestResult:
    """What became of it at one address."""

    __test__ = False

    to: str
    outcome: Literal["delivered", "rejected", "failed"]
    """`failed`: it may work when it is tried again."""
    provider_id: str | None = None
    reason: str | None = None


_CONTACT = text("""
    SELECT c.id, c.user_id, c.email, c.phone,
           ARRAY(SELECT d.token FROM devices d WHERE d.contact_id = c.id
                 ORDER BY d.last_seen_at DESC, d.token LIMIT :most) AS tokens,
           ARRAY(SELECT coalesce(d.platform, '') FROM devices d WHERE d.contact_id = c.id
                 ORDER BY d.last_seen_at DESC, d.token LIMIT :most) AS platforms
    FROM contacts c WHERE c.workspace_id = :workspace AND c.user_id = :user_id
""")


async def recipient_by_user_id(
    connection: AsyncConnection, workspace_id: UUID, user_id: str
) -> Recipient:
    """The contact with the newest of its devices. Raises NotFound."""
    row = (
        await connection.execute(
            _CONTACT, {"workspace": workspace_id, "user_id": user_id, "most": MAX_DEVICES}
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no contact with the userId {user_id!r}.")
    devices = tuple(
        Device(token, platform or None)
        for token, platform in zip(row.tokens, row.platforms, strict=True)
    )
    return Recipient(row.id, row.user_id, row.email, row.phone, devices)


def recipient_by_address(channel: str, to: str) -> Recipient:
    """Somebody with just this address, whatever the channel takes it for."""
    device = Device(to, "web" if channel == "web_push" else None)
    return Recipient(contact_id=uuid4(), user_id=to, email=to, phone=to, devices=(device,))


async def send_provider_test(
    channel: Channel, workspace_id: UUID, recipient: Recipient, *, field: str
) -> list[TestResult]:
    """One attempt for each of the recipient's addresses.

    Raises InvalidInput when the account reaches none; `field` of the request names the recipient.
    """
    targets = targets_of(channel, recipient)
    if isinstance(targets, Unreachable):
        raise InvalidInput("Nothing can be sent there.", [Issue(f"$.{field}", targets.reason)])
    return [await _attempt(channel, workspace_id, target) for target in targets]


async def _attempt(channel: Channel, workspace_id: UUID, target: Target) -> TestResult:
    content = RenderedMessage(subject=TITLE, title=TITLE, text=TEXT, body=TEXT)
    message = OutgoingMessage(uuid4(), workspace_id, target.to, content, device=target.device)
    shown = target.to if len(target.to) <= 60 else f"{target.to[:57]}…"
    try:
        result = await channel.send(message)
    except TransientFailure as failure:
        return TestResult(shown, "failed", reason=failure.reason)
    match result:
        case Delivered(provider_id):
            return TestResult(shown, "delivered", provider_id=provider_id)
        case Rejected(reason):
            return TestResult(shown, "rejected", reason=reason)
