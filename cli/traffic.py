"""Live traffic for the demo: customers look around, plan workouts, buy, live as all users do."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from cli.cdnow import CURRENCY, EVENT, Purchase, read
from cli.client import ApiClient
from cli.output import UserError, say
from cli.scenes import Scenes, track

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
    scenes: Scenes = field(init=False)

    def __post_init__(self) -> None:
        self.scenes = Scenes(self.choice)

    def opening(self, now: datetime) -> list[dict[str, Any]]:
        """Return one of everything that may happen later."""
        users = sorted({one.user_id for one in self.purchases})
        return self.scenes.opening(users[: len(self.scenes.all)], now)

    def next_calls(self, now: datetime) -> list[dict[str, Any]]:
        """Return what one customer does at this moment: a few Segment calls."""
        past = self.choice.choice(self.purchases)
        # As often what the sample's own workflows are about as what the ready ones are.
        if self.choice.random() < 0.5:
            return self.choice.choice(self.scenes.all)(past.user_id, now)
        scene = self.choice.choice([self._buy, self._look, self._plan])
        happens = scene(past, now)
        calls = [track(past.user_id, name, properties, now) for name, properties in happens]
        # Every other plan is carried out, a while after it was made; its reminder falls silent.
        if len(self.plans) > 3:
            user_id, plan = self.plans.popleft()
            if self.choice.random() < 0.5:
                calls.append(track(user_id, "Workout Completed", plan, now))
        return calls

    def _buy(self, past: Purchase, _now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        yield EVENT, {
            "order_id": f"live-{uuid4()}", "total": past.dollars or 11.77,
            "currency": CURRENCY, "quantity": past.cds,
        }  # fmt: skip

    def _look(self, _past: Purchase, _now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        title, sku = self.choice.choice(RECORDS)
        yield "Product Viewed", {"sku": sku, "title": title}

    def _plan(self, past: Purchase, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        plan = {
            "plan_id": str(uuid4()),
            "kind": self.choice.choice(WORKOUTS),
            "minutes": self.choice.choice((15, 20, 30, 45)),
            # Half an hour before it is in twenty seconds.
            "workout_at": (now + timedelta(minutes=30, seconds=20)).isoformat(),
        }
        self.plans.append((past.user_id, plan))
        yield "Workout Planned", plan


def play(client: ApiClient, sample: Path, stop: threading.Event) -> None:
    """Send events until `stop`; an API that is away for a while is waited for."""
    with sample.open(encoding="utf-8") as lines:
        purchases = [one for one in read(lines) if isinstance(one, Purchase)]
    traffic = Traffic(purchases, random.Random())  # noqa: S311
    calls = traffic.opening(datetime.now(UTC))
    while not stop.is_set():
        try:
            client.post("/v1/batch", {"batch": calls})
        except (UserError, httpx.HTTPError) as error:
            say(f"demo traffic: {error}")
        stop.wait(PAUSE)
        calls = traffic.next_calls(datetime.now(UTC))
