"""Every error of the API as an RFC 9457 problem document.

A document names what is wrong, where (`errors: [{path, message}]`), and never shows a stack trace.
What is ours to mend (the database is away, too slow, or full) is 503 with `Retry-After`, and
nothing was stored: the caller repeats the call as it was.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api.availability import is_unavailable
from journeys.errors import Conflict, DomainError, InvalidInput, Issue, NotFound

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
log = structlog.get_logger(__name__)


class Problem(HTTPException):
    """An answer other than success: its status, the reason, and what exactly is wrong.

    It is an HTTPException because FastAPI lets no other one out of its body parsing.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        issues: Sequence[Issue] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.issues = tuple(issues)
        self.extra = dict(extra or {})

    def response(self) -> Response:
        """The problem document."""
        document = {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
            "errors": [{"path": issue.path, "message": issue.message} for issue in self.issues],
            **self.extra,
        }
        return Response(
            orjson.dumps(document), self.status_code, self.headers, media_type=PROBLEM_TYPE
        )


def unavailable(detail: str) -> Problem:
    """503: the fault is on this side, nothing was stored, and the same call may be repeated."""
    return Problem(
        503,
        f"{detail} Nothing of this call was stored; please repeat it.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def install(app: FastAPI) -> None:
    """Answer every error of this application with a problem document."""
    for error, handler in (
        (Problem, _problem),
        (DomainError, _domain_error),
        (RequestValidationError, _validation_error),
        (HTTPException, _http_exception),
        (SQLAlchemyError, _database_error),
        (asyncpg.PostgresError, _database_error),
        (asyncpg.InterfaceError, _database_error),
        (OSError, _database_error),
        (Exception, _unexpected),
    ):
        app.add_exception_handler(error, handler)


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _domain_error(_: Request, error: Exception) -> Response:
    status = {InvalidInput: 422, NotFound: 404, Conflict: 409}.get(type(error), 400)
    issues = error.issues if isinstance(error, InvalidInput) else ()
    known = error.known if isinstance(error, Conflict) else {}
    return Problem(status, str(error), issues=issues, extra=known).response()


async def _validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    for fault in error.errors():
        if fault["type"] == "json_invalid":
            position = fault["loc"][-1]
            reason = fault.get("ctx", {}).get("error", "not JSON")
            return Problem(
                400, f"The body is not valid JSON: {reason} (at character {position})."
            ).response()
    issues = [Issue(json_path(fault["loc"]), str(fault["msg"])) for fault in error.errors()]
    return Problem(422, "The request does not fit what is expected here.", issues=issues).response()


async def _http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if error.status_code == 404 and detail == "Not Found":
        detail = "There is nothing at this address."
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"This address does not take that method; it takes: {allowed}."
    return Problem(error.status_code, detail, headers=error.headers).response()


async def _database_error(request: Request, error: Exception) -> Response:
    if not is_unavailable(error):
        return await _unexpected(request, error)
    log.warning("database unavailable", path=request.url.path, error=repr(error))
    return unavailable("The database does not answer at this moment.").response()


async def _unexpected(request: Request, error: Exception) -> Response:
    if is_unavailable(error):
        return await _database_error(request, error)
    # As text: a console that draws tracebacks with local variables would show keys and bodies.
    trace = "".join(traceback.format_exception(error))
    log.error("unexpected error", path=request.url.path, traceback=trace)
    return Problem(500, "Something went wrong on this side; it has been logged.").response()


def json_path(location: Sequence[int | str]) -> str:
    """Pydantic's location as a JSON path: `("body", "blocks", 2, "next")` is `$.blocks[2].next`."""
    path = "$"
    for part in location[1:] if location and location[0] == "body" else location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path
