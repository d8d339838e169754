"""Requests that another site made a browser send are refused.

Two checks, either of which would do: browsers say where a request comes from, and what a session
changes carries a token in a header, which another site can neither read nor set.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request

from api.errors import Problem
from api.permissions import READING_METHODS
from engine.users.sessions import csrf_token
from runtime.settings import Settings

HEADER = "X-CSRF-Token"


def refuse_other_sites(request: Request, settings: Settings) -> None:
    """403 when the browser says that another site is behind this request."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        origin = request.headers.get("origin")
        # Programs that are no browser send none; a page without an origin of its own sends `null`.
        ours = origin is None or _is_ours(origin, request, settings)
    if not ours:
        raise Problem(403, "This request came from another site.")


def _is_ours(origin: str, request: Request, settings: Settings) -> bool:
    # By host and port, not by scheme: behind a proxy with TLS a request looks like plain http.
    host = urlsplit(origin).netloc.lower()
    public = urlsplit(settings.public_url).netloc.lower() if settings.public_url else None
    return bool(host) and host in {request.headers.get("host", "").lower(), public}


def check(request: Request, settings: Settings, token: str) -> None:
    """403 when a changing request of this session is not known to come from our own pages."""
    if request.method in READING_METHODS:
        return
    refuse_other_sites(request, settings)
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_token(token).encode()):
        raise Problem(
            403,
            f"The header {HEADER} must be the `csrf_token` of GET /v1/session. "
            "Load the page again.",
        )
