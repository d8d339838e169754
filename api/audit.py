"""Who changed what: a line of the log for each change by a user, or with a secret key."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.dependencies import Caller
from api.permissions import READING_METHODS, READING_POSTS
from engine.users.sessions import SignedIn

log = structlog.get_logger(__name__)

DATA = frozenset({"/v1/contacts", "/v1/orders"})
"""Where a key sends data by the thousand: no change that anybody would look for."""


class Audit:
    """Logs what users and secret keys change, with the answer's status, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and write down who it was once it is answered."""
        if scope["type"] != "http" or scope["method"] in READING_METHODS:
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                _note(scope, state.get("user") or state.get("key"), message["status"])
            await send(message)

        await self.app(scope, receive, note)


def _note(scope: Scope, who: SignedIn | Caller | None, status: int) -> None:
    if who is None or (scope["method"] == "POST" and _template(scope) in READING_POSTS):
        return
    change: dict[str, Any] = {
        "workspace_id": str(who.workspace_id),
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
    }
    if isinstance(who, SignedIn):
        log.info(
            "change by a user",
            user_id=str(who.user_id), user_name=who.name, role=who.role, **change,
        )  # fmt: skip
    elif scope["path"] not in DATA:
        log.info("change by a key", key_id=str(who.key_id), key_name=who.name, **change)


def _template(scope: Scope) -> str:
    """The address with the names of its parts, as the route was declared."""
    return str(getattr(scope.get("route"), "path", ""))
