"""Scenes of the demo's live traffic that the ready workflows of the gallery are about.

What a workflow waits days for is told as if it had begun days ago, so that something is to be seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

Call = dict[str, Any]

NAMES = ("Ana", "Ben", "Chloé", "Deniz", "Emeka", "Freya", "Goran", "Hana", "Iris", "Jonas")
ZONES = (
    "America/Los_Angeles", "America/New_York", "Europe/London", "Europe/Kyiv", "Asia/Kolkata",
    "Asia/Tokyo", "Australia/Sydney", "Pacific/Honolulu",
)  # fmt: skip
BOOKS = (("b-1", "The Long Way"), ("b-2", "Salt"), ("b-3", "A Small Observatory"))
MILESTONES = ("10 workouts", "100 songs", "your first month")
PLANS = (("Premium", 9.99), ("Family", 14.99))


class Scenes:
    """Who does what next; `choice` makes the same choices for the same seed."""

    def __init__(self, choice: random.Random) -> None:
        self._choice = choice
        self._checkouts: list[tuple[str, str]] = []
        self._carts: list[tuple[str, str]] = []
        self.all: tuple[Callable[[str, datetime], list[Call]], ...] = (
            self.sign_up, self.subscribe, self.fill_cart, self.keep_streak, self.stay_away,
            self.try_out, self.read, self.reach_milestone, self.have_birthday,
        )  # fmt: skip

    def opening(self, users: list[str], now: datetime) -> list[Call]:
        """Play each scene once, so that the catalogue knows all that there is."""
        calls: list[Call] = []
        for user_id, scene in zip(users, self.all, strict=False):
            calls += scene(user_id, now)
        first = users[0]
        calls += [
            track(first, "Application Opened", {}, now),
            track(first, "Subscription Started", {"plan": "Premium"}, now),
            identify(first, {"subscription": "active"}, now),
            track(first, "Plan Cancelled", {"plan_id": "p-0"}, now),
            track(first, "Streak Frozen", {}, now),
            track(first, "Feedback Given", {"score": 9}, now),
        ]
        return calls

    def sign_up(self, _user_id: str, now: datetime) -> list[Call]:
        """Somebody new."""
        user_id = f"new-{uuid4().hex[:8]}"
        traits = {
            "email": f"{user_id}@shop.example", "first_name": self._choice.choice(NAMES),
            "timezone": self._waking_zone(now),
        }  # fmt: skip
        return [
            identify(user_id, traits, now),
            track(user_id, "Signed Up", {"method": "email"}, now),
            track(user_id, "Application Opened", {}, now),
        ]

    def subscribe(self, user_id: str, now: datetime) -> list[Call]:
        """A subscription is begun; every other one before it is finished."""
        plan, price = self._choice.choice(PLANS)
        properties = {"plan": plan, "price": price, "currency": "USD"}
        calls = [track(user_id, "Subscription Checkout Started", properties, now)]
        if len(self._checkouts) > 2:
            earlier, chosen = self._checkouts.pop(0)
            if self._choice.random() < 0.5:
                calls += [
                    identify(earlier, {"subscription": "active"}, now),
                    track(earlier, "Subscription Started", {"plan": chosen}, now),
                ]
        self._checkouts.append((user_id, plan))
        return calls

    def fill_cart(self, user_id: str, now: datetime) -> list[Call]:
        """A cart is filled; every other one before it is bought."""
        cart_id, count = f"c-{uuid4().hex[:8]}", self._choice.randint(1, 4)
        properties = {"cart_id": cart_id, "items_count": count, "total": round(count * 11.77, 2)}
        calls = [track(user_id, "Cart Updated", properties, now)]
        if len(self._carts) > 2:
            earlier, bought = self._carts.pop(0)
            if self._choice.random() < 0.5:
                order = {"order_id": f"live-{uuid4()}", "cart_id": bought, "total": 11.77,
                         "currency": "USD", "quantity": 1}  # fmt: skip
                calls.append(track(earlier, "Order Completed", order, now))
        self._carts.append((user_id, cart_id))
        return calls

    def keep_streak(self, user_id: str, now: datetime) -> list[Call]:
        """A streak grows."""
        days = self._choice.randint(3, 30)
        return [
            identify(user_id, {"streak": days}, now),
            track(user_id, "Streak Extended", {"days": days}, now),
        ]

    def stay_away(self, user_id: str, now: datetime) -> list[Call]:
        """The last session will have been nine days ago in twenty seconds."""
        last = now - timedelta(days=9) + timedelta(seconds=20)
        return [
            identify(user_id, {"timezone": self._waking_zone(now)}, now),
            track(user_id, "Session Started", {}, last),
        ]

    def try_out(self, user_id: str, now: datetime) -> list[Call]:
        """A trial of which three days and twenty seconds are left."""
        ends = now + timedelta(days=3, seconds=20)
        traits = {"trial_ends_at": ends.isoformat(), "timezone": self._waking_zone(now)}
        return [
            identify(user_id, traits, now),
            track(user_id, "Trial Started", {"plan": self._choice.choice(PLANS)[0]}, now),
        ]

    def read(self, user_id: str, now: datetime) -> list[Call]:
        """A chapter is read; a while later the next one is out for everybody who did."""
        book_id, book = self._choice.choice(BOOKS)
        chapter = self._choice.randint(1, 20)
        calls = [
            identify(user_id, {"timezone": self._waking_zone(now)}, now),
            track(user_id, "Chapter Read", {"book_id": book_id, "chapter": chapter}, now),
        ]
        if self._choice.random() < 0.5:
            new = {"book_id": book_id, "book": book, "chapter": 21, "title": "The Next Morning"}
            calls.append(track(None, "Chapter Published", new, now))
        return calls

    def reach_milestone(self, user_id: str, now: datetime) -> list[Call]:
        """Something to celebrate; now and then somebody says how they like it."""
        calls = [
            track(user_id, "Milestone Reached",
                  {"milestone": self._choice.choice(MILESTONES)}, now)
        ]  # fmt: skip
        if self._choice.random() < 0.3:
            score = self._choice.randint(0, 10)
            calls.append(track(user_id, "Feedback Given", {"score": score}, now))
        return calls

    def have_birthday(self, user_id: str, now: datetime) -> list[Call]:
        """A birthday, of somebody whose clock shows nine or later."""
        zone = self._waking_zone(now)
        today = now.astimezone(ZoneInfo(zone)).date().isoformat()
        return [identify(user_id, {"timezone": zone, "next_birthday": today}, now)]

    def _waking_zone(self, now: datetime) -> str:
        """A zone in which messages may leave now: there always is one."""
        awake = [zone for zone in ZONES if 9 <= now.astimezone(ZoneInfo(zone)).hour < 20]
        return self._choice.choice(awake)


def track(user_id: str | None, name: str, properties: Call, at: datetime) -> Call:
    """Build a `track` call; without a user, something that no contact did."""
    call = {"type": "track", "event": name, "messageId": str(uuid4()),
            "timestamp": at.astimezone(UTC).isoformat(), "properties": properties}  # fmt: skip
    return call if user_id is None else {**call, "userId": user_id}


def identify(user_id: str, traits: Call, at: datetime) -> Call:
    """Build an `identify` call."""
    return {"type": "identify", "userId": user_id, "messageId": str(uuid4()),
            "timestamp": at.isoformat(), "traits": traits}  # fmt: skip
