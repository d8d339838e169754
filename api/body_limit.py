"""A ceiling for bodies that no route bounds more tightly itself."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import too_large

CEILING = 4 * 1024 * 1024
STREAMED = frozenset({"/v1/contacts/import"})
"""Paths that read their body piece by piece and may be sent any amount."""


class BodyLimit:
    """Answers 413 as soon as a body exceeds the ceiling, before it is held in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        if scope["type"] != "http" or scope["path"] in STREAMED:
            await self.app(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > CEILING:
                raise too_large(CEILING)
            return message

        await self.app(scope, counted, send)
