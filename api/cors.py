"""Browser SDKs may ingest from any site: the ingestion calls, and only they, allow every origin.

No cookie is involved, the key travels in a header or in the body, so this opens nothing else.
"""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

OPEN_PATHS = frozenset(
    f"/v1/{name}"
    for name in (
        "identify", "track", "page", "screen", "group", "alias", "batch", "import",
        "i", "t", "p", "s", "g", "a", "b", "devices",
    )
)  # fmt: skip


class IngestCors:
    """Puts the CORS headers on the ingestion paths and leaves all others alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST", "OPTIONS"],
            allow_headers=["*"],
            max_age=86_400,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on."""
        if scope["type"] == "http" and scope["path"] in OPEN_PATHS:
            await self.open(scope, receive, send)
        else:
            await self.app(scope, receive, send)
