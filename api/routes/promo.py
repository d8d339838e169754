"""Promo pools: codes that `promo` blocks give out, each once."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.auth import WorkspaceId
from api.dependencies import Now, Transaction
from api.errors import Problem
from api.management import JsonRequest, ManagementRoute, content_type_of
from api.models.problem import ALWAYS, BODY, problems
from api.models.promo import (
    CodesAnswer,
    CodesRequest,
    PoolAnswer,
    PoolCreate,
    PoolPage,
    PoolSave,
)
from api.models.values import Text
from api.naming import keep_key, key_for_put
from api.paging import Paging
from engine import promo_pools as service
from storage.repositories import promo as repository
from storage.repositories.promo import CodeCount, PoolRecord

_LINES = ("text/csv", "text/plain")
_HEADERS = frozenset({"code", "codes", "promo_code", "promo code", "coupon"})


class _LinesRequest(JsonRequest):
    async def json(self) -> Any:
        """The first column of the lines, as the JSON body has it; a header is passed over."""
        try:
            text = (await self.body()).decode("utf-8-sig")
            cells = [row[0].strip() for row in csv.reader(io.StringIO(text)) if row]
        except (UnicodeDecodeError, csv.Error) as error:
            raise Problem(400, f"The body cannot be read as lines of codes: {error}.") from None
        codes = [cell for cell in cells if cell]
        return {"codes": codes[1:] if codes and codes[0].lower() in _HEADERS else codes}


class CodesRoute(ManagementRoute):
    """A route whose body may be lines of text, or CSV, as well."""

    def reader(self, request: Request) -> Request:
        """The request with the reader for JSON or lines; raises a 415 problem."""
        if content_type_of(request) not in _LINES:
            return super().reader(request)
        headers = [(k, v) for k, v in request.scope["headers"] if k != b"content-type"]
        scope = {**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}
        return _LinesRequest(scope, request.receive)


router = APIRouter(
    prefix="/v1/promo-pools", tags=["promo"], route_class=CodesRoute, responses=ALWAYS,
    strict_content_type=False,
)  # fmt: skip
Ref = Annotated[Text, Path(max_length=200, description="The pool's id or key.")]
LINES = {
    "requestBody": {
        "content": {
            kind: {
                "schema": {
                    "type": "string",
                    "description": "One code a line; a header is optional.",
                }
            }
            for kind in _LINES
        }
    }
}


def _values(record: PoolRecord, count: CodeCount) -> dict[str, Any]:
    return {
        "id": record.id, "key": record.key, "name": record.name, "free": count.free,
        "taken": count.taken, "created_at": record.created_at, "updated_at": record.updated_at,
    }  # fmt: skip


async def _answer(connection: Transaction, record: PoolRecord) -> PoolAnswer:
    counts = await repository.count_codes(connection, [record.id])
    return PoolAnswer.model_validate(_values(record, counts.get(record.id, CodeCount())))


@router.get("", summary="List promo pools")
async def list_pools(connection: Transaction, workspace: WorkspaceId, page: Paging) -> PoolPage:
    """The newest first."""
    found = await repository.list_pools(connection, workspace, page)
    counts = await repository.count_codes(connection, [record.id for record in found.items])
    return PoolPage.of(
        found,
        lambda record: PoolAnswer.model_validate(
            _values(record, counts.get(record.id, CodeCount()))
        ),
    )


@router.post("", status_code=201, summary="Make a promo pool", responses=BODY | problems(409))
async def create_pool(
    connection: Transaction, workspace: WorkspaceId, now: Now, body: PoolCreate
) -> PoolAnswer:
    """The pool is empty until codes are imported."""
    record = await service.create_pool(connection, workspace, key=body.key, name=body.name, now=now)
    return await _answer(connection, record)


@router.get("/{ref}", summary="Read a promo pool", responses=problems(404))
async def get_pool(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> PoolAnswer:
    """The pool with the number of its codes."""
    return await _answer(connection, await service.get_pool(connection, workspace, ref))


@router.put("/{ref}", summary="Save a promo pool", responses=BODY | problems(404))
async def put_pool(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    ref: Ref,
    body: PoolSave,
    response: Response,
) -> PoolAnswer:
    """Rename the pool, or make it when no pool has this key (201). Its codes stay."""
    present = await repository.find_pool(connection, workspace, ref, lock="change")
    if present is not None:
        keep_key(body.key, present.key)
        record = await service.rename_pool(connection, present, name=body.name, now=now)
    else:
        key = key_for_put(ref, body.key, missing=service.no_pool(ref))
        record = await service.create_pool(connection, workspace, key=key, name=body.name, now=now)
        response.status_code = 201
    return await _answer(connection, record)


@router.delete("/{ref}", status_code=204, summary="Delete a promo pool",
               responses=problems(404, 409))  # fmt: skip
async def delete_pool(connection: Transaction, workspace: WorkspaceId, ref: Ref) -> None:
    """Delete it with its codes. 409, naming them, while workflows may still take from it."""
    await service.delete_pool(connection, workspace, ref)


@router.post("/{ref}/codes", summary="Import promo codes", responses=BODY | problems(404),
             openapi_extra=LINES)  # fmt: skip
async def import_codes(
    connection: Transaction, workspace: WorkspaceId, now: Now, ref: Ref, body: CodesRequest
) -> CodesAnswer:
    """Up to 10,000 codes a call, as JSON, as lines of text or as CSV (its first column).

    Codes that the pool has already, taken ones too, are passed over: a repeated call adds nothing.
    """
    codes = list(dict.fromkeys(body.codes))
    record, added = await service.import_codes(connection, workspace, ref, codes, now=now)
    counts = await repository.count_codes(connection, [record.id])
    return CodesAnswer.model_validate(
        {
            **_values(record, counts.get(record.id, CodeCount())),
            "added": added,
            "duplicates": len(body.codes) - added,
        }
    )
