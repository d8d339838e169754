"""What the OpenAPI document says about the ingestion calls, whose bodies are checked by hand."""

from __future__ import annotations

from typing import Any

_ID = {"anyOf": [{"type": "string", "maxLength": 512}, {"type": "integer"}]}
_TIME = {"type": "string", "format": "date-time"}
_TRAITS = {
    "type": "object",
    "additionalProperties": True,
    "description": (
        "email, phone, timezone, locale and createdAt are built in, all other ones custom fields. "
        "Null unsets. A time zone that does not exist is left out."
    ),
}
_COMMON: dict[str, Any] = {
    "userId": {**_ID, "description": "The app's own id of the contact."},
    "anonymousId": {**_ID, "description": "The device's id before the contact is known."},
    "messageId": {**_ID, "description": "Deduplicates for ever; made up when it is missing."},
    "timestamp": {
        **_TIME,
        "description": (
            "When it happened by the sender's clock; corrected by `receivedAt - sentAt`, "
            "except for backfill. Without an offset it is UTC."
        ),
    },
    "originalTimestamp": _TIME,
    "sentAt": {**_TIME, "description": "The sender's clock when it sent this."},
    "context": {
        "type": "object",
        "description": "`timezone`, `locale`, `traits` and `device.token`/`type` are honoured.",
    },
    "backfill": {
        "type": "boolean",
        "description": "History: it is stored, and never starts or stops a journey.",
    },
}
_OWN: dict[str, dict[str, Any]] = {
    "identify": {"traits": _TRAITS},
    "track": {
        "event": {"type": "string", "minLength": 1, "maxLength": 200},
        "properties": {"type": "object"},
    },
    "page": {"name": {"type": "string"}, "properties": {"type": "object"}},
    "screen": {"name": {"type": "string"}, "properties": {"type": "object"}},
    "group": {"groupId": _ID, "traits": {"type": "object"}},
    "alias": {"previousId": _ID},
}
_REQUIRED = {
    "track": ["event"],
    "group": ["groupId"],
    "alias": ["userId", "previousId"],
}
_SUMMARY = {
    "identify": "Say who a contact is, and what is known of them",
    "track": "Record an event of a contact, or of a thing when there is no id",
    "page": "Record that a page was viewed (event `Page Viewed`)",
    "screen": "Record that a screen was viewed (event `Screen Viewed`)",
    "group": "Put a contact into a group, and say what is known of the group",
    "alias": "Join an earlier id, with all its history, to a userId",
}
_ABOUT = {
    "identify": (
        "With an anonymousId, the history of an unknown visitor becomes the contact's. When that "
        "anonymousId belongs to another known contact (a shared device), it is handed over for "
        "what comes next, and the past stays where it is."
    ),
    "alias": (
        "`previousId` may be anonymous or a former userId. On clashes the userId's traits win."
    ),
}
_PROBLEM = {
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _documentation(summary: str, about: str, schema: dict[str, Any], limit: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": f"{about} The answer comes once everything is durably committed.".strip(),
        "openapi_extra": {
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "security": [{"writeKey": []}, {"bearer": []}],
        },
        "responses": {
            200: {
                "description": "Stored. `rejected` lists the items that were not, if any.",
                "content": {"application/json": {"schema": _ANSWER}},
            },
            400: {"description": "Not JSON, or nothing in it could be stored.", **_PROBLEM},
            401: {"description": "The key is missing, unknown or revoked.", **_PROBLEM},
            413: {"description": f"Larger than {limit}.", **_PROBLEM},
            415: {"description": "Neither JSON, nor plain or gzip.", **_PROBLEM},
            503: {"description": "Nothing was stored; repeat it.", **_PROBLEM},
        },
    }


_ANSWER = _object(
    {
        "success": {"type": "boolean"},
        "rejected": {
            "type": "array",
            "items": _object(
                {
                    "index": {"type": "integer"},
                    "reason": {"type": "string"},
                    "path": {"type": "string", "examples": ["$.batch[3].timestamp"]},
                },
                ["index", "reason", "path"],
            ),
        },
    },
    ["success"],
)


def call_documentation(call: str) -> dict[str, Any]:
    """The documentation of one single call."""
    schema = _object({**_COMMON, **_OWN[call]}, _REQUIRED.get(call, []))
    return _documentation(_SUMMARY[call], _ABOUT.get(call, ""), schema, "32 KB")


def batch_documentation() -> dict[str, Any]:
    """The documentation of the batch call."""
    properties = {key: value for own in _OWN.values() for key, value in own.items()}
    kind = {"type": "string", "enum": list(_OWN)}
    item = _object({"type": kind, **_COMMON, **properties}, ["type"])
    schema = _object(
        {
            "batch": {"type": "array", "items": item},
            "sentAt": _COMMON["sentAt"],
            "context": {"type": "object", "description": "For every item that does not say else."},
            "backfill": _COMMON["backfill"],
        },
        ["batch"],
    )
    return _documentation(
        "Send many calls at once",
        "Items are taken in their order. A bad item never costs the good ones.",
        schema,
        "500 KB, or an item than 32 KB",
    )
