"""Ready workflows in a browser: chosen with their picture, and made."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenAs
from tests.browser.looking import overflows, screenshot, serious_faults, settled


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_gallery_is_readable_wide_and_narrow(open_as: OpenAs, scheme):
    page = await open_as("viewer", "/workflows", color_scheme=scheme)
    await settled(page)
    await expect(page.get_by_role("button", name="Ready workflows")).to_have_count(0)
    page = await open_as("editor", "/workflows", color_scheme=scheme)
    await page.get_by_role("button", name="Ready workflows").first.click()
    dialog = page.get_by_role("dialog", name="Ready workflows")
    await expect(dialog.get_by_text("What it needs from your app")).to_be_visible()
    for width, height in (WIDE, NARROW):
        await page.set_viewport_size({"width": width, "height": height})
        await settled(page)
        assert await serious_faults(page) == []
        assert not await overflows(page)
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await screenshot(page, "gallery" if scheme == "light" else "gallery-dark")


async def test_a_chosen_one_becomes_a_draft(open_as: OpenAs):
    page = await open_as("editor", "/workflows")
    await page.get_by_role("button", name="Ready workflows").first.click()
    dialog = page.get_by_role("dialog", name="Ready workflows")
    await dialog.get_by_role("button", name="Streak keeper").click()
    await expect(dialog.get_by_role("heading", name="Streak keeper")).to_be_visible()
    await dialog.get_by_role("button", name="Use it").click()
    await page.wait_for_url("**/workflows/streak-keeper*")
