"""Problem documents as the OpenAPI schema describes them."""

from __future__ import annotations

from typing import Any

from api.errors import PROBLEM_TYPE

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "An RFC 9457 problem document.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Unprocessable Entity"]},
        "status": {"type": "integer", "examples": [422]},
        "detail": {"type": "string", "description": "What went wrong, in a sentence."},
        "errors": {
            "type": "array",
            "description": "Each thing that is wrong, where it is, and what would be right.",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {
                    "path": {"type": "string", "examples": ["$.blocks[2].next"]},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

_MEANINGS = {
    400: "The body is not valid JSON (or YAML, where that is taken).",
    401: "There is neither a key nor a session, or it is unknown, revoked or over.",
    403: "A write key was used where a secret one is needed, or the user's role does not allow it.",
    404: "There is no such thing in this workspace.",
    409: "It clashes with what is there.",
    413: "The body is too large.",
    415: "The body is of another type than the ones taken here.",
    422: "The request is well formed but something in it is wrong; `errors` says what and where.",
    429: "That was tried too often; `Retry-After` says in how many seconds it may be tried again.",
    503: "The database does not answer. Nothing was stored; repeat the call after `Retry-After`.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The descriptions of these error answers."""
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {PROBLEM_TYPE: {"schema": PROBLEM_SCHEMA}},
        }
        for status in sorted(statuses)
    }


ALWAYS = problems(401, 403, 422, 503)
"""What every route of the management API may answer."""
BODY = problems(400, 413, 415)
"""What every route with a body may answer besides."""
