"""Small templates and definitions that are valid."""

from __future__ import annotations

from typing import Any

EMAIL: dict[str, Any] = {
    "channel": "email",
    "subject": "Hello {{ contact.first_name | default: 'there' }}",
    "text": "Welcome!",
}


def definition(name: str = "Welcome", event: str = "Signed Up", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "start": {"kind": "event", "event": event},
        "blocks": [
            {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}, "next": "bye"},
            {"id": "bye", "kind": "exit"},
        ],
        **changes,
    }


def sending(template: str) -> dict[str, Any]:
    return definition(
        blocks=[
            {"id": "hello", "kind": "message", "channel": "email", "template": template,
             "next": "bye"},
            {"id": "bye", "kind": "exit"},
        ]
    )  # fmt: skip


async def published(api: Any, key: str, drawing: dict[str, Any] | None = None) -> str:
    """Make and publish a workflow; its id."""
    body = {"key": key, "definition": drawing or definition()}
    workflow = await api("POST", "/v1/workflows", 201, json=body)
    await api("POST", f"/v1/workflows/{key}/publish")
    return workflow["id"]
