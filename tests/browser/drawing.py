"""The canvas under the mouse: what a person does there, step by step, with real pointer events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

STEPS = 12
"""Moves of the mouse between two points: enough that every listener sees a drag."""


@dataclass(frozen=True)
class Canvas:
    page: Page

    def node(self, block: str) -> Locator:
        """A block, or a card: `$start`, `$stops`."""
        return self.page.locator(f'.react-flow__node[data-id="{block}"]')

    def handle(self, block: str, way: str) -> Locator:
        return self.node(block).locator(f'[data-handleid="{way}"]')

    def edge(self, source: str, target: str) -> Locator:
        """The line between two blocks."""
        return self.page.locator(self.edge_named(source, target))

    @staticmethod
    def edge_named(source: str, target: str) -> str:
        """The selector of a line; React Flow names its ends in its label."""
        return f'.react-flow__edge[aria-label="Edge from {source} to {target}"]'

    @property
    def form(self) -> Locator:
        return self.page.locator("aside[data-form]")

    async def blocks(self) -> list[str]:
        found = await self.page.locator(".react-flow__node-block").all()
        return [str(await one.get_attribute("data-id")) for one in found]

    async def point(self, column: float, row: float) -> tuple[float, float]:
        """A point of the canvas, in parts of its width and height."""
        box = await self.page.locator(".react-flow").bounding_box()
        assert box
        return box["x"] + box["width"] * column, box["y"] + box["height"] * row

    async def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        await mouse.move(*start)
        await mouse.down()
        await mouse.move(*end, steps=STEPS)
        await mouse.up()

    async def drop(self, kind: str, at: tuple[float, float]) -> str:
        """Drag a block from the palette to a point of the window; answers its name."""
        before = set(await self.blocks())
        entry = self.page.locator(f'nav[aria-label=Blocks] [data-kind="{kind}"]')
        await self.drag(await middle(entry), at)
        await expect(self.page.locator(".react-flow__node-block")).to_have_count(len(before) + 1)
        [new] = set(await self.blocks()) - before
        return new

    async def connect(self, source: str, way: str, target: str) -> None:
        """Pull a line from a way out to a block's way in."""
        start = await middle(self.handle(source, way))
        await self.drag(start, await middle(self.handle(target, "in")))
        await expect(self.edge(source, target)).to_have_count(1)

    async def move(self, block: str, by: tuple[float, float]) -> None:
        x, y = await self.grip(block)
        await self.drag((x, y), (x + by[0], y + by[1]))

    async def grip(self, block: str) -> tuple[float, float]:
        """Where a block is taken hold of: beside its icon."""
        box = await self.node(block).bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + 18

    async def open(self, block: str) -> Locator:
        """Click on a block; answers its form. The form before lies over a part of the canvas."""
        if await self.form.count():
            await self.close_form()
            await expect(self.form).to_have_count(0)
        # Playwright's click waits until the block stands still.
        await self.node(block).click(position={"x": 60, "y": 14})
        await expect(self.form).to_be_visible()
        return self.form

    async def close_form(self) -> None:
        await self.page.get_by_role("button", name="Close the form").click()

    async def saved(self) -> None:
        await expect(self.page.locator('[role=status][data-state="saved"]')).to_be_visible()

    async def numbers(self, block: str) -> dict[str, int]:
        """What the Live tab says of a block."""
        found = {}
        for one in await self.node(block).locator("[data-name]").all():
            count = await one.locator("b").inner_text()
            found[str(await one.get_attribute("data-name"))] = int(count.replace(",", ""))
        return found


async def middle(place: Locator) -> tuple[float, float]:
    box = await place.bounding_box()
    assert box, place
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def choose(page: Page, field: Locator, option: str) -> None:
    """Take an option of a list by clicking."""
    await field.click()
    await page.get_by_role("option", name=option, exact=True).click()


async def tags(field: Locator, values: Sequence[str]) -> None:
    """Type names into a field that takes several."""
    for value in values:
        await field.fill(value)
        await field.press("Enter")
