"""Who changed what: one line of the log for each changing request of a signed-in user."""

from __future__ import annotations

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.permissions import READING_METHODS
from engine.users.sessions import SignedIn

log = structlog.get_logger(__name__)


class Audit:
    """Logs what users do, with the answer's status, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and write down who it was once it is answered."""
        if scope["type"] != "http" or scope["method"] in READING_METHODS:
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def note(message: Message) -> None:
            user = state.get("user")
            if message["type"] == "http.response.start" and isinstance(user, SignedIn):
                log.info(
                    "change by a user",
                    user_id=str(user.user_id), user_name=user.name, role=user.role,
                    workspace_id=str(user.workspace_id), method=scope["method"],
                    path=scope["path"], status=message["status"],
                )  # fmt: skip
            await send(message)

        await self.app(scope, receive, note)
