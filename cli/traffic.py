"""Live traffic for the demo: customers of the sample look around, plan workouts, and buy again."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from cli.cdnow import CURRENCY, EVENT, Purchase, read
from cli.client import ApiClient
from cli.output import UserError, say

PAUSE = 2.0
"""Seconds between two customers."""

RECORDS = (
    ("Kind of Blue", "cd-001"), ("The Köln Concert", "cd-002"), ("Graceland", "cd-003"),
    ("Homogenic", "cd-004"), ("OK Computer", "cd-005"), ("Buena Vista Social Club", "cd-006"),
)  # fmt: skip
WORKOUTS = ("running", "yoga", "rowing", "weights")


@dataclass
class Traffic:
    """Chooses who does what next. `choice` makes the same choices for the same seed."""

    purchases: list[Purchase]
    choice: random.Random
    plans: deque[tuple[str, dict[str, Any]]] = field(default_factory=deque)
    """Workouts that were planned and are neither done nor given up."""

    def next_calls(self, now: datetime) -> list[dict[str, Any]]:
        """Return what one customer does at this moment: a few Segment calls."""
        scene = self.choice.choice([self._buy, self._look, self._plan])
        past = self.choice.choice(self.purchases)
        calls = [_track(past.user_id, name, properties, now) for name, properties in scene(past)]
        # Every other plan is carried out, a while after it was made; its reminder falls silent.
        if len(self.plans) > 3:
            user_id, plan = self.plans.popleft()
            if self.choice.random() < 0.5:
                calls.append(_track(user_id, "Workout Completed", plan, now))
        return calls

    def _buy(self, past: Purchase) -> Iterator[tuple[str, dict[str, Any]]]:
        yield EVENT, {
            "order_id": f"live-{uuid4()}", "total": past.dollars or 11.77,
            "currency": CURRENCY, "quantity": past.cds,
        }  # fmt: skip

    def _look(self, _past: Purchase) -> Iterator[tuple[str, dict[str, Any]]]:
        title, sku = self.choice.choice(RECORDS)
        yield "Product Viewed", {"sku": sku, "title": title}

    def _plan(self, past: Purchase) -> Iterator[tuple[str, dict[str, Any]]]:
        plan = {
            "plan_id": str(uuid4()),
            "kind": self.choice.choice(WORKOUTS),
            "minutes": self.choice.choice((15, 20, 30, 45)),
        }
        self.plans.append((past.user_id, plan))
        yield "Workout Planned", plan


def play(client: ApiClient, sample: Path, stop: threading.Event) -> None:
    """Send events until `stop`; an API that is away for a while is waited for."""
    with sample.open(encoding="utf-8") as lines:
        purchases = [one for one in read(lines) if isinstance(one, Purchase)]
    traffic = Traffic(purchases, random.Random())  # noqa: S311
    while not stop.is_set():
        try:
            client.post("/v1/batch", {"batch": traffic.next_calls(datetime.now(UTC))})
        except (UserError, httpx.HTTPError) as error:
            say(f"demo traffic: {error}")
        stop.wait(PAUSE)


def _track(user_id: str, name: str, properties: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "type": "track", "event": name, "userId": user_id, "messageId": str(uuid4()),
        "timestamp": now.isoformat(), "properties": properties,
    }  # fmt: skip
