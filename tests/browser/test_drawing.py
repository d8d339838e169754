"""What the mouse does on the canvas: edges with a plus, connections let go, copies."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenAs

BLOCKS: list[dict[str, Any]] = [
    {"id": "first", "kind": "timer", "wait": {"for": "P1D"}, "next": "fork"},
    {"id": "fork", "kind": "condition", "if": {"field": "plan", "op": "exists"}, "then": "end"},
    {"id": "end", "kind": "exit"},
]


@pytest.fixture
def workflow(api: httpx.Client) -> str:
    """The key of a draft: a timer, a condition and an exit."""
    key = f"drawn-{uuid4().hex[:8]}"
    definition = {
        "name": "Drawn",
        "start": {"kind": "event", "event": "Workout Planned"},
        "blocks": BLOCKS,
    }
    body = {"key": key, "name": "Drawn", "definition": definition}
    api.post("/v1/workflows", params={"check": "later"}, json=body).raise_for_status()
    return key


@pytest.fixture
async def canvas(open_as: OpenAs, workflow: str) -> Page:
    page = await open_as("editor", f"/workflows/{workflow}")
    await expect(block(page, "end")).to_be_visible()
    return page


def block(page: Page, name: str) -> Locator:
    return page.locator(f'.react-flow__node[data-id="{name}"]')


def chosen(page: Page) -> Locator:
    return page.locator(".react-flow__node.selected")


async def drawn(page: Page, key: str) -> dict[str, dict[str, Any]]:
    """The blocks of the draft by their ids, once all is saved."""
    await expect(page.locator('[role=status][data-state="saved"]')).to_be_visible()
    answer = await page.request.get(f"/v1/workflows/{key}")
    return {one["id"]: one for one in (await answer.json())["definition"]["blocks"]}


async def test_a_plus_on_an_edge_puts_a_block_there(canvas: Page, workflow):
    plus = canvas.get_by_role("button", name="Insert a block between first and fork")
    await plus.click()
    await canvas.get_by_role("menuitem", name="Record event").click()
    await expect(block(canvas, "emit")).to_be_visible()
    await expect(canvas.locator('[role=status][data-state="saving"]')).to_be_visible()
    blocks = await drawn(canvas, workflow)
    assert blocks["first"]["next"] == "emit"
    assert blocks["emit"]["next"] == "fork"


async def test_the_plus_behind_the_start_makes_a_new_first_block(canvas: Page, workflow):
    await canvas.get_by_role("button", name="Insert a block between $start and first").click()
    await canvas.get_by_role("menuitem", name="Split").click()
    await expect(block(canvas, "split")).to_be_visible()
    await expect(canvas.locator('[role=status][data-state="saving"]')).to_be_visible()
    blocks = await drawn(canvas, workflow)
    assert next(iter(blocks)) == "split"
    assert blocks["split"]["branches"][0]["next"] == "first"


async def test_a_connection_let_go_on_empty_canvas_asks_for_a_block(canvas: Page, workflow):
    way = await block(canvas, "fork").locator('[data-handleid="else"]').bounding_box()
    assert way
    await canvas.mouse.move(way["x"] + way["width"] / 2, way["y"] + way["height"] / 2)
    await canvas.mouse.down()
    await canvas.mouse.move(way["x"] + 100, way["y"] + 60, steps=5)
    await canvas.mouse.move(way["x"] + 220, way["y"] + 60, steps=5)
    await canvas.mouse.up()
    await canvas.get_by_role("menuitem", name="Exit").click()
    await expect(block(canvas, "exit")).to_be_visible()
    await expect(canvas.locator('[role=status][data-state="saving"]')).to_be_visible()
    assert (await drawn(canvas, workflow))["fork"]["else"] == "exit"


async def test_a_box_chooses_blocks_that_are_doubled_and_copied_elsewhere(canvas: Page, workflow):
    first = await block(canvas, "first").bounding_box()
    fork = await block(canvas, "fork").bounding_box()
    assert first
    assert fork
    await canvas.keyboard.down("Shift")
    await canvas.mouse.move(first["x"] - 40, first["y"] - 10)
    await canvas.mouse.down()
    await canvas.mouse.move(first["x"] + 40, first["y"] + 40, steps=4)
    await canvas.mouse.move(
        fork["x"] + fork["width"] + 30, fork["y"] + fork["height"] + 15, steps=4
    )
    await canvas.mouse.up()
    await canvas.keyboard.up("Shift")
    await expect(chosen(canvas)).to_have_count(2)
    await canvas.keyboard.press("Control+d")
    await expect(canvas.locator(".react-flow__node-block")).to_have_count(5)
    await canvas.keyboard.press("Control+c")
    await canvas.keyboard.press("Control+z")
    await expect(canvas.locator(".react-flow__node-block")).to_have_count(3)
    await canvas.keyboard.press("Control+v")
    await expect(canvas.locator(".react-flow__node-block")).to_have_count(5)
    await expect(chosen(canvas)).to_have_count(2)
    await expect(canvas.locator('[role=status][data-state="saving"]')).to_be_visible()
    blocks = await drawn(canvas, workflow)
    copied = [one for one in blocks.values() if one["id"] not in ("first", "fork", "end")]
    timer, condition = sorted(copied, key=lambda one: one["kind"], reverse=True)
    # A copy keeps the ways among what was copied.
    assert timer["next"] == condition["id"]


async def test_a_lost_session_keeps_the_drawing_until_somebody_signs_in(canvas: Page):
    await canvas.context.clear_cookies()
    await block(canvas, "end").click()
    await canvas.get_by_label("Reason").fill("done")
    mark = canvas.locator('[role=status][data-state="signed_out"]')
    await expect(mark).to_have_text("Signed out: kept in this browser")
