"""Three hundred blocks follow the mouse: frames a second while one of them is dragged."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.drawing import Canvas
from tests.browser.looking import settled

pytestmark = pytest.mark.slow
BLOCKS = 300
LEAST = 50.0
COUNT = """() => {
  window.frames_seen = [];
  const seen = (at) => {
    window.frames_seen.push(at);
    window.counting = requestAnimationFrame(seen);
  };
  window.counting = requestAnimationFrame(seen);
}"""
READ = "() => { cancelAnimationFrame(window.counting); return window.frames_seen; }"


def many(blocks: int) -> list[dict[str, Any]]:
    """Conditions and timers, one behind the other."""
    return [
        {"id": f"b{at}", "kind": "timer", "wait": {"for": "PT1H"}, "next": f"b{at + 1}"}
        if at % 3
        else {"id": f"b{at}", "kind": "condition", "if": {"field": "plan", "op": "=", "value": at},
              "then": f"b{at + 1}", "else": f"b{min(at + 2, blocks)}"}
        for at in range(blocks)
    ] + [{"id": f"b{blocks}", "kind": "exit"}]  # fmt: skip


def places(blocks: int) -> dict[str, tuple[int, int]]:
    """Rows of twenty, so that all fit into a window."""
    cards = {"$start": (0, -200), "$stops": (320, -200)}
    return cards | {f"b{at}": (at % 20 * 300, at // 20 * 180) for at in range(blocks)}


@pytest.fixture
def large(api: httpx.Client) -> str:
    key = f"large-{uuid4().hex[:8]}"
    start = {"kind": "event", "event": "Signed Up"}
    definition = {"name": key, "start": start, "blocks": many(BLOCKS - 1)}
    body = {"key": key, "name": key, "definition": definition, "layout": places(BLOCKS)}
    answer = api.post("/v1/workflows", params={"check": "later"}, json=body)
    assert answer.status_code == 201, answer.text
    return key


async def frames(page: Page, canvas: Canvas, block: str) -> float:
    """The median of frames a second while the mouse drags a block to and fro."""
    x, y = await canvas.grip(block)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.evaluate(COUNT)
    for to in (150, -150, 150):
        await page.mouse.move(x + to, y + to / 3, steps=60)
    seen: list[float] = await page.evaluate(READ)
    await page.mouse.up()
    return 1000 / median(after - before for before, after in pairwise(seen))


async def test_a_block_among_three_hundred_follows_the_mouse(
    open_as: OpenAs, large: str, record_property: Any
):
    page = await open_as("editor", f"/workflows/{large}")
    canvas = Canvas(page)
    middle = f"b{BLOCKS // 2 + 10}"
    await expect(canvas.node(middle)).to_be_in_viewport(timeout=30_000)
    await settled(page)
    found = {"all in view": await frames(page, canvas, middle)}
    for _ in range(4):
        await page.get_by_role("button", name="Zoom in").click()
    await settled(page)
    found["near"] = await frames(page, canvas, middle)
    for view, rate in found.items():
        record_property(f"frames per second, {view}", round(rate, 1))
    assert min(found.values()) > LEAST, found
