"""The web app at `/`: its files, and its page at every address that is the app's own to draw.

It answers what no route of the API does, so a route always comes first. Files with a digest in
their name may be kept for ever; the page that names them is asked for anew each time.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

API_ROOTS = ("v1", "inbox", "docs", "redoc", "healthz", "readyz", "metrics")
"""First parts of paths that are the API's: what it does not know there is a problem, not a page."""
POLICY = (
    "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; font-src 'self' data:; "
    # The drawing of the canvas and the theme set styles on elements.
    "style-src 'self' 'unsafe-inline'; "
    # Previews of templates show pictures from anywhere, in frames.
    "img-src 'self' data: blob: http: https:; frame-src 'self' blob: data:"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
KEPT_FOR_EVER = "public, max-age=31536000, immutable"
_SMALLEST_PACKED = 1024
_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sojourn</title></head><body>
<h1>The web app is not built</h1>
<p>The API works; only its pages are missing. In a checkout, <code>sojourn dev</code> builds them,
and so does this, with Node.js 20.19 or newer:</p>
<pre>cd builder
npm ci
npm run build</pre>
<p>Elsewhere <code>SOJOURN_BUILDER_DIR</code> names the folder that holds them.
<a href="/docs">The API's reference</a> is here.</p>
</body></html>
"""


@dataclass(frozen=True)
class _File:
    body: bytes
    packed: bytes | None
    kind: str
    etag: str


class WebApp:
    """An ASGI application for all that no route of the API takes."""

    def __init__(self, folder: Path, otherwise: ASGIApp) -> None:
        self._folder = folder
        self._otherwise = otherwise
        self._built: tuple[int, int] | None = None
        self._paths: dict[str, Path] = {}
        self._files: dict[str, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, the app's page, or leave it to the API's answer to unknown addresses."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._otherwise(scope, receive, send)
            return
        path = scope["path"].lstrip("/")
        if path.split("/", 1)[0] in API_ROOTS:
            await self._otherwise(scope, receive, send)
            return
        response = await to_thread.run_sync(self._answer, path, Headers(scope=scope))
        await response(scope, receive, send)

    def _answer(self, path: str, headers: Headers) -> Response:
        if not self._look():
            return HTMLResponse(
                _NOT_BUILT, 200 if path == "" else 404,
                headers={**HEADERS, "Cache-Control": "no-store"},
            )  # fmt: skip
        if path not in self._paths:
            if path.startswith("assets/") or ("/" not in path and "." in path):
                raise HTTPException(404)
            path = "index.html"
        file = self._file(path)
        cache = KEPT_FOR_EVER if path.startswith("assets/") else "no-cache"
        common = {**HEADERS, "Cache-Control": cache, "ETag": file.etag, "Vary": "Accept-Encoding"}
        if file.etag in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=common)
        if file.packed is not None and "gzip" in headers.get("accept-encoding", ""):
            common["Content-Encoding"] = "gzip"
            return Response(file.packed, headers=common, media_type=file.kind)
        return Response(file.body, headers=common, media_type=file.kind)

    def _look(self) -> bool:
        """Whether there is an app; learns its files anew when it was built anew."""
        try:
            status = (self._folder / "index.html").stat()
        except OSError:
            return False
        built = (status.st_mtime_ns, status.st_size)
        if built != self._built:
            self._paths = {
                file.relative_to(self._folder).as_posix(): file
                for file in self._folder.rglob("*")
                if file.is_file() and not _is_hidden(file.relative_to(self._folder))
            }
            self._files = {}
            self._built = built
        return True

    def _file(self, path: str) -> _File:
        """A file of the app with its packed form; all of it is a few megabytes, kept in memory."""
        known = self._files.get(path)
        if known is not None:
            return known
        try:
            body = self._paths[path].read_bytes()
        except OSError:
            raise HTTPException(404) from None
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        is_text = kind.startswith("text/") or kind.endswith(("javascript", "json", "+xml"))
        packed = (
            gzip.compress(body, 6, mtime=0) if is_text and len(body) >= _SMALLEST_PACKED else None
        )
        file = _File(body, packed, kind, f'W/"{hashlib.sha256(body).hexdigest()[:24]}"')
        self._files[path] = file
        return file


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
