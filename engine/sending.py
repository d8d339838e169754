"""Delivering one message: look once, hand it to the provider, write down what became of it.

Everything that could speak against a message is read in one statement, so it is one moment's truth:
a stop, a pause, an erasure or an event that was committed before that moment is obeyed, one that
comes later finds the message already on its way. The provider is called outside any transaction. A
crash between its answer and the second statement repeats the message under the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.errors import TransientFailure
from channels.pool import ChannelPool, fixed_pool
from channels.protocol import (
    Channel,
    Delivered,
    Device,
    OutgoingMessage,
    Recipient,
    Rejected,
    Unreachable,
)
from engine.consent.caps import take_place
from engine.consent.checking import OUTSIDE_HOURS, Consent, objection
from engine.consent.links import Links
from engine.consent.suppressions import suppress
from engine.send_rates import await_turn
from engine.sending_data import Situation, order_for, read_situation, template_data
from engine.sending_devices import (
    PATIENCE,
    Fanned,
    Target,
    fan_out,
    forget_devices,
    note_devices,
    shown,
    targets_of,
)
from engine.tracking.mail import tracked
from journeys.definition import AllowedHours
from journeys.rendering import RenderError, render, variables_of
from journeys.templates import CHANNEL_PARTS
from journeys.timing import allowed_from
from storage.database import Database
from storage.repositories.providers import Account

FACTS_RETRY = 0.1
"""Seconds to wait for the dispatcher to decide on a contact's fresh facts."""

ADDRESSED_CHANNELS = frozenset({"email", "sms"})
"""Those that reach anybody whose address is known: by these a test can send."""

_OUTCOMES = {
    "sent": "sent",
    "delivered": "sent",
    "opened": "sent",
    "clicked": "sent",
    "failed": "failed",
    "skipped": "skipped",
}


SEEMED_TO_FAIL = """
    state = 'failed' AND NOT EXISTS (
        SELECT FROM message_signs s
        WHERE s.message_id = messages.id AND s.kind IN ('bounced', 'failed') AND s.machine = ''
    )
"""
"""The journey gave it up, and its provider has not said that it failed."""

_SENT = text(f"""
    UPDATE messages
    SET state = CASE WHEN state IN ('queued', 'skipped') OR {SEEMED_TO_FAIL} THEN 'sent'
                     ELSE state END,
        reason = CASE WHEN state IN ('queued', 'skipped') OR {SEEMED_TO_FAIL} THEN NULL
                      ELSE reason END,
        "to" = :to, subject = :subject, provider_id = :provider_id, sent_at = :now,
        counted_at = coalesce(counted_at, CASE WHEN :counts THEN CAST(:now AS timestamptz) END)
    WHERE id = :id AND sent_at IS NULL
""")  # noqa: S608  (a fixed expression)


class FactsPending(TransientFailure):
    """The contact has facts that nobody decided on yet, one of which may stop this journey."""

    def __init__(self) -> None:
        super().__init__("facts of this contact are not decided on yet", FACTS_RETRY)


@dataclass(frozen=True)
class _Ready:
    """A message that may go, and where to."""

    message: OutgoingMessage
    targets: list[Target]


async def deliver(
    database: Database,
    channels: ChannelPool | Mapping[str, Channel],
    message_id: UUID,
    *,
    now: datetime,
) -> str:
    """Deliver a queued message, or say what became of it.

    Returns `sent`, `failed` (for good), `skipped` (nobody to send it to, or the contact's consent,
    a cap or its hours speak against it), `held` (its workflow or
    workspace is paused, or its hours have ended; the message stays queued) or `ended` (the journey
    is over, or the contact is gone). Raises TransientFailure when it should be tried again, among
    them FactsPending.
    """
    pool = channels if isinstance(channels, ChannelPool) else fixed_pool(channels)
    async with AsyncExitStack() as lent:
        async with database.statements() as connection:
            situation = await read_situation(connection, message_id)
            if situation is None:
                return "ended"
            settled = await _settle(connection, situation, now)
            if settled is not None:
                return settled
            accounts = [
                Account(UUID(one["id"]), one["kind"], one["revision"])
                for one in situation.accounts or ()
            ]
            channel = await lent.enter_async_context(
                pool.lend(connection, situation.workspace_id, situation.channel, accounts)
            )
            if channel is None:
                reason = f"no provider for channel {situation.channel}"
                return await _give_up(connection, situation, Rejected(reason), now)
            ready = await _prepare(connection, channel, situation, pool)
            if not isinstance(ready, _Ready):
                return await _give_up(connection, situation, ready, now)
        if situation.accounts and pool.looks_at_accounts(situation.channel):
            await await_turn(database, message_id, situation.slot_at, situation.accounts, now=now)
        consent = Consent.of(situation.consent)
        counts = situation.test_to is None and consent.counts(situation.channel)
        if counts and consent.capped and await _is_capped(database, message_id, now):
            return "skipped"
        fanned = await fan_out(
            channel,
            ready.message,
            ready.targets,
            sent_before="sent" in (situation.device_states or ()),
        )
    return await _record(database, situation, ready, fanned, now, counts=counts)


async def _record(
    database: Database,
    situation: Situation,
    ready: _Ready,
    fanned: Fanned,
    now: datetime,
    *,
    counts: bool,
) -> str:
    """Write down what became of it; raises TransientFailure when a device is to be tried again."""
    outcome, dead = fanned.outcome, fanned.dead
    noted = len(ready.targets) > 1 or bool(situation.device_states)
    if fanned.waiting is not None and not noted:
        raise fanned.waiting
    # One statement is its own transaction; several are one together.
    gone = isinstance(outcome, Rejected) and outcome.bad_address and situation.test_to is None
    opening = database.transaction() if noted or dead or gone else database.statements()
    async with opening as connection:
        if isinstance(outcome, Rejected):
            await _fail(connection, situation.id, outcome.reason, now, ready.message)
            if gone:
                await suppress(
                    connection, situation.workspace_id, situation.channel, ready.message.to,
                    "bounce", now=now, message_id=situation.id,
                )  # fmt: skip
        elif isinstance(outcome, Delivered):
            await _record_sent(connection, ready.message, outcome.provider_id, now, counts=counts)
        if noted:
            await note_devices(connection, situation.id, fanned, now=now)
        await forget_devices(connection, situation.workspace_id, situation.contact_id, dead)
    if fanned.waiting is not None:
        raise fanned.waiting
    return "failed" if isinstance(outcome, Rejected) else "sent"


async def _settle(connection: AsyncConnection, situation: Situation, now: datetime) -> str | None:
    """The outcome when nothing is to be sent (now), None when the message may go."""
    running = situation.journey_state == "running"
    if situation.state != "queued" and not _owed_to_devices(situation, now):
        ended = situation.state == "skipped" and not running
        return "ended" if ended else _OUTCOMES[situation.state]
    if not running:
        reason = situation.journey_reason or situation.journey_state
        await _skip(connection, situation.id, f"stopped: {reason}")
        return "ended"
    test = situation.test_to is not None
    if situation.workspace_paused or (situation.workflow_state == "paused" and not test):
        return "held"
    if not test and _hours_ended(situation, now, "wait"):
        return "held"
    if situation.facts_pending:
        raise FactsPending
    against = await _objection(connection, situation, now)
    if against is not None:
        await _skip(connection, situation.id, against)
        return "skipped" if situation.state == "queued" else "sent"
    return None


def _owed_to_devices(situation: Situation, now: datetime) -> bool:
    """Whether some device has the message, another may yet have it, and nothing is against it."""
    return (
        _OUTCOMES[situation.state] == "sent"
        and "waiting" in (situation.device_states or ())
        and situation.sent_at is not None
        and now - situation.sent_at < PATIENCE
        and situation.journey_state == "running"
        and situation.workflow_state != "paused"
        and not situation.workspace_paused
        and not _hours_ended(situation, now, "wait")
    )


async def _objection(
    connection: AsyncConnection, situation: Situation, now: datetime
) -> str | None:
    """What speaks against it for good; nothing speaks against a test, which goes to others."""
    if situation.test_to is not None:
        return None
    if _hours_ended(situation, now, "skip"):
        return OUTSIDE_HOURS
    consent = Consent.of(situation.consent)
    return await objection(
        connection, consent, situation.workspace_id, situation.channel, situation.email
    )


async def _is_capped(database: Database, message_id: UUID, now: datetime) -> bool:
    """Count the message, or skip it where a cap is reached."""
    async with database.transaction() as connection:
        reached = await take_place(connection, message_id, now=now)
        if reached is not None:
            await _skip(connection, message_id, f"capped: {reached}")
    return reached is not None


async def _give_up(
    connection: AsyncConnection, situation: Situation, why: Unreachable | Rejected, now: datetime
) -> str:
    if situation.state != "queued":
        return "sent"  # by one of its devices; the others are gone
    if isinstance(why, Unreachable):
        await _skip(connection, situation.id, f"unreachable: {why.reason}")
        return "skipped"
    await _fail(connection, situation.id, why.reason, now)
    return "failed"


def _hours_ended(situation: Situation, now: datetime, otherwise: Literal["wait", "skip"]) -> bool:
    """Whether it is not in the hours in which the message may leave, and this is what to do."""
    if situation.allowed_hours is None:
        return False
    hours = AllowedHours.model_validate(situation.allowed_hours)
    if hours.otherwise != otherwise:
        return False
    allowed = allowed_from(
        hours,
        now=now,
        contact_zone=situation.timezone,
        workspace_zone=situation.workspace_timezone,
    )
    return allowed > now


def _targets(channel: Channel, situation: Situation) -> list[Target] | Unreachable:
    """Where the channel reaches the contact; in a test, the address that the test names."""
    if situation.test_to is None:
        return targets_of(
            channel,
            Recipient(
                contact_id=situation.contact_id,
                user_id=situation.user_id,
                email=situation.email,
                phone=situation.phone,
                devices=tuple(
                    Device(one["token"], one["platform"]) for one in situation.devices or ()
                ),
            ),
        )
    if situation.channel not in ADDRESSED_CHANNELS:
        return Unreachable(f"a test sends nothing by {situation.channel}")
    return targets_of(
        channel,
        Recipient(
            contact_id=situation.contact_id, email=situation.test_to, phone=situation.test_to
        ),
    )


async def _prepare(
    connection: AsyncConnection, channel: Channel, situation: Situation, pool: ChannelPool
) -> _Ready | Unreachable | Rejected:
    """The message as the channel takes it, or why there is none."""
    if situation.channel not in CHANNEL_PARTS:
        return Rejected(f"no provider for channel {situation.channel}")
    targets = _targets(channel, situation)
    if isinstance(targets, Unreachable):
        return targets
    if situation.content is None:
        return Rejected(f"template missing: {situation.template}")
    if situation.template_channel != situation.channel:
        return Rejected(
            f"template {situation.template} is for {situation.template_channel},"
            f" not for {situation.channel}"
        )
    order = {}
    if "order" in variables_of(situation.channel, situation.content):
        order = await order_for(connection, situation)
    try:
        links = Links.of(pool.public_url, situation.link_secret, situation.id)
        data = replace(
            template_data(situation, order), links=links.for_templates() if links else {}
        )
        content = render(situation.channel, situation.content, data)
    except RenderError as error:
        return Rejected(f"render: {error.reason}")
    content = tracked(content, situation, public_url=pool.public_url, encryption=pool.encryption)
    to = shown(targets)
    message = OutgoingMessage(situation.id, situation.workspace_id, to, content)
    if links and situation.channel == "email" and not Consent.of(situation.consent).transactional:
        message = replace(message, headers=links.headers())
    return _Ready(message, targets)


async def _skip(connection: AsyncConnection, message_id: UUID, reason: str) -> None:
    await connection.execute(
        text(
            "UPDATE messages SET state = 'skipped', reason = :reason"
            " WHERE id = :id AND state = 'queued'"
        ),
        {"id": message_id, "reason": reason},
    )


async def _fail(
    connection: AsyncConnection,
    message_id: UUID,
    reason: str,
    now: datetime,
    sent: OutgoingMessage | None = None,
) -> bool:
    result = await connection.execute(
        text(
            "UPDATE messages SET state = 'failed', reason = :reason, failed_at = :now,"
            ' "to" = coalesce(:to, "to"), subject = coalesce(:subject, subject)'
            " WHERE id = :id AND state = 'queued'"
        ),
        {
            "id": message_id,
            "reason": reason[:1000],
            "now": now,
            "to": sent.to if sent else None,
            "subject": _subject(sent) if sent else None,
        },
    )
    return bool(result.rowcount)


async def _record_sent(
    connection: AsyncConnection,
    sent: OutgoingMessage,
    provider_id: str,
    now: datetime,
    *,
    counts: bool,
) -> None:
    """Note the sending.

    A state that came later (delivered, opened) stays as it is. A stop that came while the provider
    was at work marked the message skipped; what was sent was sent.
    """
    await connection.execute(
        _SENT,
        {
            "id": sent.id,
            "to": sent.to,
            "subject": _subject(sent),
            "provider_id": provider_id,
            "now": now,
            "counts": counts,
        },
    )


def _subject(message: OutgoingMessage) -> str | None:
    return message.content.subject or message.content.title
