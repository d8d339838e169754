"""Every page, wide and on a phone, light and dark: readable, steady, within its window."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from tests.browser.conftest import NARROW, WIDE, OpenAs
from tests.browser.furniture import Furniture, furnish
from tests.browser.looking import keep, overflows, serious_faults, settled
from tests.stack.conftest import Dev

PAGES = {
    "workflows": "/workflows",
    "workflow": "/workflows/{workflow}",
    "workflow-live": "/workflows/{workflow}/live",
    "workflow-try": "/workflows/{workflow}/try",
    "workflow-history": "/workflows/{workflow}/history",
    "workflow-versions": "/workflows/{workflow}/versions",
    "journeys": "/journeys",
    "journey": "/journeys/{journey}",
    "contacts": "/contacts",
    "contact": "/contacts/{contact}",
    "segments": "/segments",
    "segment": "/segments/{segment}",
    "templates": "/templates",
    "template": "/templates/{template}",
    "messages-inbox": "/messages-inbox",
    "imports": "/imports",
    "events": "/events",
    "event": "/events/{event}",
    "launches": "/launches",
    "explain": "/explain",
    "keys": "/keys",
    "users": "/users",
    "settings": "/settings",
    "nowhere": "/nowhere",
}
DARK = {"workflows", "workflow", "workflow-live", "contact", "template"}
"""The pages of which a dark picture is kept, too."""
MOST_SHIFT = 0.05
SHOWN = "scheme => document.documentElement.dataset.mantineColorScheme === scheme"
CHANGED = "Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))"
WATCH_SHIFTS = """
  window.shifted = 0;
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shifted += entry.value;
      for (const source of entry.sources)
        window.shifts.push((source.node?.outerHTML ?? '?').slice(0, 120));
    }
  }).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.fixture(scope="session")
def furniture(stack: Dev, api: httpx.Client) -> Furniture:
    return furnish(api, stack.info["write_key"])


def address(name: str, furniture: Furniture) -> str:
    return PAGES[name].format(**{key: quote(value) for key, value in vars(furniture).items()})


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_readable_fits_and_stands_still(
    open_as: OpenAs, furniture: Furniture, name: str
):
    page = await open_as("owner", "/icon.svg", color_scheme="light")
    await page.add_init_script(WATCH_SHIFTS)
    faults = []
    for size in (WIDE, NARROW):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.goto(address(name, furniture))
        await settled(page)
        shifted = await page.evaluate("window.shifted")
        if shifted >= MOST_SHIFT:
            faults.append(f"shifts by {shifted:.3f} at {size[0]}: {await page.evaluate('shifts')}")
        if await overflows(page):
            faults.append(f"sticks out at {size[0]}")
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.wait_for_function(SHOWN, arg=scheme)
            # Colours in the middle of their change read badly to axe alone.
            await page.evaluate(CHANGED)
            if scheme == "light" or name in DARK:
                suffix = "" if scheme == "light" else "-dark"
                await keep(page, f"{name}{suffix}-{size[0]}")
            # Each width and each scheme once: colours do not depend on the width.
            if (scheme == "light") == (size == WIDE):
                faults += [f"{scheme}, {size[0]}: {one}" for one in await serious_faults(page)]
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert not faults, "\n".join(faults)
