"""What the OpenAPI document says about the calls of `data`, whose bodies are checked by hand."""

from __future__ import annotations

from typing import Any, get_args

from journeys.predicates import OrderStatus

_ID = {"anyOf": [{"type": "string", "maxLength": 512}, {"type": "integer"}]}
_TEXT = {"type": ["string", "null"]}
_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Stored. `rejected` lists the items that were not, if any."},
    400: {"description": "Not JSON, or nothing in it could be stored.", **_PROBLEM},
    401: {"description": "The key is missing, unknown or revoked.", **_PROBLEM},
    413: {"description": "The body is too large.", **_PROBLEM},
    503: {"description": "Nothing was stored; repeat it.", **_PROBLEM},
}
_FORBIDDEN: dict[int | str, dict[str, Any]] = {
    403: {"description": "A write key can only ingest.", **_PROBLEM}
}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _list_of(key: str, item: dict[str, Any]) -> dict[str, Any]:
    listed = {"type": "array", "maxItems": 1000, "items": item}
    wrapped = {
        "type": "object",
        "properties": {key: listed, "backfill": {"type": "boolean"}},
        "required": [key],
    }
    return _body({"anyOf": [wrapped, listed, item]})


_CONTACT = {
    "type": "object",
    "properties": {
        "userId": _ID,
        "anonymousId": _ID,
        "email": _TEXT,
        "phone": _TEXT,
        "timezone": {**_TEXT, "description": "An IANA name such as Europe/Berlin."},
        "locale": _TEXT,
        "createdAt": {"type": "string", "format": "date-time"},
        "fields": {"type": "object", "description": "Custom fields; null unsets one."},
        "subscriptions": {
            "type": "object",
            "additionalProperties": {"type": "boolean"},
            "description": "Topics by their keys, and whether the contact gets them.",
        },
    },
    "required": ["userId"],
    "additionalProperties": False,
}
_ORDER = {
    "type": "object",
    "properties": {
        "orderId": _ID,
        "userId": _ID,
        "status": {"enum": list(get_args(OrderStatus))},
        "total": {"type": "number"},
        "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
        "items": {"type": "array", "items": {"type": "object"}},
        "timestamp": {
            "type": "string",
            "format": "date-time",
            "description": "When this became so; an older one never overwrites a newer state.",
        },
    },
    "required": ["orderId", "userId", "status"],
    "additionalProperties": False,
}
_DEVICE = {
    "type": "object",
    "properties": {
        "userId": _ID,
        "anonymousId": _ID,
        "token": {"type": "string", "maxLength": 1024},
        "platform": {"type": "string", "examples": ["ios", "android", "web"]},
    },
    "required": ["token"],
}

CONTACTS: dict[str, Any] = {
    "tags": ["contacts"],
    "summary": "Make or change contacts",
    "openapi_extra": _list_of("contacts", _CONTACT),
    "responses": _RESPONSES | _FORBIDDEN,
}
ORDERS: dict[str, Any] = {
    "tags": ["orders"],
    "summary": "Make or change orders",
    "openapi_extra": _list_of("orders", _ORDER),
    "responses": _RESPONSES | _FORBIDDEN,
}
DEVICES: dict[str, Any] = {
    "tags": ["ingestion"],
    "summary": "Register a push token",
    "openapi_extra": _body(_DEVICE),
    "responses": _RESPONSES,
}
ERASE: dict[str, Any] = {
    "tags": ["contacts"],
    "summary": "Erase a contact",
    "responses": {
        401: _RESPONSES[401],
        404: {"description": "Nobody has this `userId` or id.", **_PROBLEM},
        503: _RESPONSES[503],
    }
    | _FORBIDDEN,
}
