"""What the product is for, by the mouse: who completes a workout is not reminded of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.drawing import Canvas, choose, middle, tags
from tests.browser.looking import settled
from tests.browser.people import PASSWORD
from tests.stack.conftest import Dev

PATIENCE = 30_000
"""Milliseconds for the numbers to come: two seconds between looks, on a busy machine."""
TEMPLATES = {
    "workout-reminder": "Your workout begins soon",
    "workout-reminder-premium": "Your coach is waiting",
}


@pytest.fixture
def templates(api: httpx.Client) -> None:
    for key, subject in TEMPLATES.items():
        body = {
            "key": key,
            "channel": "email",
            "subject": subject,
            "html": "<p>Hello {{ contact.first_name | default: 'there' }}</p>",
        }
        assert api.post("/v1/templates", json=body).status_code in (201, 409)


@pytest.fixture
def tell(stack: Dev, api: httpx.Client):
    """Sends an event as an app does, with the write key."""

    def tell(user: str, event: str, **properties: Any) -> None:
        body = {"userId": user, "event": event, "properties": properties}
        key = (stack.info["write_key"], "")
        assert api.post("/v1/track", json=body, auth=key).status_code == 200

    return tell


async def draw(page: Page, canvas: Canvas) -> dict[str, str]:
    """The blocks, from the palette; the timer last, dropped on the line where it belongs."""
    condition = await canvas.drop("condition", await canvas.point(0.30, 0.45))
    await expect(canvas.edge("$start", condition)).to_have_count(1)
    premium = await canvas.drop("message", await canvas.point(0.20, 0.75))
    basic = await canvas.drop("message", await canvas.point(0.45, 0.75))
    await canvas.connect(condition, "then", premium)
    await canvas.connect(condition, "else", basic)
    await canvas.move(condition, (0, 60))
    timer = await canvas.drop("timer", await middle(canvas.edge("$start", condition)))
    await expect(canvas.edge("$start", timer)).to_have_count(1)
    await expect(canvas.edge(timer, condition)).to_have_count(1)
    await page.get_by_role("button", name="Lay out anew").click()
    await settled(page)
    return {"timer": timer, "condition": condition, "premium": premium, "basic": basic}


async def fill(page: Page, canvas: Canvas, blocks: dict[str, str], started: str) -> None:
    form = await canvas.open("$start")
    await form.get_by_role("combobox", name="Event").fill(started)
    form = await canvas.open("$stops")
    await form.get_by_role("button", name="Add a stop").click()
    await page.get_by_role("menuitem", name="Something happens").click()
    await tags(form.get_by_label("Any of these events"), ["Workout Completed"])
    await tags(form.get_by_label("Same as in the starting event"), ["plan_id"])
    form = await canvas.open(blocks["timer"])
    await choose(page, form.get_by_role("combobox", name="Wait"), "until a date of the event")
    await form.get_by_label("Property of the starting event").fill("remind_at")
    form = await canvas.open(blocks["condition"])
    await form.get_by_role("button", name="Add condition").click()
    await page.get_by_role("menuitem", name="Contact field").click()
    await form.get_by_label("Field", exact=True).fill("plan")
    await form.get_by_label("Value", exact=True).fill("premium")
    for name, template in (("premium", "workout-reminder-premium"), ("basic", "workout-reminder")):
        form = await canvas.open(blocks[name])
        await choose(page, form.get_by_role("combobox", name="Template"), template)
    await canvas.close_form()
    await canvas.saved()


async def test_a_completed_workout_stops_the_reminder(
    open_as: OpenAs, api: httpx.Client, templates: None, tell: Any
):
    page = await open_as(None, "/workflows")
    await page.get_by_role("textbox", name="E-mail").fill("editor@example.com")
    await page.get_by_role("textbox", name="Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    run = uuid4().hex[:6]
    await page.get_by_role("button", name="New workflow").first.click()
    await page.get_by_role("textbox", name="Name").fill(f"Workout reminder {run}")
    await page.get_by_role("button", name="Make it").click()
    await page.wait_for_url(f"**/workflows/workout-reminder-{run}")
    canvas = Canvas(page)
    await expect(canvas.node("$start")).to_be_visible()

    blocks = await draw(page, canvas)
    planned = f"Workout Planned {run}"
    await fill(page, canvas, blocks, planned)
    await expect(page.get_by_text("Ready to publish")).to_be_visible()
    await page.get_by_role("button", name="Publish…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    await expect(page.get_by_text("Version 1 is published")).to_be_visible()
    await page.get_by_role("tab", name="Live").click()
    totals = page.get_by_test_id("totals")
    await expect(totals).to_contain_text("0 running")

    ann, bob = (f"{name}-{run}" for name in ("ann", "bob"))
    contacts = [
        {"userId": user, "email": f"{user}@example.com", "fields": {"plan": "free"}}
        for user in (ann, bob)
    ]
    stored = api.post("/v1/contacts", json={"contacts": contacts})  # noqa: ASYNC212
    assert stored.status_code == 200
    now = datetime.now(UTC)
    tell(ann, planned, plan_id="a", remind_at=(now + timedelta(hours=1)).isoformat())
    await expect(totals).to_contain_text("1 running", timeout=PATIENCE)
    waiting = canvas.node(blocks["timer"]).locator('[data-name="waiting"]')
    await expect(waiting).to_have_text("1 here now", timeout=PATIENCE)

    tell(ann, "Workout Completed", plan_id="another")
    tell(ann, "Workout Completed", plan_id="a")
    await expect(totals).to_contain_text("0 running, 0 completed, 1 stopped", timeout=PATIENCE)
    await expect(waiting).to_have_text("0 here now", timeout=PATIENCE)

    tell(bob, planned, plan_id="b", remind_at=datetime.now(UTC).isoformat())
    await expect(totals).to_contain_text("1 completed, 1 stopped, 0 failed", timeout=PATIENCE)
    sent = canvas.node(blocks["basic"]).locator('[data-name="sent"]')
    await expect(sent).to_have_text("1 sent", timeout=PATIENCE)
    assert await canvas.numbers(blocks["timer"]) == {"entered": 2, "waiting": 0}
    assert await canvas.numbers(blocks["condition"]) == {"entered": 1, "waiting": 0}
    assert (await canvas.numbers(blocks["premium"]))["entered"] == 0

    found = api.get("/inbox/messages.json", params={"search": run})  # noqa: ASYNC212
    caught = found.json()["data"]
    assert [(one["to"], one["subject"]) for one in caught] == [
        (f"{bob}@example.com", TEMPLATES["workout-reminder"])
    ]
    await sent.click()
    behind = page.get_by_role("dialog")
    await expect(behind.get_by_role("link", name=bob)).to_be_visible()
    await expect(behind.get_by_role("link", name=ann)).to_have_count(0)
