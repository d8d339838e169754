"""A workspace with something in it: people, events, ready workflows, one of them running."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

PATIENCE = 60.0
SHOWN = "workout-at-own-hour"
"""The ready workflow that is published."""
DRAFTS = ("welcome-series", "abandoned-cart", "trial-ending")
NAMES = ("Ann Li", "Bob Stone", "Cleo Diaz", "Dan Okafor", "Eve Novak", "Finn Berg")
PREMIUM: dict[str, Any] = {
    "all": [
        {"field": "plan", "op": "in", "value": ["premium", "gold"]},
        {"any": [{"event": "Workout Planned", "within": "P7D"}, {"reachable": "push"}]},
        {"not": {"field": "country", "op": "exists"}},
    ]
}


@dataclass(frozen=True)
class Furniture:
    workflow: str
    journey: str
    contact: str
    segment: str
    template: str
    event: str


def furnish(api: httpx.Client, write_key: str) -> Furniture:
    """Make it all; names are fixed, a stack is furnished once."""
    users = [name.split()[0].lower() for name in NAMES]
    _people(api, users)
    made = {key: _made(api, key) for key in (SHOWN, *DRAFTS)}
    assert api.post(f"/v1/workflows/{SHOWN}/publish").status_code == 200
    premium = {"key": "premium", "name": "Premium members", "where": PREMIUM}
    assert api.post("/v1/segments", json=premium).status_code == 201
    at = datetime.now(UTC) + timedelta(hours=5)
    batch = [
        {"type": "track", "userId": user, "event": "Workout Planned",
         "properties": {"plan_id": f"p-{user}", "workout_at": at.isoformat(), "kind": "yoga",
                        "minutes": 30}}
        for user in users
    ]  # fmt: skip
    answer = api.post("/v1/batch", json={"batch": batch}, auth=(write_key, ""))
    assert answer.status_code == 200, answer.text
    csv = b"user_id,email,plan\nann,ann@example.com,premium\nbob,not an address,free\n"
    answer = api.post("/v1/contacts/import", content=csv, headers={"Content-Type": "text/csv"})
    assert answer.status_code in (200, 201, 202), answer.text
    return Furniture(
        workflow=SHOWN, journey=_journey(api), contact="ann", segment="premium",
        template=made[SHOWN][0], event="Workout Planned",
    )  # fmt: skip


def _people(api: httpx.Client, users: list[str]) -> None:
    contacts = [
        {"userId": user, "email": f"{user}@example.com", "timezone": "Europe/Berlin",
         "fields": {"first_name": name.split()[0], "plan": ("premium", "free")[at % 2]}}
        for at, (user, name) in enumerate(zip(users, NAMES, strict=True))
    ]  # fmt: skip
    answer = api.post("/v1/contacts", json={"contacts": contacts})
    assert answer.status_code == 200, answer.text


def _made(api: httpx.Client, key: str) -> list[str]:
    answer = api.post(f"/v1/gallery/{key}")
    assert answer.status_code == 201, answer.text
    return [str(one) for one in answer.json()["templates"]]


def _journey(api: httpx.Client) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = api.get("/v1/journeys", params={"workflow": SHOWN, "contact": "ann"}).json()
        if found["data"]:
            return str(found["data"][0]["id"])
        time.sleep(0.2)
    raise AssertionError("no journey began")
