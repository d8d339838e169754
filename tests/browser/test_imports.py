"""A file: checked, its columns chosen, imported, its errors read."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect


@pytest.fixture
def people_file(tmp_path: Path) -> Path:
    """Three lines, one of them without a user id."""
    tag = uuid4().hex[:8]
    path = tmp_path / f"people-{tag}.csv"
    lines = ["User ID,E-Mail,Zip,Level", f"{tag}-1,a@example.com,123,3", f"{tag}-2,,456,4", ",,7,5"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


async def test_a_file_is_checked_mapped_and_imported(page: Page, api, people_file: Path):
    user = people_file.stem.removeprefix("people-") + "-1"
    await page.goto("/imports")
    await page.get_by_role("button", name="Import a file").first.click()
    dialog = page.get_by_role("dialog", name="Import a file")
    await dialog.locator("input[type=file]").set_input_files(people_file)
    run = dialog.get_by_role("button", name="Import", exact=True)
    await expect(run).to_be_disabled()
    await dialog.get_by_role("button", name="Check the file").click()
    await expect(dialog.get_by_text("2 rows can be imported, 1 would be refused")).to_be_visible()
    await expect(dialog.get_by_role("row", name="4 User ID – userId is needed")).to_be_visible()
    assert api.get(f"/v1/contacts/{user}").status_code == 404

    type_ = dialog.get_by_role("combobox", name="Type of Zip")
    await expect(type_).to_have_value("number")
    await type_.click()
    await page.get_by_role("option", name="text").click()
    await dialog.get_by_label("What Level becomes").fill("level")
    await dialog.get_by_label("Take the column E-Mail").uncheck()
    await expect(run).to_be_disabled()
    await dialog.get_by_role("button", name="Check again").click()
    await expect(run).to_be_enabled()
    await run.click()

    drawer = page.get_by_role("dialog", name=people_file.name)
    await expect(drawer.get_by_text("3 rows read, 2 stored, 1 refused")).to_be_visible()
    await expect(drawer.get_by_text("Done")).to_be_visible()
    async with page.expect_download() as download:
        await drawer.get_by_role("link", name="Download all").click()
    assert read(await (await download.value).path())[1].startswith("4,User ID,")
    made = api.get(f"/v1/contacts/{user}").json()
    assert (made["email"], made["fields"]) == (None, {"Zip": "123", "level": 3})


async def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(page: Page, tmp_path: Path):
    path = tmp_path / "wrong.csv"
    path.write_text("colour,size\nred,3\n", encoding="utf-8")
    await page.goto("/imports")
    await page.get_by_role("button", name="Import a file").first.click()
    dialog = page.get_by_role("dialog", name="Import a file")
    await dialog.locator("input[type=file]").set_input_files(path)
    await dialog.get_by_role("button", name="Check the file").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("userId")
    await expect(dialog.get_by_role("button", name="Import", exact=True)).to_be_disabled()
