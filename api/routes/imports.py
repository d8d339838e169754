"""Files of contacts, events and orders: sent, watched, cancelled, and what was wrong in them."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from api.auth import SecretCaller, WorkspaceId
from api.dependencies import Backend, BackendDep, Now, Transaction, transaction
from api.errors import Problem, json_path
from api.models.imports import ImportAnswer, ImportOptions, ImportPage
from api.models.problem import ALWAYS, problems
from api.models.values import Text
from api.paging import Paging
from api.uploads import Upload, open_upload
from engine.consent.subscriptions import topic_keys
from engine.imports import lifecycle
from engine.imports.errors import BadFile, TooLarge
from engine.imports.inspection import inspect
from engine.imports.intake import Intake
from journeys.errors import Issue
from storage.repositories import imports as repository
from storage.repositories.imports import ImportRecord

FAULTS_AT_ONCE = 5_000
_FILE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
        "description": "The options may be fields of the form as well, before the file.",
    }
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": _FILE, "multipart/form-data": _FORM},
    }
}
log = structlog.get_logger(__name__)

RequestKey = Annotated[
    Text | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=255,
        description="The same for calls that mean the same import: a repeated one makes no other, "
        "and is answered with the first; 409 when it brings another file, or other options.",
    ),
]  # fmt: skip

router = APIRouter(prefix="/v1", tags=["imports"], responses=ALWAYS)


@router.post(
    "/contacts/import", status_code=202, summary="Import a CSV file",
    responses=problems(400, 409, 413, 415), openapi_extra=_BODY,
)  # fmt: skip
async def import_file(
    request: Request,
    caller: SecretCaller,
    backend: BackendDep,
    options: Annotated[ImportOptions, Query()],
    key: RequestKey = None,
) -> ImportAnswer:
    """Take a file in, plain or gzip, and have it worked through in the background.

    The first line names the columns. What makes the file unusable as a whole is answered here; what
    is wrong with single lines is in `/v1/imports/{id}/errors`, and costs no other line.
    """
    upload = await open_upload(request)
    options = _with_fields(options, upload)
    record = await _take_in(backend, caller.workspace_id, upload, options, key)
    backend.wakeup.set()
    return ImportAnswer.of(record)


@router.get("/imports", summary="List imports")
async def list_imports(connection: Transaction, workspace: WorkspaceId, page: Paging) -> ImportPage:
    """The newest first."""
    found = await repository.list_imports(connection, workspace, page)
    return ImportPage.of(found, ImportAnswer.of)


@router.get("/imports/{id}", summary="Read an import", responses=problems(404))
async def get_import(connection: Transaction, workspace: WorkspaceId, id: UUID) -> ImportAnswer:  # noqa: A002
    """How far it is, and how its columns are read."""
    return ImportAnswer.of(await lifecycle.get_import(connection, workspace, id))


@router.get(
    "/imports/{id}/errors", summary="Download what was wrong", response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems(404)},
)  # fmt: skip
async def download_errors(
    connection: Transaction,
    backend: BackendDep,
    workspace: WorkspaceId,
    id: UUID,  # noqa: A002
    limit: Annotated[
        int | None, Query(ge=1, le=100_000, description="So many at most; by default all.")
    ] = None,
) -> Response:
    """CSV: line, column, value and reason, in the order of the file."""
    await lifecycle.get_import(connection, workspace, id)
    return StreamingResponse(
        _errors(backend, id, limit),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="import-{id}-errors.csv"'},
    )


@router.post("/imports/{id}/cancel", summary="Cancel an import", responses=problems(404, 409))
async def cancel_import(
    connection: Transaction,
    workspace: WorkspaceId,
    now: Now,
    id: UUID,  # noqa: A002
) -> ImportAnswer:
    """Stop where it stands: the rows that were stored stay."""
    return ImportAnswer.of(await lifecycle.cancel_import(connection, workspace, id, now=now))


def _with_fields(options: ImportOptions, upload: Upload) -> ImportOptions:
    """The options with those that came as fields of the form."""
    if upload.name and options.file is None:
        options = options.model_copy(update={"file": upload.name.replace("\0", "")[:300]})
    if not upload.fields:
        return options
    try:
        return ImportOptions.model_validate(options.model_dump() | upload.fields)
    except ValidationError as error:
        issues = [Issue(json_path(fault["loc"]), fault["msg"]) for fault in error.errors()]
        raise Problem(422, "The fields of the form are not right.", issues=issues) from None


async def _take_in(
    backend: Backend, workspace_id: UUID, upload: Upload, options: ImportOptions, key: str | None
) -> ImportRecord:
    import_id = uuid4()
    async with transaction(backend) as connection:
        first = None
        topics = await topic_keys(connection, workspace_id)
        if key is not None:
            first = await repository.find_request(connection, workspace_id, key)
        if first is None:
            await lifecycle.begin_upload(
                connection, workspace_id, import_id, options.options(), file=options.file,
                dry_run=options.dry_run, backfill=options.backfill, now=datetime.now(UTC),
            )  # fmt: skip
    about = None if key is None else options.identity()
    limit = backend.settings.import_limit
    try:
        intake = Intake(encoding=options.encoding, limit=limit, about=about)
        if first is not None:
            async for _ in _parts(upload, intake, limit):
                pass
            return lifecycle.same_file(first, intake)
        await _receive(backend, workspace_id, import_id, _parts(upload, intake, limit))
        whole = intake.size == len(intake.sample)
        # In a thread: trying out delimiters on a megabyte takes a moment.
        said = replace(options.options(), topics=topics)
        found = await asyncio.to_thread(inspect, import_id, intake.sample, said, whole=whole)
        async with transaction(backend) as connection:
            return await lifecycle.finish_upload(
                connection, workspace_id, import_id, intake, found, now=datetime.now(UTC),
                request=key,
            )  # fmt: skip
    except BaseException as error:
        await asyncio.shield(_forget(backend, import_id))
        if isinstance(error, BadFile):
            raise Problem(422, str(error), issues=[Issue("$.file", str(error))]) from None
        if isinstance(error, TooLarge):
            raise Problem(413, f"The file has more than {error.limit:,} bytes.") from None
        if isinstance(error, ClientDisconnect):
            raise Problem(400, "The sender went away before the end of the file.") from None
        raise


async def _parts(upload: Upload, intake: Intake, limit: int) -> AsyncIterator[bytes]:
    """The parts of the file, as they become whole."""
    received = 0
    async for data in upload.data:
        received += len(data)
        if received > limit:
            raise TooLarge(limit)
        for part in intake.feed(data):
            yield part
    for part in intake.close():
        yield part


async def _receive(
    backend: Backend, workspace_id: UUID, import_id: UUID, parts: AsyncIterator[bytes]
) -> None:
    number = 0
    async for part in parts:
        async with transaction(backend) as connection:
            await repository.insert_chunk(connection, workspace_id, import_id, number, part)
        number += 1


async def _forget(backend: Backend, import_id: UUID) -> None:
    """Drop an upload that came to nothing; if that fails, a later upload does it."""
    try:
        async with transaction(backend) as connection:
            await repository.delete_import(connection, import_id)
    except Exception as error:  # noqa: BLE001  (why the upload failed is what is answered)
        log.warning("upload not dropped", import_id=str(import_id), error=repr(error))


async def _errors(backend: Backend, import_id: UUID, limit: int | None) -> AsyncIterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "column", "value", "reason"])
    after, left = 0, limit
    while True:
        size = FAULTS_AT_ONCE if left is None else min(left, FAULTS_AT_ONCE)
        async with transaction(backend) as connection:
            faults = await repository.read_faults(connection, import_id, after=after, limit=size)
        writer.writerows([one.line, one.column, one.value, one.reason] for one in faults)
        yield text.getvalue()
        left = None if left is None else left - len(faults)
        if len(faults) < FAULTS_AT_ONCE or left == 0:
            return
        text.seek(0)
        text.truncate()
        after = faults[-1].number
