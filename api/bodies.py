"""Reading request bodies: bounded in size, gzip or plain, JSON with a helpful error."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request

from api.errors import Problem
from journeys.errors import Issue

KB = 1024
_JSON_TYPES = re.compile(r"^(application/([\w.-]+\+)?json|text/plain)$")
"""Browser SDKs send JSON as text/plain, which needs no CORS preflight."""


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON body. `suspicious`: it may hold text that PostgreSQL cannot store."""

    data: Any
    size: int
    """Bytes, after decompression."""
    suspicious: bool


async def read_json(request: Request, limit: int) -> Body:
    """The body; a problem when it is too large (in bytes), of another type, or not JSON."""
    content_type = request.headers.get("content-type", "application/json")
    if not _JSON_TYPES.match(content_type.partition(";")[0].strip().lower()):
        raise Problem(415, f"The body must be application/json, not {content_type}.")
    raw = await read_body(request, limit)
    try:
        return Body(orjson.loads(raw), len(raw), b"\\u0000" in raw)
    except orjson.JSONDecodeError as error:
        return Body(_parse_leniently(raw, error), len(raw), suspicious=True)


def parse_json(raw: bytes) -> Any:
    """The data, or 400 saying where the JSON breaks off."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _not_json(error) from None


def items_of(body: Body, key: str, most: int) -> list[Any]:
    """The items of `{key: [...]}`, of a bare list, or of a single object; at most `most`."""
    data = body.data
    if isinstance(data, dict):
        data = data.get(key, [data])
    if not isinstance(data, list):
        what = f"The body must be a list, or an object with a list in `{key}`."
        raise Problem(400, what, issues=[Issue(f"$.{key}", "must be a list")])
    if len(data) > most:
        what = f"At most {most:,} items fit in one call; this one has {len(data):,}."
        raise Problem(400, what, issues=[Issue(f"$.{key}", f"more than {most:,} items")])
    return data


async def read_body(request: Request, limit: int) -> bytes:
    """The body's bytes, at most `limit` before and after decompression, else 413."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        chunks.append(chunk)
    raw = b"".join(chunks)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return raw
    if encoding in ("gzip", "x-gzip"):
        return _gunzip(raw, limit)
    raise Problem(
        415,
        f"Content-Encoding {encoding} is not supported; send gzip or plain JSON.",
        headers={"Accept-Encoding": "gzip, identity"},
    )


def too_large(limit: int) -> Problem:
    """413: more than `limit` bytes."""
    return Problem(413, f"The body is larger than {limit // KB} KB ({limit} bytes).")


def _gunzip(raw: bytes, limit: int) -> bytes:
    """Decompress without ever holding much more than `limit`, whatever the input claims to be."""
    parts: list[bytes] = []
    size = 0
    while raw:
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            part = member.decompress(raw, limit + 1 - size)
        except zlib.error as error:
            raise Problem(400, f"The body is not valid gzip: {error}.") from None
        size += len(part)
        if size > limit:
            raise too_large(limit)
        if not member.eof:
            raise Problem(400, "The body is not valid gzip: it ends too early.")
        parts.append(part)
        raw = member.unused_data
    return b"".join(parts)


def _parse_leniently(raw: bytes, error: orjson.JSONDecodeError) -> Any:
    """Data that orjson refuses as a whole for one unusable string or number, or 400 with the place.

    For instance half an emoji, which JavaScript lets pass: the slower parser takes it, so that only
    the item which holds it is rejected later.
    """
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, UnicodeDecodeError, RecursionError):
        raise _not_json(error) from None


def _not_json(error: orjson.JSONDecodeError) -> Problem:
    what = f"{error.msg} (line {error.lineno}, column {error.colno}, character {error.pos})"
    return Problem(400, f"The body is not valid JSON: {what}.", issues=[Issue("$", what)])


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
