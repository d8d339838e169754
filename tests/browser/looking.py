"""Looking at a page: pictures of it, what axe finds in it, whether it fits its window."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from playwright.async_api import Page

AXE = Path(__file__).parents[2] / "builder" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
SIZES = ((1440, 900), (390, 844))


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def serious_faults(page: Page) -> list[str]:
    """What keeps people out, by axe: the rule and the places."""
    # Evaluated and not added as a script, which the page's policy would refuse.
    await page.evaluate(_axe())
    found = await page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:160]}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


async def overflows(page: Page) -> bool:
    """Whether the page as a whole must be scrolled sideways."""
    return bool(
        await page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    )


async def settled(page: Page) -> None:
    """Until nothing is loading any more."""
    await page.wait_for_load_state("networkidle")
    await page.wait_for_function("() => document.querySelector('[aria-busy=true]') === null")


async def screenshot(page: Page, name: str) -> None:
    """Pictures of the page, wide and narrow, if somebody wants them (SOJOURN_SCREENSHOTS)."""
    folder = os.environ.get("SOJOURN_SCREENSHOTS")
    if not folder:
        return
    before = page.viewport_size
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await settled(page)
        await page.screenshot(path=Path(folder) / f"{name}-{width}.png")
    if before is not None:
        await page.set_viewport_size(before)
