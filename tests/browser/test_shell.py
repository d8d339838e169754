"""The frame around the pages: roles, the menu, colours, a lost connection."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NARROW, OpenAs
from tests.browser.looking import serious_faults, settled


@pytest.mark.parametrize(
    ("role", "places", "buttons"),
    [("owner", 3, 1), ("editor", 2, 1), ("viewer", 2, 0)],
)
async def test_everybody_sees_what_they_may_use(open_as: OpenAs, role, places, buttons):
    page = await open_as(role, "/workflows")
    await settled(page)
    menu = page.get_by_role("navigation", name="Main navigation")
    manage = [menu.get_by_role("link", name=name) for name in ("Keys", "Users", "Settings")]
    assert sum([await place.count() for place in manage]) == places
    header = page.get_by_role("button", name="New workflow")
    assert (await header.count() > 0) == bool(buttons)


async def test_a_viewer_sees_who_else_is_here_and_cannot_change_it(open_as: OpenAs):
    page = await open_as("viewer", "/users")
    await expect(page.get_by_role("cell", name="owner@example.com")).to_be_visible()
    await expect(page.get_by_role("button", name="Invite")).to_have_count(0)
    await expect(page.get_by_role("button", name="Remove")).to_have_count(0)
    await expect(page.get_by_role("combobox")).to_have_count(0)


async def test_on_a_phone_the_menu_opens_and_closes_after_a_choice(open_as: OpenAs):
    page = await open_as("owner", "/workflows", size=NARROW)
    link = page.get_by_role("link", name="Settings")
    await expect(link).to_be_hidden()
    await page.get_by_role("button", name="Open the menu").click()
    await link.click()
    await page.wait_for_url("**/settings")
    await expect(link).to_be_hidden()


async def test_the_menu_folds_to_icons_and_stays_so(open_as: OpenAs):
    page = await open_as("owner", "/workflows")
    await page.get_by_role("button", name="Show icons only").click()
    await expect(page.get_by_text("Audience")).to_be_hidden()
    await page.reload()
    await expect(page.get_by_role("button", name="Show names")).to_be_visible()
    await page.get_by_role("link", name="Settings").click()
    await page.wait_for_url("**/settings")


async def test_the_colours_chosen_are_kept(open_as: OpenAs):
    page = await open_as("viewer", "/workflows", color_scheme="light")
    root = page.locator("html")
    await expect(root).to_have_attribute("data-mantine-color-scheme", "light")
    await page.get_by_role("button", name="Account of").click()
    await page.get_by_text("Dark", exact=True).click()
    await expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    await page.reload()
    await expect(root).to_have_attribute("data-mantine-color-scheme", "dark")


async def test_a_lost_connection_is_told_and_its_return_too(open_as: OpenAs):
    page = await open_as("owner", "/workflows")
    await settled(page)
    await page.context.set_offline(True)
    await page.get_by_text("Paused", exact=True).click()
    banner = page.get_by_text("Sojourn cannot be reached", exact=False).first
    await expect(banner).to_be_visible()
    await page.context.set_offline(False)
    await expect(banner).to_be_hidden()
    await expect(page.get_by_text("No workflow is in this state")).to_be_visible()


async def test_an_unknown_address_leads_back(open_as: OpenAs):
    page = await open_as("viewer", "/nowhere/at/all")
    await page.get_by_role("link", name="To the workflows").click()
    await page.wait_for_url("**/workflows")


async def test_a_new_workflow_is_made_from_its_name(open_as: OpenAs):
    page = await open_as("editor", "/workflows")
    await page.get_by_role("button", name="New workflow").first.click()
    dialog = page.get_by_role("dialog", name="New workflow")
    await dialog.get_by_role("textbox", name="Name").fill("Come back, Ann!")
    await expect(dialog.get_by_role("textbox", name="Key")).to_have_value("come-back-ann")
    assert await serious_faults(page) == []
    await dialog.get_by_role("button", name="Make it").click()
    await page.wait_for_url("**/workflows/come-back-ann")
