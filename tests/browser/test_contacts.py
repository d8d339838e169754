"""Looking for contacts, reading and changing one, erasing it, launching for many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.looking import settled

WELCOME: dict[str, Any] = {
    "name": "Welcome",
    "start": {"kind": "event", "event": "Nothing Does This"},
    "blocks": [{"id": "bye", "kind": "exit"}],
}


@pytest.fixture
def made(api: httpx.Client) -> Callable[..., str]:
    """Makes a contact; its userId."""

    def made(**values: Any) -> str:
        user = f"user-{uuid4().hex[:10]}"
        api.post("/v1/contacts", json={"userId": user, **values}).raise_for_status()
        return user

    return made


async def names(page: Page) -> list[str]:
    table = page.get_by_role("table", name="Contacts")
    return await table.get_by_role("link").all_inner_texts()


async def test_contacts_are_found_by_text_segment_and_condition(page: Page, api, made):
    plan = f"plan-{uuid4().hex[:6]}"
    ada = made(email=f"{plan}-ada@example.com", fields={"plan": plan, "name": "Ada"})
    made(email=f"{plan}-bob@example.com", fields={"plan": plan, "name": "Bob"})
    body = {"key": plan, "name": f"Those of {plan}"}
    api.post("/v1/segments", json=body).raise_for_status()
    api.post(f"/v1/segments/{plan}/contacts", json={"add": [ada]}).raise_for_status()
    await page.goto("/contacts")
    await page.get_by_label("Search contacts").fill(f"{plan}-")
    await expect(page.get_by_role("link", name="Bob")).to_be_visible()
    assert sorted(await names(page)) == ["Ada", "Bob"]
    await page.get_by_role("combobox", name="Members of a segment").click()
    await page.get_by_role("option", name=f"Those of {plan}").click()
    await expect(page.get_by_role("link", name="Bob")).to_have_count(0)
    await expect(page.get_by_role("link", name="Ada")).to_be_visible()
    assert await names(page) == ["Ada"]
    where = f'{{"field":"plan","op":"=","value":"{plan}"}}'
    await page.goto(f"/contacts?where={where}")
    await expect(page.get_by_role("link", name="Bob")).to_be_visible()
    assert sorted(await names(page)) == ["Ada", "Bob"]
    await page.get_by_role("link", name="Ada").click()
    await page.wait_for_url(f"**/contacts/{ada}")


async def test_fields_are_set_with_their_types_and_removed(page: Page, api, made):
    ada = made(fields={"plan": "gold", "visits": 3})
    await page.goto(f"/contacts/{ada}")
    await page.get_by_role("button", name="Edit visits").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Value").fill("four")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("This is not a number")).to_be_visible()
    await dialog.get_by_label("Value").fill("4")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="Remove plan").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("button", name="Remove plan")).to_be_hidden()
    assert api.get(f"/v1/contacts/{ada}").json()["fields"] == {"visits": 4}


async def test_what_the_server_refuses_stands_at_its_field(page: Page, api, made):
    ada = made()
    await page.goto(f"/contacts/{ada}")
    profile = page.get_by_role("region", name="Profile")
    await profile.get_by_role("button", name="Edit").click()
    await profile.get_by_label("Time zone").fill("Mars/One")
    await profile.get_by_role("button", name="Save").click()
    await expect(profile.get_by_text("must be an IANA name")).to_be_visible()
    await profile.get_by_label("Time zone").fill("Asia/Tokyo")
    await profile.get_by_label("Email").fill("ada@example.com")
    await profile.get_by_role("button", name="Save").click()
    await expect(profile.get_by_text("Asia/Tokyo")).to_be_visible()
    read = api.get(f"/v1/contacts/{ada}").json()
    assert (read["timezone"], read["email"]) == ("Asia/Tokyo", "ada@example.com")


async def test_the_timeline_shows_dates_in_the_contacts_zone_and_filters(page: Page, api, made):
    ada = made(timezone="Asia/Tokyo")
    said = {"userId": ada, "event": "Song Played", "timestamp": "2026-01-01T20:00:00Z"}
    api.post("/v1/track", json=said | {"properties": {"song": "Blue"}}).raise_for_status()
    bought = {"orderId": f"o-{ada}", "userId": ada, "total": 20, "currency": "EUR"}
    for status, at in (("initialized", "01"), ("delivered", "02")):
        order = {**bought, "status": status, "timestamp": f"2026-02-{at}T12:00:00Z"}
        api.post("/v1/orders", json=order).raise_for_status()
    await page.goto(f"/contacts/{ada}")
    rows = page.get_by_role("list", name="Timeline").get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("delivered")
    await expect(rows.last).to_contain_text("2 Jan 2026, 05:00")
    await page.get_by_role("group", name="Show only").get_by_text("Events", exact=True).click()
    await expect(rows).to_have_count(1)
    await page.get_by_role("tab", name="Orders").click()
    await page.get_by_role("button", name=f"o-{ada}").click()
    await expect(page.get_by_role("dialog").get_by_text("begun")).to_be_visible()


async def test_a_contact_is_erased_only_when_its_id_was_typed(page: Page, api, made):
    ada = made()
    await page.goto(f"/contacts/{ada}")
    await page.get_by_role("button", name="Erase").click()
    sure = page.get_by_role("button", name="Erase for good")
    await expect(sure).to_be_disabled()
    await page.get_by_label(f"Type {ada} to confirm").fill(ada)
    await sure.click()
    await page.wait_for_url("**/contacts")
    assert api.get(f"/v1/contacts/{ada}").status_code == 404


async def test_a_workflow_is_launched_for_a_segment_and_watched(page: Page, api, made):
    key = f"launched-{uuid4().hex[:6]}"
    body = {"key": key, "definition": {**WELCOME, "name": key}}
    api.post("/v1/workflows", json=body).raise_for_status()
    api.post(f"/v1/workflows/{key}/publish").raise_for_status()
    api.post("/v1/segments", json={"key": key, "name": key}).raise_for_status()
    api.post(f"/v1/segments/{key}/contacts", json={"add": [made(), made()]}).raise_for_status()
    await page.goto("/launches")
    await page.get_by_role("button", name="Launch a workflow").first.click()
    dialog = page.get_by_role("dialog", name="Launch a workflow")
    await dialog.get_by_role("combobox", name="Workflow").fill(key)
    await page.get_by_role("option", name=key).click()
    await dialog.get_by_role("combobox", name="For everybody in").fill(key)
    await page.get_by_role("option", name=key).click()
    await expect(dialog.get_by_text("2 contacts are in it now.")).to_be_visible()
    await dialog.get_by_role("button", name="Launch now").click()
    drawer = page.get_by_role("dialog", name=f"Launch of {key}")
    await expect(drawer.get_by_text("Done")).to_be_visible()
    await expect(drawer.get_by_role("row", name="Left 0")).to_be_visible()
    assert len(api.get(f"/v1/journeys?workflow={key}").json()["data"]) == 2


async def test_a_viewer_finds_nothing_to_change(open_as: OpenAs, made):
    page = await open_as("viewer", f"/contacts/{made(fields={'plan': 'gold'})}")
    await expect(page.get_by_text("gold")).to_be_visible()
    for name in ("Edit", "Add field", "Remove plan", "Erase", "Test a workflow"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    for path in ("/contacts", "/imports", "/launches"):
        await page.goto(path)
        await settled(page)
        for name in ("Add contact", "Import a file", "Launch a workflow"):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
