"""Templates, caught messages and explanations, on the real stack."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.looking import settled

MJML = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Hi {{ contact.first_name }}!</mj-text>
</mj-column></mj-section></mj-body></mjml>"""


@pytest.fixture
def somebody(api: httpx.Client) -> str:
    """The userId of a contact of this test's own, called Ana."""
    id_ = f"ana-{uuid4().hex[:8]}"
    traits = {"email": f"{id_}@example.com", "first_name": "Ana", "timezone": "Asia/Tokyo"}
    api.post("/v1/identify", json={"userId": id_, "traits": traits}).raise_for_status()
    return id_


@pytest.fixture
def template(api: httpx.Client) -> str:
    """The key of a template of this test's own."""
    key = f"mail-{uuid4().hex[:8]}"
    body = {"channel": "email", "subject": "Hello {{ contact.first_name }}", "mjml": MJML}
    api.put(f"/v1/templates/{key}", json=body).raise_for_status()
    return key


def editor(page: Page, label: str):
    return page.get_by_role("textbox", name=label, exact=True)


async def rewrite(page: Page, label: str, text: str) -> None:
    await editor(page, label).click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(text)


async def preview_for(page: Page, user_id: str) -> None:
    await page.get_by_label("Preview for").fill(user_id)
    await page.get_by_role("option", name=user_id).click()


async def test_a_template_is_made_previewed_and_saved(page: Page, api, somebody):
    key = f"new-{uuid4().hex[:8]}"
    await page.goto("/templates")
    await page.get_by_role("button", name="New template").first.click()
    await page.get_by_role("textbox", name="Key").fill(key)
    await page.get_by_role("button", name="Create").click()
    await page.wait_for_url(f"**/templates/{key}")
    await preview_for(page, somebody)
    await expect(page.get_by_test_id("subject")).to_have_text("Hi Ana")
    await expect(page.frame_locator("iframe").get_by_text("Hi Ana!")).to_be_visible()
    await rewrite(page, "Subject", "Welcome {{ contact.first_name }}, {{ contact.shoe }}")
    await expect(page.get_by_test_id("subject")).to_have_text("Welcome Ana,")
    await expect(page.get_by_text("contact.shoe", exact=True)).to_be_visible()
    await page.keyboard.press("Control+s")
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    saved = api.get(f"/v1/templates/{key}").json()
    assert saved["subject"] == "Welcome {{ contact.first_name }}, {{ contact.shoe }}"


async def test_fields_of_contacts_are_completed(page: Page, template, somebody):
    await page.goto(f"/templates/{template}")
    await editor(page, "Subject").click()
    await page.keyboard.press("End")
    await settled(page)
    await page.keyboard.type(" {{ contact.first_n")
    await expect(page.get_by_role("option", name="first_name")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(editor(page, "Subject")).to_contain_text("contact.first_name }}")


async def test_a_mistake_is_said_where_it_is(page: Page, template):
    await page.goto(f"/templates/{template}")
    await rewrite(page, "MJML", "<mjml>\n{% if x %}\n</mjml>")
    part = page.locator("[data-part=mjml]")
    await expect(part.get_by_text("line", exact=False).first).to_be_visible()
    await expect(part.locator(".cm-lintRange-error").first).to_be_visible()


async def test_the_preview_runs_no_scripts(page: Page, template):
    await page.goto(f"/templates/{template}")
    await page.get_by_text("HTML", exact=True).first.click()
    await rewrite(page, "HTML", "<p id=x>Plain</p><script>x.textContent = 'ran'</script>")
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_text("Plain")).to_be_visible()
    sandbox = await page.locator("iframe").get_attribute("sandbox")
    assert sandbox is not None
    assert "allow-scripts" not in sandbox
    assert "allow-same-origin" not in sandbox


async def test_leaving_with_changes_asks_and_coming_back_finds_them(page: Page, template):
    await page.goto(f"/templates/{template}")
    await rewrite(page, "Subject", "Half written")
    await page.get_by_role("link", name="Segments").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(editor(page, "Subject")).to_have_text("Half written")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await expect(page.get_by_text("Your unsaved changes are back")).to_be_visible()
    await page.get_by_role("button", name="Discard them").click()
    await expect(editor(page, "Subject")).to_have_text("Hello {{ contact.first_name }}")


async def test_somebody_else_s_change_is_not_overwritten_unasked(page: Page, api, template):
    await page.goto(f"/templates/{template}")
    await rewrite(page, "Subject", "Mine")
    api.patch(f"/v1/templates/{template}", json={"subject": "Theirs"}).raise_for_status()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Somebody else saved meanwhile")).to_be_visible()
    assert api.get(f"/v1/templates/{template}").json()["subject"] == "Theirs"
    await page.get_by_role("button", name="Save mine over theirs").click()
    await expect(page.get_by_text("Somebody else saved meanwhile")).to_be_hidden()
    assert api.get(f"/v1/templates/{template}").json()["subject"] == "Mine"


async def test_a_test_arrives_in_the_inbox(page: Page, template, somebody):
    await page.goto(f"/templates/{template}")
    await preview_for(page, somebody)
    await page.get_by_role("button", name="Send a test").click()
    to = f"{uuid4().hex[:12]}@example.com"
    await page.get_by_label("Email address").fill(to)
    await page.get_by_role("button", name="Send test").click()
    await expect(page.get_by_text(f"The test is on its way to {to}.")).to_be_visible()
    await page.goto("/messages-inbox")
    await page.get_by_label("Recipient or subject").fill(to)
    await page.get_by_role("button", name="[Test] Hello Ana").click()
    await expect(page.frame_locator("iframe").get_by_text("Hi Ana!")).to_be_visible()
    await page.get_by_role("tab", name="Source").click()
    await expect(page.get_by_text("Message-ID", exact=False)).to_be_visible()


async def test_a_template_in_use_is_not_deleted(page: Page, api, template):
    blocks = [
        {"id": "m", "kind": "message", "channel": "email", "template": template, "next": "x"},
        {"id": "x", "kind": "exit"},
    ]
    drawing = {"name": f"W {template}", "start": {"kind": "event", "event": "E"}, "blocks": blocks}
    api.put(f"/v1/workflows/w-{template}", json={"definition": drawing}).raise_for_status()
    await page.goto(f"/templates/{template}")
    await expect(page.get_by_role("link", name=f"W {template}")).to_be_visible()
    await page.get_by_role("button", name="Delete the template").click()
    await page.get_by_role("button", name="Delete template", exact=True).click()
    await expect(page.get_by_text("is used by the workflows", exact=False)).to_be_visible()
    assert api.get(f"/v1/templates/{template}").status_code == 200


async def test_why_an_event_started_nothing(page: Page, api, somebody):
    key, event = f"w-{uuid4().hex[:8]}", f"Planned {uuid4().hex[:8]}"
    where = [{"param": "plan", "op": "=", "value": "gold"}]
    drawing = {"name": key, "start": {"kind": "event", "event": event, "where": where},
               "blocks": [{"id": "x", "kind": "exit"}]}  # fmt: skip
    api.put(f"/v1/workflows/{key}", json={"definition": drawing}).raise_for_status()
    api.post(f"/v1/workflows/{key}/publish").raise_for_status()
    track = {"userId": somebody, "event": event, "properties": {"plan": "silver"}}
    api.post("/v1/track", json=track).raise_for_status()
    await page.goto(f"/explain?workflow={key}&contact={somebody}")
    answer = page.get_by_role("region", name="Answer")
    await expect(answer.get_by_role("heading")).to_have_text("The event did not pass the filter")
    await expect(answer.get_by_role("cell", name='"silver"')).to_be_visible()
    await answer.get_by_role("button", name="This event alone").click()
    await expect(page.get_by_text("Looking at one event alone")).to_be_visible()


async def test_a_viewer_previews_and_changes_nothing(open_as: OpenAs, template, somebody):
    page = await open_as("viewer", f"/templates/{template}")
    await preview_for(page, somebody)
    await expect(page.get_by_test_id("subject")).to_have_text("Hello Ana")
    for name in ("Save", "Send a test", "Delete the template"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await page.goto("/messages-inbox")
    await expect(page.get_by_role("heading", name="Caught messages")).to_be_visible()
    await expect(page.get_by_role("button", name="Clear")).to_have_count(0)
