"""`/v1/hooks`: where providers report what became of messages.

There is no key: who may report is told by the provider's signature. A report of a message that is
gone is answered like any other, or it would be repeated for days.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.bodies import read_body
from api.dependencies import BackendDep, Now, transaction
from api.errors import Problem
from api.models.problem import problems
from api.models.values import Answer
from api.transactions import repeatable
from channels.reports import Reply, ReportRefusedError, ReportRequest
from engine.tracking.reports import READERS, Taken, read_reports, take_reports
from runtime.encryption import encryption_of
from storage.repositories.providers import read_provider

MAX_BODY = 3 * 1024 * 1024
"""Bytes; SendGrid collects up to some hundred kilobytes."""

router = APIRouter(prefix="/v1/hooks", tags=["providers"])


class ReportsAnswer(Answer):
    """What became of the reports in a request."""

    taken: int
    repeated: int
    unknown: int


NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
"""Twilio would send any other text, or complain of it: what is said to STOP and HELP it says."""


@router.post(
    "/{kind}/{account}",
    summary="Report what became of messages",
    responses=problems(400, 403, 404, 413, 415),
    response_model=ReportsAnswer,
)
async def take_report(
    request: Request,
    backend: BackendDep,
    now: Now,
    kind: Annotated[str, Path(max_length=50)],
    account: UUID,
) -> ReportsAnswer | Response:
    """For providers, which sign what they send: SendGrid's event webhook, Twilio's callbacks.

    Twilio also calls it with what people answer to an SMS: STOP suppresses the number, START lifts
    that. This is answered with empty TwiML.

    What was taken before is known and told once. 403 with the reason when the signature is wrong
    or too old.
    """
    body = await read_body(request, MAX_BODY)
    async with transaction(backend) as connection:
        record = await read_provider(connection, account)
    if record is None or record.kind != kind or kind not in READERS:
        raise Problem(404, f"There is no account {account} of the kind {kind!r} that reports.")
    query = request.url.query
    base = backend.settings.public_url or str(request.base_url).rstrip("/")
    url = f"{base}{request.url.path}" + (f"?{query}" if query else "")
    try:
        reports = read_reports(
            encryption_of(backend.settings),
            record,
            ReportRequest(url, query, request.headers, body),
            now=now,
        )
    except ReportRefusedError as refused:
        status = 403 if refused.forged else 400
        raise Problem(status, f"The report is refused: {refused.reason}.") from None

    async def take(connection: AsyncConnection) -> Taken:
        return await take_reports(connection, record, reports, now=now)

    taken = await repeatable(backend, take)
    if taken.facts:
        backend.wakeup.set()
    if any(isinstance(report, Reply) for report in reports):
        return Response(NO_ANSWER, media_type="text/xml")
    return ReportsAnswer(taken=taken.taken, repeated=taken.repeated, unknown=taken.unknown)
