"""The workflows that are measured, and the contacts that walk them, made through the public API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from benchmarks.http import Connection, basic, bearer, send_all
from benchmarks.stack import Keys

BATCH = 500
TEMPLATE = {
    "key": "hello",
    "channel": "email",
    "subject": "Hello {{ contact.first_name | default: 'there' }}",
    "text": "Hello {{ contact.first_name | default: 'there' }}, you started at {{ event.place }}.",
    "html": "<p>Hello <b>{{ contact.first_name | default: 'there' }}</b>, you started.</p>",
}

MESSAGE = {"kind": "message", "channel": "email", "template": "hello"}

JOURNEY = {
    "name": "Message, timer, condition, message",
    "start": {"kind": "event", "event": "Journey Wanted", "reentry": {"mode": "always"}},
    "blocks": [
        {"id": "hello", **MESSAGE, "next": "wait"},
        {"id": "wait", "kind": "timer", "wait": {"for": "PT1S"}, "next": "paid"},
        {
            "id": "paid",
            "kind": "condition",
            "if": {"field": "plan", "op": "=", "value": "premium"},
            "then": "again",
            "else": "bye",
        },
        {"id": "again", **MESSAGE},
        {"id": "bye", "kind": "exit"},
    ],
}

ONE_MESSAGE = {
    "name": "One message",
    "start": {"kind": "event", "event": "Message Wanted", "reentry": {"mode": "always"}},
    "blocks": [{"id": "hello", **MESSAGE}],
}

PARKED = {
    "name": "A month asleep",
    "start": {"kind": "event", "event": "Parking Wanted", "reentry": {"mode": "always"}},
    "blocks": [
        {"id": "wait", "kind": "timer", "wait": {"for": "P30D"}, "next": "hello"},
        {"id": "hello", **MESSAGE},
    ],
}


async def publish(api_url: str, keys: Keys, key: str, definition: dict[str, Any]) -> None:
    """Publish a workflow, with the template that it names."""
    async with Connection(api_url, bearer(keys.secret)) as api:
        await api.request("POST", "/v1/templates", TEMPLATE)
        workflow = {"key": key, "name": definition["name"], "definition": definition}
        await api.request("POST", "/v1/workflows", workflow)
        await api.request("POST", f"/v1/workflows/{key}/publish")


async def identify(api_url: str, keys: Keys, users: list[str]) -> None:
    """Contacts with an address, a name and the plan that the condition asks for."""
    await _in_batches(
        api_url,
        keys,
        [
            {
                "type": "identify",
                "messageId": str(uuid4()),
                "userId": user,
                "traits": {
                    "email": f"{user}@bench.example",
                    "first_name": "Ada",
                    "plan": "premium",
                },
            }
            for user in users
        ],
    )


async def track_all(api_url: str, keys: Keys, users: list[str], event: str) -> None:
    """The same event for every user, in batches."""
    await _in_batches(api_url, keys, [track(user, event) for user in users])


def track(user: str, event: str) -> dict[str, Any]:
    """An event as an SDK sends it."""
    return {
        "type": "track",
        "messageId": str(uuid4()),
        "userId": user,
        "event": event,
        "properties": {"place": "home", "minutes": 25},
    }


async def _in_batches(api_url: str, keys: Keys, items: list[dict[str, Any]]) -> None:
    authorization = basic(keys.write)
    prepared = Connection(api_url, authorization)
    calls = [
        prepared.prepare("POST", "/v1/batch", {"batch": items[i : i + BATCH]})
        for i in range(0, len(items), BATCH)
    ]
    await send_all(api_url, authorization, calls, connections=2)
