"""Segments under mouse and keyboard: conditions as rows, who fits while they are written, lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenAs
from tests.stack.conftest import Dev


@pytest.fixture(scope="module")
def tribe(stack: Dev, api: httpx.Client) -> str:
    """Six contacts with a field `tribe` of this value: ages 20 to 70, the young ones trained."""
    name = f"tribe-{uuid4().hex[:8]}"
    batch: list[dict[str, Any]] = []
    for number in range(6):
        user = f"{name}-{number}"
        age = 20 + 10 * number
        batch.append({"type": "identify", "userId": user, "traits": {"tribe": name, "age": age}})
        if age < 40:
            run = {"event": "Workout Completed", "properties": {"minutes": age, "kind": "run"}}
            batch.append({"type": "track", "userId": user, **run})
    answer = httpx.post(
        f"{stack.info['api']}/v1/batch",
        json={"batch": batch},
        auth=(stack.info["write_key"], ""),
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return name


Make = Callable[[Any], str]


@pytest.fixture
def segment(api: httpx.Client) -> Make:
    def make(where: Any) -> str:
        key = f"s-{uuid4().hex[:10]}"
        body = {"key": key, "name": f"Segment {key}", "where": where}
        api.post("/v1/segments", json=body).raise_for_status()
        return key

    return make


def editor(page: Page) -> Locator:
    return page.get_by_test_id("predicate-editor")


def box(where: Locator, name: str) -> Locator:
    """An input that proposes."""
    return where.get_by_role("combobox", name=name, exact=True)


async def fits(page: Page, count: int) -> None:
    said = f"{count} contact fits now" if count == 1 else f"{count} contacts fit now"
    await expect(page.get_by_test_id("match-count")).to_have_text(said)


async def add(page: Page, kind: str) -> Locator:
    """Add a condition to the outermost group; answers its row, which the keyboard is in."""
    rows = editor(page).locator("[data-kind]")
    row = rows.nth(await rows.count())
    await editor(page).get_by_role("button", name="Add condition").last.click()
    await page.get_by_role("menuitem", name=kind, exact=True).click()
    await expect(row.locator("input:focus")).to_have_count(1)
    return row


async def show(page: Page, view: str) -> None:
    """Look at the conditions as `Rows` or as `JSON`."""
    await editor(page).get_by_role("radiogroup").get_by_text(view, exact=True).click()


async def choose(page: Page, select: Locator, option: str) -> None:
    await select.click()
    await page.get_by_role("option", name=option, exact=True).click()


def stored(api: httpx.Client, key: str) -> Any:
    return api.get(f"/v1/segments/{key}").json()["where"]


async def test_a_segment_is_made_of_rows_that_count_who_fits(open_as: OpenAs, api, tribe):
    page = await open_as("editor", "/segments?new")
    await page.get_by_role("textbox", name="Name").fill(f"Runners of {tribe}")
    field = await add(page, "Contact field")
    await box(field, "Field").fill("tribe")
    await box(field, "Value").fill(tribe)
    await fits(page, 6)

    event = await add(page, "Event")
    await box(event, "Event").fill("workout c")
    await page.get_by_role("option", name="Workout Completed").click()
    await fits(page, 2)
    await event.get_by_role("button", name="Only where a property…").click()
    await box(event, "Property").fill("minu")
    await page.get_by_role("option", name="minutes").click()
    await choose(page, box(event, "Comparison"), "is at least")
    await event.get_by_role("textbox", name="Value").fill("25")
    await fits(page, 1)
    await choose(page, box(event, "How often"), "never")
    await fits(page, 5)
    await page.get_by_role("button", name="5 contacts fit now").click()
    await expect(page.get_by_role("link", name=f"{tribe}-5")).to_be_visible()
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Create segment").click()
    await expect(page.get_by_test_id("members-count")).to_have_text("5 members")
    checks = [{"param": "minutes", "op": ">=", "value": 25}]
    event_part = {
        "event": "Workout Completed", "within": "P30D", "where": checks,
        "times": {"op": "=", "value": 0},
    }  # fmt: skip
    assert stored(api, f"runners-of-{tribe}") == {
        "all": [{"field": "tribe", "op": "=", "value": tribe}, event_part]
    }


async def test_rows_are_moved_by_keyboard_and_mouse_and_put_into_groups(
    open_as: OpenAs, api, segment: Make
):
    a, b, c = ({"field": name, "op": "exists"} for name in "abc")
    key = segment({"all": [a, b, c]})
    page = await open_as("editor", f"/segments/{key}")
    rows = editor(page).locator("[data-kind=field]")
    grip = "Move contact field: arrow up, arrow down"

    async def order() -> list[str]:
        return [await one.input_value() for one in await box(rows, "Field").all()]

    await rows.nth(2).get_by_role("button", name="More for contact field").click()
    await page.get_by_role("menuitem", name="Put into a group: at least one of…").click()
    first = rows.nth(0).get_by_role("button", name=grip)
    await first.focus()
    await page.keyboard.press("ArrowDown")
    assert await order() == ["b", "a", "c"]
    await page.keyboard.press("ArrowDown")  # into the group; the handle keeps the keyboard
    await rows.nth(1).get_by_role("button", name="More for contact field").click()
    await page.get_by_role("menuitem", name="Turn into “not”").click()
    target = rows.nth(2)
    size = await target.bounding_box()
    assert size
    await (
        rows.nth(0)
        .get_by_role("button", name=grip)
        .drag_to(target, target_position={"x": size["width"] / 2, "y": size["height"] - 4})
    )
    await expect(box(rows, "Field").nth(2)).to_have_value("b")
    await page.get_by_role("button", name="Save conditions").click()
    await expect(page.get_by_text("Not saved yet")).to_have_count(0)
    assert stored(api, key) == {"all": [{"any": [{"not": a}, c, b]}]}


async def test_what_the_server_refuses_is_said_at_the_row(open_as: OpenAs, segment: Make):
    key = segment({"field": "a", "op": "exists"})
    page = await open_as("editor", f"/segments/{key}")
    row = editor(page).locator("[data-kind=field]")
    await show(page, "JSON")
    text = page.get_by_label("Conditions as JSON")
    await text.fill(
        json.dumps(
            {"any": [{"reachable": "sms"}, {"field": "day", "op": "after", "value": "soon"}]}
        )
    )
    await show(page, "Rows")
    await expect(row.get_by_role("alert")).to_contain_text("compares moments")


async def test_a_part_that_nobody_knows_stays_as_it_is(open_as: OpenAs, segment: Make):
    key = segment({"field": "a", "op": "exists"})
    page = await open_as("editor", f"/segments/{key}")
    await show(page, "JSON")
    await page.get_by_label("Conditions as JSON").fill(
        '{"all": [{"weather": {"is": "rain"}}, {"field": "a", "op": "exists"}]}'
    )
    await show(page, "Rows")
    await expect(page.get_by_role("textbox", name="A part as JSON")).to_contain_text("rain")
    await add(page, "Reachable by")
    await show(page, "JSON")
    await expect(page.get_by_label("Conditions as JSON")).to_contain_text("rain")


async def test_a_list_takes_contacts_and_lets_them_go(open_as: OpenAs, segment: Make, tribe):
    page = await open_as("editor", f"/segments/{segment(None)}")
    await page.get_by_label("Add contacts").fill(f"{tribe}-0, {tribe}-1\nnobody-at-all")
    await page.get_by_role("button", name="Add 3").click()
    await expect(page.get_by_text("2 added.")).to_contain_text("nobody-at-all")
    await page.get_by_role("button", name=f"Take {tribe}-0 off the list").click()
    await expect(page.get_by_test_id("members-count")).to_have_text("1 member")
    await page.get_by_role("tab", name="History").click()
    await expect(page.get_by_role("cell", name="left")).to_be_visible()


async def test_a_segment_in_use_is_not_deleted_and_says_why(open_as: OpenAs, segment: Make):
    used = segment({"field": "a", "op": "exists"})
    user = segment({"segment": used})
    page = await open_as("owner", f"/segments/{used}")
    await expect(page.get_by_role("link", name=user)).to_be_visible()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete segment").click()
    await expect(page.get_by_role("alert")).to_contain_text(user)
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("link", name=user).click()
    await expect(page.get_by_role("heading", name=f"Segment {user}")).to_be_visible()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete segment").click()
    await page.wait_for_url("**/segments")


async def test_a_viewer_reads_conditions_and_changes_nothing(open_as: OpenAs, segment: Make):
    page = await open_as("viewer", f"/segments/{segment({'field': 'a', 'op': 'exists'})}")
    await expect(box(editor(page), "Field")).to_be_disabled()
    for name in ("Save conditions", "Delete", "Rename", "Add condition"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)


async def test_the_catalogue_tells_of_events_and_what_they_carry(open_as: OpenAs, tribe):
    page = await open_as("viewer", "/events")
    await page.get_by_label("Find an event by the beginning of its name").fill("Workout C")
    await page.get_by_role("link", name="Workout Completed").click()
    properties = page.get_by_role("table", name="Properties")
    await expect(properties.get_by_role("row", name="minutes")).to_contain_text("number")
    await expect(page.get_by_role("table", name="Latest events")).to_contain_text(tribe)
