"""What goes on in a workflow, as its maker sees it: numbers, journeys, tries and history."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.looking import screenshot, serious_faults, settled
from tests.stack.conftest import Dev

ENGINE = 60_000
"""Milliseconds that the engine may take when the machine has much else to do."""


@dataclass
class Reminder:
    """A published workflow of its own event, with contacts that nobody else uses."""

    key: str
    api: httpx.Client
    write_key: str

    def contact(self, name: str) -> str:
        return f"{self.key}-{name}"

    def track(self, name: str, event: str, **properties: Any) -> None:
        answer = self.api.post(
            "/v1/track",
            json={
                "userId": self.contact(name),
                "event": f"{event} {self.key}",
                "properties": properties,
            },
            headers={"Authorization": f"Bearer {self.write_key}"},
        )
        assert answer.status_code == 200, answer.text


def drawing(key: str) -> dict[str, Any]:
    return {
        "name": f"Reminder {key}",
        "start": {
            "kind": "event",
            "event": f"Planned {key}",
            "where": [{"param": "minutes", "op": ">=", "value": 20}],
            "reentry": {"mode": "always"},
        },
        "stop": [{"kind": "event", "events": [f"Done {key}"], "same": ["plan"]}],
        "blocks": [
            {"id": "hello", "kind": "message", "channel": "email", "template": f"hello-{key}",
             "next": "watch"},
            {"id": "watch", "kind": "wait_for", "event": f"Viewed {key}", "timeout": "P1D",
             "then": "bye", "else": "nudge"},
            {"id": "nudge", "kind": "message", "channel": "email", "template": f"nudge-{key}",
             "next": "bye"},
            {"id": "bye", "kind": "exit", "reason": "all said"},
        ],
    }  # fmt: skip


@pytest.fixture
def reminder(api: httpx.Client, stack: Dev) -> Reminder:
    key = f"w{uuid4().hex[:8]}"
    for name in ("hello", "nudge"):
        template = {"channel": "email", "subject": f"{name} of {key}", "html": "<p>Go</p>"}
        answer = api.put(f"/v1/templates/{name}-{key}", json=template)
        assert answer.status_code < 300, answer.text
    found = Reminder(key, api, stack.info["write_key"])
    people = [
        {"userId": found.contact(name), "email": f"{name}@{key}.test", "timezone": "Asia/Tokyo"}
        for name in ("ann", "bob", "cid")
    ]
    for call in (
        api.post("/v1/contacts", json={"contacts": people}),
        api.put(f"/v1/workflows/{key}", json={"key": key, "definition": drawing(key)}),
        api.post(f"/v1/workflows/{key}/publish"),
    ):
        assert call.status_code < 300, call.text
    return found


def block(page: Page, id_: str) -> Locator:
    return page.locator(f".react-flow__node[data-id={id_}]")


def number(page: Page, id_: str, name: str) -> Locator:
    return block(page, id_).locator(f"[data-name={name}]")


async def test_the_numbers_follow_what_contacts_do(open_as: OpenAs, reminder: Reminder):
    page = await open_as("owner", f"/workflows/{reminder.key}/live")
    await expect(number(page, "hello", "entered")).to_have_text("0 entered")

    reminder.track("ann", "Planned", minutes=30, plan=1)
    reminder.track("bob", "Planned", minutes=30, plan=2)
    totals = page.get_by_test_id("totals")
    await expect(totals).to_contain_text("2 running", timeout=ENGINE)
    await expect(number(page, "hello", "sent")).to_have_text("2 sent", timeout=ENGINE)
    await expect(number(page, "watch", "waiting")).to_have_text("2 here now", timeout=ENGINE)
    assert await serious_faults(page) == []

    reminder.track("ann", "Done", plan=1)
    await expect(totals).to_contain_text("1 running", timeout=ENGINE)
    await expect(totals).to_contain_text("1 stopped")
    await expect(number(page, "watch", "waiting")).to_have_text("1 here now")

    await number(page, "watch", "waiting").click()
    behind = page.get_by_role("dialog")
    await expect(behind.get_by_role("link", name=reminder.contact("bob"))).to_be_visible()
    await expect(behind.get_by_role("link", name=reminder.contact("ann"))).to_have_count(0)
    await behind.get_by_role("link", name="Path").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Journey of {reminder.contact('bob')}"
    )


async def test_numbers_over_time_and_how_far_they_came(open_as: OpenAs, reminder: Reminder):
    reminder.track("ann", "Planned", minutes=30, plan=1)
    reminder.track("bob", "Planned", minutes=30, plan=2)
    page = await open_as("owner", f"/workflows/{reminder.key}/live")
    await page.get_by_text("Funnel and time").click()
    funnel = page.get_by_role("list", name="Funnel")
    await expect(funnel.locator("[data-block=watch]")).to_contain_text("2 · 100 %", timeout=ENGINE)
    await expect(funnel.locator("[data-block=nudge]")).to_contain_text("0 · 0 %")
    curves = page.get_by_role("img", name=re.compile(r"Over time: 2 began"))
    await expect(curves).to_be_visible(timeout=ENGINE)
    await page.get_by_role("combobox", name="Block", exact=True).click()
    await page.get_by_role("option", name="hello").click()
    of_block = page.get_by_role("img", name=re.compile(r"Over time: 2 entered"))
    await expect(of_block).to_be_visible(timeout=ENGINE)
    await screenshot(page, "workflow-funnel")
    assert await serious_faults(page) == []


async def test_a_journey_shows_its_way_and_is_stopped_by_hand(
    open_as: OpenAs, reminder: Reminder, stack: Dev
):
    reminder.track("ann", "Planned", minutes=30, plan=1)
    page = await open_as("owner", f"/journeys?workflow={reminder.key}&state=running")
    row = page.get_by_role("row", name=reminder.contact("ann"))
    await expect(row).to_be_visible(timeout=ENGINE)
    await row.get_by_role("link").first.click()

    await expect(block(page, "watch").locator("[data-visit=here]")).to_be_visible(timeout=ENGINE)
    await expect(block(page, "hello").locator("[data-visit=passed]")).to_be_visible()
    await expect(block(page, "nudge").locator("[data-visit]")).to_have_count(0)
    steps = page.get_by_role("list", name="Steps").get_by_role("listitem")
    await expect(steps).to_have_count(2)
    await expect(steps.first).to_contain_text(f"to ann@{reminder.key}.test")
    await expect(page.get_by_text("Times are in Asia/Tokyo")).to_be_visible()
    link = page.get_by_role("link", name="Open in Temporal")
    journey = page.url.rsplit("/", 1)[1]
    temporal = f"{stack.info['temporal_ui']}/namespaces/default/workflows/{journey}"
    await expect(link).to_have_attribute("href", re.compile(f"^{re.escape(temporal)}"))
    await settled(page)
    assert await serious_faults(page) == []

    await page.get_by_role("button", name="Stop…").click()
    await page.get_by_label("Reason").fill("asked us to")
    await page.get_by_role("button", name="Stop the journey").click()
    await expect(page.get_by_text("Stopped by hand: asked us to")).to_be_visible()
    await expect(page.get_by_text("is not taken up again")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop…")).to_have_count(0)
    stored = reminder.api.get(f"/v1/journeys/{journey}").json()
    assert stored["reason"] == {"kind": "manual", "detail": "asked us to"}


async def test_a_viewer_looks_at_journeys_and_stops_none(open_as: OpenAs, reminder: Reminder):
    reminder.track("ann", "Planned", minutes=30, plan=1)
    page = await open_as("viewer", f"/journeys?workflow={reminder.key}")
    row = page.get_by_role("row", name=reminder.contact("ann"))
    await row.get_by_role("link").first.click(timeout=ENGINE)
    await expect(page.get_by_role("heading", name="Journey of")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop…")).to_have_count(0)
    await page.goto(f"/workflows/{reminder.key}/try")
    await expect(page.get_by_role("radio", name="Real test")).to_be_disabled()


async def test_a_dry_run_goes_the_way_that_is_assumed(open_as: OpenAs, reminder: Reminder):
    page = await open_as("viewer", f"/workflows/{reminder.key}/try")
    contact = page.get_by_placeholder("Search by id")
    await contact.fill(reminder.contact("cid"))
    await contact.press("Enter")
    await page.get_by_label("Properties of").fill('{"minutes": 10}')
    found = page.get_by_test_id("dry-run")
    await expect(found).to_contain_text("The contact would not be let in")
    await page.get_by_label("Properties of").fill('{"minutes": 30}')
    await expect(found).to_contain_text("The contact would be let in")
    # Of itself nothing happens: the time runs out, and the second message follows a day later.
    await expect(block(page, "nudge").locator("[data-visit]")).to_be_visible()
    await expect(found).to_contain_text(f"nudge of {reminder.key}")
    await expect(found).to_contain_text("2 messages; times are in Asia/Tokyo")
    await screenshot(page, "workflow-dry-run")

    await found.get_by_label("What happens at watch").click()
    await page.get_by_role("option", name="as if it happened").click()
    await expect(found).to_contain_text("1 message;")
    await expect(block(page, "nudge").locator("[data-visit]")).to_have_count(0)
    await expect(block(page, "bye").locator("[data-visit=ended]")).to_be_visible()
    assert reminder.api.get(f"/v1/journeys?workflow={reminder.key}").json()["data"] == []


async def test_a_real_test_sends_to_the_given_address_alone(open_as: OpenAs, reminder: Reminder):
    path = f"/workflows/{reminder.key}/try?test&contact={reminder.contact('cid')}"
    page = await open_as("editor", path)
    await page.get_by_label("Messages go to").fill("tester@example.com")
    await page.get_by_label("Properties of").fill('{"minutes": 30, "plan": 3}')
    await page.get_by_role("combobox", name="Waits are").click()
    await page.get_by_role("option", name="passed over").click()
    await page.get_by_role("button", name="Run the test").click()
    run = page.get_by_test_id("test-run")
    await expect(run).to_contain_text("Completed", timeout=ENGINE)
    await expect(block(page, "bye").locator("[data-visit=ended]")).to_be_visible()
    await expect(run).to_contain_text("to tester@example.com")
    await expect(run).not_to_contain_text(f"cid@{reminder.key}.test")
    await screenshot(page, "workflow-test")
    await page.goto(f"/workflows/{reminder.key}/live")
    await expect(number(page, "hello", "entered")).to_have_text("0 entered")


async def test_the_history_is_searched(open_as: OpenAs, reminder: Reminder):
    reminder.track("ann", "Planned", minutes=30, plan=1)
    reminder.track("bob", "Planned", minutes=30, plan=2)
    page = await open_as("owner", f"/workflows/{reminder.key}/history")
    table = page.get_by_role("table", name="History")
    began = table.get_by_role("row", name="Began")
    await expect(began).to_have_count(2, timeout=ENGINE)
    reminder.track("ann", "Done", plan=1)
    ended = table.get_by_role("row", name="Ended")
    await expect(ended).to_have_count(1, timeout=ENGINE)
    await expect(ended).to_contain_text(f"The event Done {reminder.key} happened")

    await page.get_by_label("Key or property").fill("plan=2")
    await expect(ended).to_have_count(0)
    await expect(began).to_have_count(1)
    await expect(began).to_contain_text(reminder.contact("bob"))
    await page.get_by_role("button", name="Clear").click()
    await page.get_by_role("combobox", name="Reason").click()
    await page.get_by_role("option", name="the re-entry rule").click()
    await expect(page.get_by_text("Nothing is like this")).to_be_visible()
    assert await serious_faults(page) == []
