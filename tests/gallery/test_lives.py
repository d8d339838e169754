"""Who should get the messages of a ready workflow gets those, when they are due, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from engine.gallery.ready import ORDER
from tests.gallery.living import Life

Act = tuple[float, str, str, dict[str, Any]]
"""Day, time, event (or `be` for what is known of the contact), properties."""

MONDAY: tuple[float, str] = (0, "10:00")
CART = {"cart_id": "c-1", "items_count": 2}
TRIAL = {"trial_ends_at": "10@15:00"}
PLAN = {"plan_id": "p-1", "workout_at": "1@18:00"}

SEVEN = ["0 11:00 finish", "1 18:00 what-you-get", "2 18:00 choice-kept", "3 18:00 others",
         "4 18:00 any-time", "5 18:00 question", "6 18:00 last"]  # fmt: skip

LIVES: dict[str, tuple[list[Act], list[str], list[str]]] = {
    "welcome-series": (
        [(*MONDAY, "Signed Up", {})],
        ["0 10:00 hello", "1 10:00 first-steps", "4 10:00 how-is-it"],
        ["exit"],
    ),
    "welcome-series of one who comes back": (
        [(*MONDAY, "Signed Up", {}), (0, "11:00", "Application Opened", {}),
         (0, "20:00", "Application Opened", {}), (2, "12:00", "Signed Up", {})],
        ["0 10:00 hello", "1 10:00 tips", "4 10:00 how-is-it"],
        ["exit"],
    ),
    "abandoned-subscription": (
        [(*MONDAY, "Subscription Checkout Started", {"plan": "Premium"}),
         (3, "12:00", "Subscription Checkout Started", {"plan": "Premium"})],
        SEVEN,
        ["exit"],
    ),
    "abandoned-subscription of one who subscribes": (
        [(*MONDAY, "Subscription Checkout Started", {}), (2, "12:00", "Subscription Started", {})],
        SEVEN[:2],
        ["Subscription Started"],
    ),
    "abandoned-subscription of a subscriber": (
        [(*MONDAY, "be", {"subscription": "active"}),
         (0, "10:10", "Subscription Checkout Started", {})],
        [],
        [],
    ),
    "abandoned-subscription at night": (
        [(0, "23:00", "Subscription Checkout Started", {}),
         (2, "12:00", "Subscription Started", {})],
        ["1 08:00 finish"],
        ["Subscription Started"],
    ),
    "abandoned-cart": (
        [(*MONDAY, "Cart Updated", CART), (0, "10:40", "Cart Updated", CART)],
        ["0 11:40 remind", "1 10:00 last-call"],
        ["exit"],
    ),
    "abandoned-cart of two, one of them bought": (
        [(*MONDAY, "Cart Updated", CART), (0, "10:20", "Cart Updated", CART | {"cart_id": "c-2"}),
         (0, "12:00", "Order Completed", {"cart_id": "c-1"})],
        ["0 11:00 remind", "0 11:20 remind", "1 10:00 last-call"],
        ["Order Completed", "exit"],
    ),
    "abandoned-cart that is emptied": (
        [(*MONDAY, "Cart Updated", CART), (0, "10:30", "Cart Updated", CART | {"items_count": 0})],
        [],
        ["Cart Updated"],
    ),
    "workout-at-own-hour": (
        [(*MONDAY, "Workout Planned", PLAN)],
        ["1 17:30 soon", "1 20:00 still-time"],
        ["exit"],
    ),
    "workout-at-own-hour of one who does it": (
        [(*MONDAY, "Workout Planned", PLAN), (1, "19:00", "Workout Completed", PLAN)],
        ["1 17:30 soon"],
        ["Workout Completed"],
    ),
    "workout-at-own-hour that is moved": (
        [(*MONDAY, "Workout Planned", PLAN),
         (1, "12:00", "Workout Planned", PLAN | {"workout_at": "2@07:00"}),
         (2, "08:00", "Plan Cancelled", {"plan_id": "p-1"})],
        ["2 06:30 soon"],
        ["Workout Planned", "Plan Cancelled"],
    ),
    "streak-keeper": (
        [(*MONDAY, "Streak Extended", {"days": 8})],
        ["1 19:00 tonight", "1 22:00 last-call"],
        ["exit"],
    ),
    "streak-keeper of one who keeps it": (
        [(*MONDAY, "Streak Extended", {"days": 3}), (1, "21:00", "Streak Extended", {"days": 4}),
         (2, "09:00", "Streak Extended", {"days": 5}), (3, "12:00", "Streak Frozen", {})],
        ["1 19:00 tonight"],
        ["exit", "Streak Extended", "Streak Frozen"],
    ),
    "win-back": (
        [(*MONDAY, "Session Started", {}), (9, "12:00", "be", {}), (10, "12:00", "be", {})],
        ["9 12:00 miss-you", "13 18:00 offer"],
        ["exit"],
    ),
    "win-back of one who comes back": (
        [(*MONDAY, "Session Started", {}), (9, "12:00", "be", {}),
         (11, "12:00", "Session Started", {}), (20, "13:00", "be", {})],
        ["9 12:00 miss-you"],
        ["Session Started"],
    ),
    "trial-ending": (
        [(*MONDAY, "be", TRIAL), (0, "10:10", "Trial Started", {})],
        ["7 15:00 soon", "9 15:00 last-day", "11 10:00 over"],
        ["exit"],
    ),
    "trial-ending that is moved, of one who subscribes": (
        [(*MONDAY, "be", TRIAL), (0, "10:10", "Trial Started", {}),
         (5, "12:00", "be", {"trial_ends_at": "20@15:00"}),
         (18, "12:00", "Subscription Started", {})],
        ["17 15:00 soon"],
        ["Subscription Started"],
    ),
    "trial-ending of one without a trial": (
        [(*MONDAY, "Trial Started", {})],
        [],
        ["The contact has no trial that is still to end."],
    ),
    "new-chapter": (
        [(*MONDAY, "Chapter Read", {"book_id": "b-1", "chapter": 11}),
         (1, "12:00", "happen", {"book_id": "b-1", "chapter": 12})],
        ["1 12:00 out", "3 18:00 waiting"],
        ["exit"],
    ),
    "new-chapter of one who reads it": (
        [(*MONDAY, "Chapter Read", {"book_id": "b-1", "chapter": 11}),
         (1, "12:00", "happen", {"book_id": "b-1", "chapter": 12}),
         (2, "12:00", "Chapter Read", {"book_id": "b-1", "chapter": 12})],
        ["1 12:00 out"],
        ["Chapter Read"],
    ),
    "milestone-feedback": (
        [(*MONDAY, "Milestone Reached", {}), (20, "10:00", "Milestone Reached", {})],
        ["0 11:00 ask", "4 11:00 remind"],
        ["exit"],
    ),
    "milestone-feedback of one who is happy": (
        [(*MONDAY, "Milestone Reached", {}), (1, "12:00", "Feedback Given", {"score": 10})],
        ["0 11:00 ask", "1 12:00 review"],
        ["exit"],
    ),
    "milestone-feedback of one who is not": (
        [(*MONDAY, "Milestone Reached", {}), (5, "12:00", "Feedback Given", {"score": 4})],
        ["0 11:00 ask", "4 11:00 remind", "5 12:00 thanks"],
        ["exit"],
    ),
    "milestone-feedback of one who said it": (
        [(*MONDAY, "Feedback Given", {"score": 9}), (1, "12:00", "Milestone Reached", {})],
        [],
        ["exit"],
    ),
    "birthday": (
        [(*MONDAY, "be", {"next_birthday": "6@"}), (4, "12:00", "be", {})],
        ["6 09:00 wishes"],
        ["exit"],
    ),
    "birthday that was wrong": (
        [(*MONDAY, "be", {"next_birthday": "6@"}), (4, "12:00", "be", {}),
         (5, "12:00", "be", {"next_birthday": None})],
        [],
        ["The date was taken away."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", LIVES, ids=lambda story: story.replace(" ", "-"))
async def test_a_life(life: Life, story: str) -> None:
    acts, messages, ends = LIVES[story]
    await life.be()
    await life.publish(story.partition(" ")[0])
    for day, time, act, properties in acts:
        await life.sleep_until(life.at(day, time))
        if act == "be":
            await life.be(**properties)
        elif act == "happen":
            await life.happen("Chapter Published", **properties)
        else:
            await life.do(act, **properties)
    await life.sleep_until(life.at(40))
    assert await life.got() == messages
    assert await life.ends() == ends


def test_every_ready_workflow_is_lived_through() -> None:
    assert {story.partition(" ")[0] for story in LIVES} == set(ORDER)
