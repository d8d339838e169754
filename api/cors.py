"""Browser SDKs may call from any site: ingestion and messages in the app, and only they, allow it.

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

OPEN_BELOW = ("/v1/in-app", "/v1/app-inbox")
"""These and what is below them."""


def is_open(path: str) -> bool:
    """Whether any site may call this address."""
    below = any(path == root or path.startswith(f"{root}/") for root in OPEN_BELOW)
    return below or path in OPEN_PATHS


class IngestCors:
    """Puts the CORS headers on those paths and leaves all others alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST", "OPTIONS"],
            allow_headers=["*"],
            expose_headers=["ETag", "Retry-After"],
            max_age=86_400,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or pass the request on."""
        if scope["type"] == "http" and is_open(scope["path"]):
            await self.open(scope, receive, send)
        else:
            await self.app(scope, receive, send)
