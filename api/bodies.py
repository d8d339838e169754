"""Reading request bodies: bounded in size, gzip or plain, JSON with a helpful error."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

import orjson
from fastapi import Request

from api.errors import Problem
from journeys.errors import Issue

KB = 1024
_JSON_TYPES = re.compile(r"^(application/([\w.-]+\+)?json|text/plain)$")
"""Browser SDKs send JSON as text/plain, which needs no CORS preflight."""


async def read_json(request: Request, limit: int) -> tuple[Any, bytes]:
    """The body as data and as (decompressed) bytes; a problem when it is too large or not JSON."""
    content_type = request.headers.get("content-type", "application/json")
    if not _JSON_TYPES.match(content_type.partition(";")[0].strip().lower()):
        raise Problem(415, f"The body must be application/json, not {content_type}.")
    raw = await read_body(request, limit)
    return parse_json(raw), raw


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


def parse_json(raw: bytes) -> Any:
    """The data, or 400 saying where the JSON breaks off.

    orjson refuses a whole body for one lone surrogate (half an emoji, which JavaScript lets pass);
    the slower parser then takes it, so that only the item which holds it is rejected later.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(raw, parse_constant=_refuse_constant)
        except RecursionError:
            detail = "The body is not usable JSON: it is nested too deeply."
            raise Problem(400, detail, issues=[Issue("$", "nested too deeply")]) from None
        except (ValueError, UnicodeDecodeError):
            where = f"line {error.lineno}, column {error.colno}, character {error.pos}"
            detail = f"The body is not valid JSON: {error.msg} ({where})."
            raise Problem(400, detail, issues=[Issue("$", f"{error.msg} at {where}")]) from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
