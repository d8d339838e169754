"""Reports of providers, taken once: what they tell of messages, what addresses they rule out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from prometheus_client import Counter
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.accounts import unseal
from channels.providers import PROVIDER_KINDS
from channels.reports import Reply, Report, ReportReader, ReportRefusedError, ReportRequest
from channels.reports_sendgrid import read_sendgrid
from channels.reports_twilio import read_twilio
from engine.consent.suppressions import lift_stops, suppress_all
from engine.tracking.states import Told, tell
from storage.encryption import Encryption, NoKeyError, UndecipherableError
from storage.repositories.providers import ProviderRecord
from storage.sql import statement

READERS: Mapping[str, ReportReader] = {"sendgrid": read_sendgrid, "twilio": read_twilio}
"""The kinds of provider that report. Explicit: a kind is a line."""
KEPT = timedelta(days=3)
"""For so long a report is known as one that was taken: longer than it can be repeated unnoticed."""
FORGOTTEN_AT_ONCE = 1000

REPORTS = Counter("sojourn_provider_reports_total", "Reports of providers", ["kind", "outcome"])

_TAKE = statement("""
    INSERT INTO provider_reports (id, workspace_id, received_at)
    SELECT id, :workspace,
           CASE WHEN id = ANY(CAST(:forever AS uuid[])) THEN 'infinity'
                ELSE CAST(:now AS timestamptz) END
    FROM unnest(CAST(:ids AS uuid[])) AS r(id) ORDER BY id
    ON CONFLICT DO NOTHING
    RETURNING id
""")

_FORGET = text("""
    DELETE FROM provider_reports WHERE id IN (
        SELECT id FROM provider_reports WHERE received_at < :before
        ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
""")


@dataclass(frozen=True)
class Taken:
    """What became of the reports of one request."""

    taken: int = 0
    repeated: int = 0
    """Known already; they told nothing again."""
    unknown: int = 0
    """Of messages that are not here (any more)."""
    facts: int = 0


def read_reports(
    encryption: Encryption, account: ProviderRecord, request: ReportRequest, *, now: datetime
) -> Sequence[Report | Reply]:
    """The reports that a request to the account holds. Raises ReportRefusedError."""
    kind, reader = PROVIDER_KINDS.get(account.kind), READERS.get(account.kind)
    if kind is None or reader is None:
        raise ReportRefusedError(f"{account.kind} reports nothing", forged=False)
    try:
        settings = kind.settings.read({**account.settings, **unseal(encryption, account)})
    except (UndecipherableError, NoKeyError, ValidationError, ValueError):
        raise ReportRefusedError("the account cannot be read: save its settings again") from None
    try:
        return reader(settings, request, now)
    except ReportRefusedError as refused:
        REPORTS.labels(account.kind, "forged" if refused.forged else "unreadable").inc()
        raise


async def take_reports(
    connection: AsyncConnection,
    account: ProviderRecord,
    reports: Sequence[Report | Reply],
    *,
    now: datetime,
) -> Taken:
    """Write down what is new among them; all of it or, on an error, nothing."""
    by_id = {uuid5(account.id, report.id): report for report in reports}
    new: dict[UUID, Report] = {}
    replies: list[Reply] = []
    if by_id:
        # A START is known for ever: its signature has no time, and played again after a later
        # STOP it would lift that.
        starts = [i for i, one in by_id.items() if isinstance(one, Reply) and one.wish == "start"]
        values = {
            "ids": list(by_id), "forever": starts, "workspace": account.workspace_id, "now": now
        }  # fmt: skip
        for id_ in (await connection.execute(_TAKE, values)).scalars():
            one = by_id[id_]
            if isinstance(one, Reply):
                replies.append(one)
            else:
                new[id_] = one
    told = [
        Told(
            report.message_id, report.sign, report.at,
            link=report.link, reason=report.reason, machine=report.machine,
        )
        for report in new.values()
    ]  # fmt: skip
    known = {message.id: message for message in await tell(connection, account.workspace_id, told)}
    addresses: dict[Literal["bounce", "complaint", "stop"], set[str]] = defaultdict(set)
    for report in new.values():
        message = known.get(report.message_id)
        if report.unwanted and message and message.to and message.channel == account.channel:
            addresses[report.unwanted].add(message.to)
    for reply in replies:
        if reply.wish == "stop":
            addresses["stop"].add(reply.address)
    for reason in sorted(addresses):
        await suppress_all(
            connection, account.workspace_id, account.channel, sorted(addresses[reason]), reason,
            now=now,
        )  # fmt: skip
    await lift_stops(
        connection, account.workspace_id, account.channel,
        [reply.address for reply in replies if reply.wish == "start"],
    )  # fmt: skip
    await connection.execute(_FORGET, {"before": now - KEPT, "limit": FORGOTTEN_AT_ONCE})
    unknown = sum(report.message_id not in known for report in new.values())
    result = Taken(
        len(new) + len(replies) - unknown,
        len(reports) - len(new) - len(replies),
        unknown,
        sum(message.facts for message in known.values()),
    )
    for outcome in ("taken", "repeated", "unknown"):
        REPORTS.labels(account.kind, outcome).inc(getattr(result, outcome))
    return result
