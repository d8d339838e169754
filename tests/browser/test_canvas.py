"""Drawing with the keyboard alone, without a connection, beside somebody else; only looking."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.drawing import Canvas, middle
from tests.browser.looking import serious_faults, settled

TABS = 60
"""Presses of Tab after which a place counts as not to be reached."""
EVENT = {"kind": "event", "event": "Signed Up"}
PAIR: list[dict[str, Any]] = [
    {"id": "wait", "kind": "timer", "wait": {"for": "P1D"}, "next": "bye"},
    {"id": "bye", "kind": "exit"},
]


class Drafts:
    """Drafts on the server, made and read beside the browser."""

    def __init__(self, api: httpx.Client) -> None:
        self._api = api

    def make(self, blocks: list[dict[str, Any]] | None = None) -> str:
        key = f"draft-{uuid4().hex[:8]}"
        definition = {"name": key, "start": EVENT, "blocks": blocks or []}
        body = {"key": key, "name": key, "definition": definition}
        answer = self._api.post("/v1/workflows", params={"check": "later"}, json=body)
        assert answer.status_code == 201, answer.text
        return key

    def read(self, key: str) -> dict[str, Any]:
        answer = self._api.get(f"/v1/workflows/{key}").raise_for_status().json()
        return dict(answer)

    def kinds(self, key: str) -> list[str]:
        return sorted(block["kind"] for block in self.read(key)["definition"]["blocks"])


@pytest.fixture
def drafts(api: httpx.Client) -> Drafts:
    return Drafts(api)


@pytest.fixture
def template(api: httpx.Client) -> str:
    key = f"greeting-{uuid4().hex[:8]}"
    body = {"key": key, "channel": "email", "subject": "Hello", "html": "<p>Hello</p>"}
    assert api.post("/v1/templates", json=body).status_code == 201
    return key


async def drawn(page: Page) -> Canvas:
    canvas = Canvas(page)
    await expect(canvas.node("$start")).to_be_visible()
    await settled(page)
    return canvas


async def distance(canvas: Canvas, one: str, other: str) -> tuple[float, float]:
    (x, y), (to_x, to_y) = await canvas.grip(one), await canvas.grip(other)
    return round(to_x - x, 1), round(to_y - y, 1)


async def tab_to(page: Page, place: str) -> None:
    """Press Tab until the focus is where a selector says."""
    for _ in range(TABS):
        if await page.evaluate("(place) => document.activeElement?.matches(place)", place):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {place}")


async def tab_to_field(page: Page, label: str) -> None:
    field = page.locator("aside[data-form]").get_by_label(label, exact=True)
    await tab_to(page, f"#{await field.first.get_attribute('id')}")


async def press_button(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True)
    await button.evaluate("(button) => button.setAttribute('data-wanted', '')")
    await tab_to(page, "[data-wanted]")
    await button.evaluate("(button) => button.removeAttribute('data-wanted')")
    await page.keyboard.press("Enter")


async def test_a_workflow_is_built_and_published_without_the_mouse(
    open_as: OpenAs, drafts: Drafts, template: str
):
    key = drafts.make()
    page = await open_as("editor", f"/workflows/{key}")
    canvas = await drawn(page)
    press = page.keyboard.press
    await press("b")
    await press("Enter")
    await expect(canvas.edge("$start", "message")).to_have_count(1)
    await tab_to(page, '[data-kind="timer"]')
    await press("Enter")
    await expect(canvas.edge("message", "timer")).to_have_count(1)

    await press("ArrowUp")
    await expect(canvas.node("message")).to_be_focused()
    await press("Enter")
    await tab_to_field(page, "Template")
    await page.keyboard.type(template)
    await press("ArrowDown")
    await press("Enter")
    await expect(page.get_by_text("Ready to publish")).to_be_visible()
    assert await serious_faults(page) == []
    await press("Escape")
    await expect(canvas.form).to_have_count(0)

    await press("Control+d")
    await expect(page.locator(".react-flow__node-block")).to_have_count(3)
    await press("Control+z")
    await expect(page.locator(".react-flow__node-block")).to_have_count(2)
    await canvas.saved()
    await press_button(page, "Publish…")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await press_button(page, "Publish")
    await expect(page.get_by_text("Version 1 is published")).to_be_visible()
    assert drafts.read(key)["state"] == "active"


async def test_keys_move_copy_insert_and_take_away(open_as: OpenAs, drafts: Drafts):
    key = drafts.make(PAIR)
    page = await open_as("editor", f"/workflows/{key}")
    canvas = await drawn(page)
    press = page.keyboard.press
    await press("ArrowDown")
    await expect(canvas.node("$start")).to_be_focused()
    await press("ArrowDown")
    await expect(canvas.node("wait")).to_be_focused()
    x, y = await distance(canvas, "wait", "bye")
    await press("Alt+ArrowRight")
    await settled(page)
    moved = await distance(canvas, "wait", "bye")
    assert moved[0] < x
    assert moved[1] == y
    await press("Control+z")

    await tab_to(page, canvas.edge_named("wait", "bye"))
    await press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await press("Enter")
    await expect(canvas.edge("wait", "message")).to_have_count(1)
    await expect(canvas.edge("message", "bye")).to_have_count(1)

    blocks = page.locator(".react-flow__node-block")
    await press("Control+a")
    await press("Control+c")
    await press("Control+v")
    await expect(blocks).to_have_count(6)
    await press("Delete")
    await expect(blocks).to_have_count(3)
    await press("Control+z")
    await expect(blocks).to_have_count(6)
    await press("Control+y")
    await expect(blocks).to_have_count(3)
    await press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Move the chosen blocks")
    await press("Escape")
    await canvas.saved()
    assert drafts.kinds(key) == ["exit", "message", "timer"]


async def test_what_is_drawn_without_a_connection_is_saved_when_it_is_back(
    open_as: OpenAs, drafts: Drafts
):
    key = drafts.make()
    page = await open_as("editor", f"/workflows/{key}")
    canvas = await drawn(page)
    await page.context.set_offline(True)
    await canvas.drop("timer", await canvas.point(0.4, 0.6))
    mark = page.locator("[role=status][data-state=offline]")
    await expect(mark).to_have_text("Offline: kept in this browser")
    await expect(page.get_by_text("Sojourn cannot be reached").first).to_be_visible()
    await canvas.drop("exit", await canvas.point(0.4, 0.8))
    assert drafts.kinds(key) == []
    await page.context.set_offline(False)
    await canvas.saved()
    assert drafts.kinds(key) == ["exit", "timer"]


async def test_a_drawing_outlives_the_page_that_lost_its_connection(
    open_as: OpenAs, drafts: Drafts
):
    key = drafts.make()
    page = await open_as("editor", f"/workflows/{key}")
    canvas = await drawn(page)
    await page.context.set_offline(True)
    await canvas.drop("timer", await canvas.point(0.4, 0.6))
    await expect(page.locator("[role=status][data-state=offline]")).to_be_visible()
    context = page.context
    await page.close()
    await context.set_offline(False)
    again = await context.new_page()
    await again.goto(f"/workflows/{key}")
    canvas = await drawn(again)
    await expect(canvas.node("timer")).to_be_visible()
    await canvas.saved()
    assert drafts.kinds(key) == ["timer"]


@pytest.mark.parametrize(
    ("choice", "kept"), [("Keep mine", "exit"), ("See theirs", "timer")], ids=["mine", "theirs"]
)
async def test_two_who_draw_at_once_decide_whose_drawing_stays(
    open_as: OpenAs, drafts: Drafts, choice: str, kept: str
):
    key = drafts.make()
    first = await drawn(await open_as("owner", f"/workflows/{key}"))
    second = await drawn(await open_as("editor", f"/workflows/{key}"))
    # The second saves after the first, and could not know of it.
    await second.page.context.set_offline(True)
    await second.drop("exit", await second.point(0.4, 0.6))
    await expect(second.page.locator("[role=status][data-state=offline]")).to_be_visible()
    await first.drop("timer", await first.point(0.4, 0.6))
    await first.saved()
    await second.page.context.set_offline(False)
    notice = second.page.get_by_text("saved this draft meanwhile")
    await expect(notice).to_be_visible()
    assert await serious_faults(second.page) == []
    assert drafts.kinds(key) == ["timer"]
    await second.page.get_by_role("button", name=choice).click()
    await expect(notice).to_be_hidden()
    await second.saved()
    await expect(second.node(kept)).to_be_visible()
    assert drafts.kinds(key) == [kept]


async def test_a_viewer_looks_at_a_drawing_and_moves_nothing(open_as: OpenAs, drafts: Drafts):
    key = drafts.make(PAIR)
    before = drafts.read(key)
    page = await open_as("viewer", f"/workflows/{key}")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method))
    canvas = await drawn(page)
    await expect(page.get_by_role("navigation", name="Blocks")).to_have_count(0)
    for name in ("Publish…", "Undo", "Lay out anew"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    name = page.get_by_role("textbox", name="Name of the workflow")
    assert await name.get_attribute("readonly") is not None
    apart = await distance(canvas, "wait", "bye")
    await canvas.move("wait", (120, 40))  # which moves the whole drawing, to look at another part
    assert await distance(canvas, "wait", "bye") == apart
    # Its line cannot be led elsewhere, nor anything be taken away or pasted.
    await canvas.drag(await middle(canvas.handle("wait", "next")), await canvas.point(0.1, 0.9))
    await canvas.node("wait").click()
    for keys in ("Delete", "Control+x", "Control+v", "Control+d", "l"):
        await page.keyboard.press(keys)
    await settled(page)
    assert await canvas.blocks() == ["wait", "bye"]
    assert set(sent) <= {"GET"}
    assert drafts.read(key)["revision"] == before["revision"]
