"""Coming in, going out, and being sent out."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.looking import screenshot, serious_faults, settled
from tests.browser.people import PASSWORD


async def sign_in(page: Page, email: str, password: str) -> None:
    await page.get_by_role("textbox", name="E-mail").fill(email)
    await page.get_by_role("textbox", name="Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_stranger_signs_in_and_comes_to_the_page_that_was_asked_for(open_as: OpenAs):
    page = await open_as(None, "/segments?tab=all")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert await serious_faults(page) == []
    await screenshot(page, "sign-in")
    await sign_in(page, "viewer@example.com", "wrong password")
    await expect(page.get_by_role("alert")).to_contain_text("wrong")
    await sign_in(page, "viewer@example.com", PASSWORD)
    await page.wait_for_url("**/segments?tab=all")


async def test_who_signs_out_sees_nothing_any_more(open_as: OpenAs):
    page = await open_as("viewer", own_session=True)
    await page.get_by_role("button", name="Account of").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await page.wait_for_url("**/sign-in")
    await page.goto("/workflows")
    await page.wait_for_url("**/sign-in?next=%2Fworkflows")


async def test_a_session_that_ends_does_not_lose_what_was_being_written(open_as: OpenAs):
    page = await open_as("owner", "/keys")
    await page.get_by_role("button", name="New key").first.click()
    name = f"Android {uuid4().hex[:6]}"
    await page.get_by_role("textbox", name="Name").fill(name)
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Make it").click()
    ended = page.get_by_role("dialog", name="Your session has ended")
    await ended.get_by_role("textbox", name="Password").fill(PASSWORD)
    await ended.get_by_role("button", name="Sign in").click()
    await expect(ended).to_be_hidden()
    await expect(page.get_by_role("textbox", name="Name")).to_have_value(name)
    await page.get_by_role("button", name="Make it").click()
    await expect(page.get_by_text("Copy it now")).to_be_visible()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "narrow"])
async def test_an_invited_viewer_comes_in_by_the_link(open_as: OpenAs, size):
    owner = await open_as("owner", "/users", size=size)
    email = f"v{uuid4().hex[:8]}@example.com"
    await owner.get_by_role("button", name="Invite").click()
    await owner.get_by_role("textbox", name="E-mail").fill(email)
    await owner.get_by_role("combobox", name="Role", exact=True).click()
    await owner.get_by_role("option", name="Viewer").click()
    await owner.get_by_role("button", name="Make the link").click()
    link = await owner.get_by_role("dialog").locator("pre").inner_text()

    guest = await open_as(None, link.strip(), size=size)
    await expect(guest.get_by_text("You will be a viewer")).to_be_visible()
    assert await serious_faults(guest) == []
    await screenshot(guest, "welcome")
    await guest.get_by_role("textbox", name="Name").fill("Vera Invited")
    await guest.get_by_role("textbox", name="Password").fill(PASSWORD)
    await guest.get_by_role("button", name="Go in").click()
    await guest.wait_for_url("**/workflows")
    await settled(guest)
    again = await open_as(None, link.strip(), size=size)
    await expect(again.get_by_role("alert")).to_be_visible()
