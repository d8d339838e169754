"""The Segment HTTP Tracking API: existing SDKs work by changing their host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import identify_caller, key_in_header
from api.bodies import Body, read_json
from api.dependencies import Backend, BackendDep, Caller
from api.errors import Problem
from api.metrics import INGESTED
from api.routes.ingest_schema import batch_documentation, call_documentation
from api.transactions import repeatable
from engine.ingest import Envelope, Outcome, Rejection, parse_items, store
from engine.ingest.items import MAX_ITEM_BYTES, Rejected
from engine.ingest.values import instant
from journeys.errors import Issue

MAX_BATCH_BYTES = 500 * 1024
_SUCCESS = b'{"success":true}'
_SHORT = {
    "identify": "i", "track": "t", "page": "p", "screen": "s", "group": "g", "alias": "a",
}  # fmt: skip
"""The addresses that browser and mobile SDKs use for the same calls."""

router = APIRouter(prefix="/v1", tags=["ingestion"])


async def ingest_one(request: Request, backend: Backend, call: str) -> Response:
    """One call, whose body is the item."""
    caller, body = await _receive(request, backend, MAX_ITEM_BYTES)
    return await _ingest(backend, [body.data], _envelope(caller, body, {}, ""), call)


async def ingest_batch(request: Request, backend: BackendDep) -> Response:
    """Many calls, each with its `type`. A bad item is reported and never costs the good ones."""
    caller, body = await _receive(request, backend, MAX_BATCH_BYTES)
    items = body.data.get("batch")
    if not isinstance(items, list):
        raise Problem(
            400, "A batch needs its items.", issues=[Issue("$.batch", "must be a list of calls")]
        )
    return await _ingest(backend, items, _envelope(caller, body, body.data, "$.batch"))


async def preflight() -> Response:
    """What may be sent here; a browser's own preflight is answered by the CORS layer."""
    return Response(status_code=204, headers={"Allow": "OPTIONS, POST"})


async def _receive(request: Request, backend: Backend, limit: int) -> tuple[Caller, Body]:
    """Who calls, and with what object. Browsers may put the key into the body (`writeKey`)."""
    key = key_in_header(request)
    caller = await identify_caller(backend, key) if key is not None else None
    body = await read_json(request, limit)
    if not isinstance(body.data, dict):
        raise Problem(
            400, "The body must be a JSON object.", issues=[Issue("$", "must be an object")]
        )
    if caller is None:
        key = body.data.get("writeKey")
        caller = await identify_caller(backend, key if isinstance(key, str) else None)
    return caller, body


async def _ingest(
    backend: Backend, items: list[Any], envelope: Envelope, call: str | None = None
) -> Response:
    accepted, rejected = parse_items(items, envelope, call)

    async def work(connection: AsyncConnection) -> Outcome:
        return await store(
            connection,
            envelope.workspace_id,
            accepted,
            now=envelope.received_at,
            path=envelope.path,
        )

    outcome = await repeatable(backend, work) if accepted else Outcome()
    if outcome.facts:
        backend.wakeup.set()
    rejected += outcome.rejected
    INGESTED.labels("accepted").inc(len(items) - len(rejected))
    if not rejected:
        return Response(_SUCCESS, media_type="application/json")
    INGESTED.labels("rejected").inc(len(rejected))
    return answer_with_rejections(rejected, len(items))


def _envelope(caller: Caller, body: Body, common: dict[str, Any], path: str) -> Envelope:
    context = common.get("context")
    if context is not None and not isinstance(context, dict):
        raise Problem(
            400, "The batch's context is wrong.", issues=[Issue("$.context", "must be an object")]
        )
    try:
        sent_at = instant(common["sentAt"], "sentAt") if common.get("sentAt") else None
    except Rejected as error:
        raise Problem(
            400, f"{error.reason}.", issues=[Issue(f"${error.path}", error.reason)]
        ) from None
    return Envelope(
        workspace_id=caller.workspace_id,
        received_at=datetime.now(UTC),
        sent_at=sent_at,
        context=context,
        backfill=common.get("backfill") is True,
        suspicious=body.suspicious,
        sized=body.size <= MAX_ITEM_BYTES,
        path=path,
    )


def answer_with_rejections(rejected: list[Rejection], total: int) -> Response:
    """200 with the list of refused items, or a 400 problem when there is no other one."""
    rejected.sort(key=lambda one: one.index)
    listed = [{"index": one.index, "reason": one.reason, "path": one.path} for one in rejected]
    if len(rejected) < total:
        answer = {"success": True, "rejected": listed}
        return Response(orjson.dumps(answer), media_type="application/json")
    detail = rejected[0].reason if total == 1 else f"None of the {total} items could be stored."
    raise Problem(
        400,
        f"{detail[0].upper()}{detail[1:]}".rstrip(".") + ".",
        issues=[Issue(one.path, one.reason) for one in rejected],
        extra={"success": False, "rejected": listed},
    )


def _handler(call: str) -> Callable[..., Awaitable[Response]]:
    async def handle(request: Request, backend: BackendDep) -> Response:
        return await ingest_one(request, backend, call)

    return handle


def _add(path: str, endpoint: Callable[..., Any], name: str, *, shown: bool, **extra: Any) -> None:
    router.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        name=name,
        operation_id=name if shown else None,
        include_in_schema=shown,
        response_class=Response,
        **(extra if shown else {}),
    )
    router.add_api_route(path, preflight, methods=["OPTIONS"], include_in_schema=False)


for _name, _short in _SHORT.items():
    _handle = _handler(_name)
    _add(f"/{_name}", _handle, _name, shown=True, **call_documentation(_name))
    _add(f"/{_short}", _handle, _name, shown=False)
_add("/batch", ingest_batch, "batch", shown=True, **batch_documentation())
for _alias in ("/b", "/import"):
    _add(_alias, ingest_batch, "batch", shown=False)
