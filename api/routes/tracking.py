"""`/t`: where the links and pixels of mail lead.

The target is in the link's signed token and nowhere else, so that nobody makes it lead anywhere
else; and it is known without the database, so that a link works whatever else does not.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.dependencies import Backend, BackendDep
from engine.tracking.links import CLICK_PATH, OPEN_PATH
from engine.tracking.machines import machine_of
from engine.tracking.states import Sign, Told

router = APIRouter(include_in_schema=False)

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}
_URL_CHARACTERS = ":/%#?=@[]!$&'()*+,;~"
_NOT_FOUND = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>This link is not complete</title></head>
<body style="font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem">
<h1>This link is not complete</h1>
<p>A part of it is missing, or was changed on its way. Open the message again and follow the link
there, or copy all of it.</p></body></html>"""


@router.api_route(CLICK_PATH + "{token}", methods=["GET", "HEAD"])
async def follow_link(request: Request, backend: BackendDep, token: str) -> Response:
    """Lead on to where the link led before it was tracked."""
    link = backend.tokens.read_click(token) if backend.tokens is not None else None
    if link is None:
        return Response(
            _NOT_FOUND, 404, {**_HEADERS, "Referrer-Policy": "no-referrer"}, "text/html"
        )
    await _record(request, backend, link.message_id, "clicked", link=link.link)
    target = quote(link.target, safe=_URL_CHARACTERS)
    return Response(status_code=302, headers={**_HEADERS, "Location": target})


@router.api_route(OPEN_PATH + "{token}.gif", methods=["GET", "HEAD"])
async def show_pixel(request: Request, backend: BackendDep, token: str) -> Response:
    """A transparent dot. It is shown for any token: a broken image would help nobody."""
    message_id = backend.tokens.read_open(token) if backend.tokens is not None else None
    if message_id is not None:
        await _record(request, backend, message_id, "opened")
    status = 200 if message_id is not None else 404
    return Response(PIXEL, status, _HEADERS, "image/gif")


async def _record(
    request: Request, backend: Backend, message_id: UUID, sign: Sign, link: str | None = None
) -> None:
    """Note it, by whom it may be; the caller is kept for a moment at most."""
    machine = machine_of(request.method, request.headers, image=sign == "opened")
    told = Told(message_id, sign, datetime.now(UTC), link=link, machine=machine, guess=True)
    await backend.recorder.record(told)
