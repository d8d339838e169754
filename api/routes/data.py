"""What servers send: contacts and orders in bulk, erasure; and push tokens from the SDK."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import SecretCaller, WriteCaller
from api.bodies import Body, items_of, read_json
from api.body_limit import CEILING
from api.dependencies import Backend, BackendDep, Caller, transaction
from api.routes.data_schema import CONTACTS, DEVICES, ERASE, ORDERS
from api.routes.ingest import answer_with_rejections
from api.transactions import repeatable
from engine.consent.subscriptions import topic_keys
from engine.contacts import erase_contact
from engine.ingest import Envelope, Outcome, Rejection, store
from engine.ingest.items import MAX_ITEM_BYTES, Rejected
from engine.ingest.upserts import parse_contacts, parse_device
from engine.orders import parse_orders, store_orders
from journeys.errors import NotFound

MAX_ROWS = 1000
Work = Callable[[AsyncConnection], Awaitable[Outcome]]

router = APIRouter(prefix="/v1")


@router.post("/contacts", response_class=Response, **CONTACTS)
async def upsert_contacts(request: Request, caller: SecretCaller, backend: BackendDep) -> Response:
    """Make or change up to 1,000 contacts."""
    body = await read_json(request, CEILING)
    items = items_of(body, "contacts", MAX_ROWS)
    envelope = _envelope(caller, body, "contacts")
    if any(isinstance(item, dict) and "subscriptions" in item for item in items):
        async with transaction(backend) as connection:
            topics = await topic_keys(connection, caller.workspace_id)
        envelope = replace(envelope, topics=topics)
    accepted, rejected = parse_contacts(items, envelope)

    async def work(connection: AsyncConnection) -> Outcome:
        return await store(
            connection,
            caller.workspace_id,
            accepted,
            now=envelope.received_at,
            path=envelope.path,
        )

    return await _answer(backend, work, rejected, items)


@router.post("/orders", response_class=Response, **ORDERS)
async def upsert_orders(request: Request, caller: SecretCaller, backend: BackendDep) -> Response:
    """Make or change up to 1,000 orders."""
    body = await read_json(request, CEILING)
    items = items_of(body, "orders", MAX_ROWS)
    envelope = _envelope(caller, body, "orders")
    accepted, rejected = parse_orders(items, envelope)

    async def work(connection: AsyncConnection) -> Outcome:
        return await store_orders(connection, envelope, accepted)

    return await _answer(backend, work, rejected, items)


@router.post("/devices", response_class=Response, **DEVICES)
async def register_device(request: Request, caller: WriteCaller, backend: BackendDep) -> Response:
    """Register a push token; it belongs to whom it was registered for last."""
    body = await read_json(request, MAX_ITEM_BYTES)
    envelope = _envelope(caller, body, "")
    try:
        item = parse_device(body.data, envelope)
    except Rejected as refusal:
        return answer_with_rejections([refusal.at(0, "")], 1)

    async def work(connection: AsyncConnection) -> Outcome:
        now = envelope.received_at
        return await store(connection, caller.workspace_id, [item], now=now, path="")

    return await _answer(backend, work, [], [item])


@router.delete("/contacts/{user_id:path}", status_code=204, **ERASE)
async def erase(user_id: str, caller: SecretCaller, backend: BackendDep) -> None:
    """Erase a contact and everything that is known of it; its running journeys end."""
    now = datetime.now(UTC)

    async def work(connection: AsyncConnection) -> bool:
        return await erase_contact(connection, caller.workspace_id, user_id, now=now)

    if not await repeatable(backend, work):
        raise NotFound(f"No contact has the userId or id {user_id!r}.")
    backend.wakeup.set()


def _envelope(caller: Caller, body: Body, key: str) -> Envelope:
    """The path is where the items are: `$.contacts`, `$` for a bare list, empty for one item."""
    wrapped = isinstance(body.data, dict) and key in body.data
    single = isinstance(body.data, dict) and not wrapped
    return Envelope(
        workspace_id=caller.workspace_id,
        received_at=datetime.now(UTC),
        backfill=wrapped and body.data.get("backfill") is True,
        suspicious=body.suspicious,
        sized=body.size <= MAX_ITEM_BYTES,
        path="" if single else f"$.{key}" if wrapped else "$",
    )


async def _answer(
    backend: Backend, work: Work, rejected: list[Rejection], items: Sequence[Any]
) -> Response:
    outcome = Outcome()
    if len(rejected) < len(items):
        outcome = await repeatable(backend, work)
    if outcome.facts:
        backend.wakeup.set()
    rejected += outcome.rejected
    if rejected:
        return answer_with_rejections(rejected, len(items))
    return Response(orjson.dumps({"success": True}), media_type="application/json")
