"""What the routes of the management API have in common.

Bodies are JSON, plain or gzip; where a definition may be sent, YAML too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncConnection

from api.bodies import read_body
from api.dependencies import BackendDep, transaction
from api.errors import Problem
from journeys.definition_files import read_definition_file
from journeys.errors import InvalidInput, Issue

MAX_BODY = 1024 * 1024
"""Bytes of a body, compressed or not."""
_JSON = re.compile(r"application/([\w.-]+\+)?json")
_YAML = re.compile(r"(application|text)/(x-|[\w.-]+\+)?yaml")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRequest(Request):
    """A request whose body is JSON, bounded in size."""

    async def body(self) -> bytes:
        """The body's bytes, decompressed."""
        if not hasattr(self, "_body"):
            self._body = await read_body(self, MAX_BODY)
        return self._body

    async def json(self) -> Any:
        """The data."""
        data: Any = orjson.loads(await self.body())
        return data


class ManagementRoute(APIRoute):
    """A route that reads its body as JSON with a bound on its size, and says so when it cannot."""

    def get_route_handler(self) -> Handler:
        """Hand the bounded reader to FastAPI."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_json(request: Request) -> Response:
            return await handle(self.reader(request))

        return handle_json

    def reader(self, request: Request) -> Request:
        """The request with the reader for its content type; raises a 415 problem."""
        content_type = content_type_of(request)
        if not _JSON.fullmatch(content_type):
            raise Problem(415, f"The body must be application/json, not {content_type}.")
        return JsonRequest(request.scope, request.receive)


class _YamlRequest(JsonRequest):
    async def json(self) -> Any:
        body = await self.body()
        try:
            # In a thread: reading half a megabyte of YAML takes seconds.
            return (await asyncio.to_thread(read_definition_file, body, name="The body")).data
        except InvalidInput as error:
            raise Problem(400, str(error), issues=error.issues) from None


class DefinitionRoute(ManagementRoute):
    """A route whose body may be YAML as well."""

    def reader(self, request: Request) -> Request:
        """The request with the reader for JSON or YAML; raises a 415 problem."""
        content_type = content_type_of(request)
        if not _YAML.fullmatch(content_type):
            return super().reader(request)
        headers = [(k, v) for k, v in request.scope["headers"] if k != b"content-type"]
        scope = {**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}
        return _YamlRequest(scope, request.receive)


def content_type_of(request: Request) -> str:
    """The type of the body, without its parameters; JSON if none is given."""
    header = request.headers.get("content-type", "application/json")
    return header.partition(";")[0].strip().lower()


def _expected_revision(
    if_match: Annotated[
        str | None,
        Header(description='The revision that you edited, as in `ETag`: `If-Match: "3"`.'),
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?([1-9]\d{0,8})"?', if_match.strip())
    if found is None:
        issue = Issue("$.header.if-match", 'must be a revision such as "3"')
        raise Problem(422, "The If-Match header is not valid.", issues=[issue])
    return int(found[1])


ExpectedRevision = Annotated[int | None, Depends(_expected_revision)]
"""The revision that the caller means to replace, from If-Match."""


async def _waking_transaction(backend: BackendDep) -> AsyncIterator[AsyncConnection]:
    async with transaction(backend) as connection:
        yield connection
    backend.wakeup.set()


WakingTransaction = Annotated[AsyncConnection, Depends(_waking_transaction, scope="function")]
"""A transaction that leaves calls to Temporal to be made: wakes the dispatcher once committed."""
