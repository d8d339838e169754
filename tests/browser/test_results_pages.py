"""What came of a workflow, and the addresses to which nothing is sent."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenAs
from tests.browser.looking import overflows, screenshot, serious_faults, settled


@pytest.fixture
def compared(api: httpx.Client) -> str:
    """A published workflow with a goal, a control group and a message in two variants."""
    key = f"compared-{uuid4().hex[:8]}"
    for variant in ("a", "b"):
        body = {"channel": "email", "subject": variant, "text": "Hi"}
        api.put(f"/v1/templates/{key}-{variant}", json=body).raise_for_status()
    hello = {
        "id": "hello", "kind": "message", "channel": "email", "template": f"{key}-a",
        "variants": [{"template": f"{key}-b", "weight": 1}],
    }  # fmt: skip
    definition = {
        "name": "Compared", "start": {"kind": "event", "event": f"Joined {key}"}, "blocks": [hello],
        "goals": [{"name": "Bought", "event": "Order Completed", "within": "P7D"}],
        "control": {"percent": 10},
    }  # fmt: skip
    made = api.post("/v1/workflows", json={"key": key, "definition": definition})
    assert made.status_code == 201, made.text
    published = api.post(f"/v1/workflows/{key}/publish")
    assert published.is_success, published.text
    return key


@pytest.fixture
def plain(api: httpx.Client) -> str:
    """A draft without goals."""
    key = f"plain-{uuid4().hex[:8]}"
    start = {"kind": "event", "event": f"Joined {key}"}
    body = {"key": key, "definition": {"name": "Plain", "start": start, "blocks": []}}
    api.post("/v1/workflows", params={"check": "later"}, json=body).raise_for_status()
    return key


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_results_show_goals_against_the_control_group_and_variants(
    open_as: OpenAs, compared: str, size: tuple[int, int]
) -> None:
    page = await open_as("viewer", f"/workflows/{compared}/results", size=size)
    groups = page.get_by_role("table", name="Groups of Bought")
    await expect(groups.get_by_role("row")).to_have_count(3)
    await expect(groups).to_contain_text("Held back")
    variants = page.get_by_role("table", name="Variants of hello")
    await expect(variants).to_contain_text(f"{compared}-b")
    await settled(page)
    assert await serious_faults(page) == []
    assert not await overflows(page)
    if size == WIDE:
        await screenshot(page, "workflow-results")


async def test_a_workflow_without_goals_says_what_there_would_be(
    open_as: OpenAs, plain: str
) -> None:
    page = await open_as("viewer", f"/workflows/{plain}/results")
    await expect(page.get_by_text("Nothing to compare yet")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_an_address_is_suppressed_found_and_lifted(
    open_as: OpenAs, size: tuple[int, int]
) -> None:
    address = f"gone-{uuid4().hex[:8]}@example.com"
    page = await open_as("editor", "/settings/suppressions", size=size)
    await page.get_by_role("button", name="Suppress addresses").click()
    await page.get_by_role("textbox", name="Addresses").fill(f"{address}\nnobody")
    await page.get_by_role("button", name="Suppress", exact=True).click()
    await expect(page.get_by_text("1 suppressed.")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Addresses")).to_have_value("nobody")
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_label("Find an address").fill(address)
    table = page.get_by_role("table", name="Suppressed addresses")
    await expect(table.get_by_role("row")).to_have_count(2)
    await expect(table).to_contain_text("By hand")
    await settled(page)
    assert await serious_faults(page) == []
    assert not await overflows(page)
    if size == WIDE:
        await screenshot(page, "settings-suppressions")
    await page.get_by_role("button", name=f"Send to {address} again").click()
    await page.get_by_role("button", name="Send again", exact=True).click()
    await expect(page.get_by_text("This address is not suppressed.")).to_be_visible()


async def test_a_viewer_sees_suppressed_addresses_and_changes_nothing(open_as: OpenAs) -> None:
    page = await open_as("viewer", "/settings/suppressions")
    await expect(page.get_by_role("heading", name="Suppressed addresses")).to_be_visible()
    await expect(page.get_by_role("button", name="Suppress addresses")).to_have_count(0)
