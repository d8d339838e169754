"""Looking at a page: pictures of it, what axe finds in it, whether it fits its window."""

from __future__ import annotations

import os
from base64 import b64decode
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


async def keep(page: Page, name: str) -> None:
    """A picture of the page, if somebody wants pictures (SOJOURN_SCREENSHOTS).

    WebP, of which Playwright itself knows nothing: a fifth of the size of PNG.
    """
    if folder := os.environ.get("SOJOURN_SCREENSHOTS"):
        browser = await page.context.new_cdp_session(page)
        taken = await browser.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
        (Path(folder) / f"{name}.webp").write_bytes(b64decode(taken["data"]))


async def screenshot(page: Page, name: str) -> None:
    """Pictures of the page as it is, wide and narrow, if somebody wants pictures."""
    if not os.environ.get("SOJOURN_SCREENSHOTS"):
        return
    before = page.viewport_size
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await settled(page)
        await keep(page, f"{name}-{width}")
    if before is not None:
        await page.set_viewport_size(before)
