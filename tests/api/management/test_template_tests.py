"""Tests of a template go through the real channel to one address, and leave nothing behind."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.app import create_app
from runtime.settings import Settings
from tests.api.management.drawings import EMAIL, definition, published, sending
from tests.api.management.rows import contact
from tests.channels.servers import Mailbox, mail_server, scripted_server

TEST = "/v1/templates/test"


@pytest.fixture
async def box(monkeypatch):
    async with mail_server() as box:
        monkeypatch.setenv("SOJOURN_SMTP_PORT", str(box.port))
        yield box


@pytest.fixture
async def template(api):
    return await api("POST", "/v1/templates", 201, json={"key": "hello", **EMAIL})


async def test_a_test_arrives_marked_and_rendered_for_the_contact(
    api, box: Mailbox, template, database
):
    async with database.transaction() as connection:
        await contact(connection, api.workspace_id, "u1", fields={"first_name": "Ana"})
    sent = await api(
        "POST", TEST, json={"template": "hello", "userId": "u1", "to": "me@example.com"}
    )
    assert sent["subject"] == "[Test] Hello Ana"
    (mail,) = box.mails()
    assert mail["Subject"] == "[Test] Hello Ana"
    assert mail["To"] == "me@example.com"
    assert box.envelopes[0].rcpt_tos == ["me@example.com"]


async def test_a_template_that_is_not_saved_can_be_tested(api, box: Mailbox):
    unsaved = {"channel": "email", "subject": "Draft {{ event.plan }}", "text": "x"}
    body = {"template": unsaved, "event": {"plan": "A"}, "to": "me@example.com"}
    await api("POST", TEST, json=body)
    assert box.mails()[0]["Subject"] == "[Test] Draft A"


async def test_a_test_is_no_message_to_anybody(api, box: Mailbox, template, database):
    await api("POST", TEST, json={"template": "hello", "to": "me@example.com"})
    async with database.transaction() as connection:
        rows = await connection.scalar(
            text("SELECT count(*) FROM messages WHERE workspace_id = :w"), {"w": api.workspace_id}
        )
    assert rows == 0


async def test_a_refusal_is_told_in_the_provider_s_words(api, box: Mailbox, template):
    box.answers["RCPT"] = ["550 5.1.1 no such mailbox"]
    body = {"template": "hello", "to": "me@example.com"}
    problem = await api("POST", TEST, 422, json=body)
    assert problem["errors"][0]["path"] == "$.to"
    assert "no such mailbox" in problem["detail"]


async def test_a_mail_server_that_is_busy_is_no_fault_of_the_template(api, box, template):
    box.answers["RCPT"] = ["451 later"]
    answer = await api.http.post(TEST, json={"template": "hello", "to": "me@example.com"})
    assert answer.status_code == 503
    assert "later" in answer.json()["detail"]
    assert answer.headers["retry-after"]


async def test_a_mail_server_that_is_silent_is_not_waited_for_long(
    callers, database, workspace_id, monkeypatch, app
):
    app.state.backend = create_app(
        Settings(request_timeout=0.3), database=database
    ).state.backend  # fmt: skip
    api = await callers(workspace_id, "secret")
    async with scripted_server(GREETING=None) as server:
        monkeypatch.setenv("SOJOURN_SMTP_PORT", str(server.port))
        body = {"template": {**EMAIL}, "to": "me@example.com"}
        assert (await api.http.post(TEST, json=body)).status_code == 503


async def test_what_is_no_address_is_refused(api, box: Mailbox, template):
    for to in ("nobody", "a@b@c", "Ana <ana@example.com>", "a@example.com\nb@example.com"):
        problem = await api("POST", TEST, 422, json={"template": "hello", "to": to})
        assert problem["errors"][0]["path"] == "$.to"
    assert box.mails() == []


async def test_a_channel_that_reaches_known_contacts_only_cannot_be_tested(api):
    push = {"channel": "push", "title": "T", "body": "B"}
    problem = await api("POST", TEST, 422, json={"template": push, "to": "me@example.com"})
    assert problem["errors"][0]["path"] == "$.template"


async def test_a_channel_without_a_provider_cannot_be_tested(api):
    sms = {"channel": "sms", "text": "T"}
    problem = await api("POST", TEST, 422, json={"template": sms, "to": "+15550100"})
    assert "no provider" in problem["detail"]


async def test_a_text_message_carries_the_mark_in_its_text(
    callers, database, workspace_id, app, api
):
    settings = Settings(inbox_channels=["sms"], inbox_enabled=True)
    app.state.backend = create_app(settings, database=database).state.backend
    sms = {"channel": "sms", "text": "Code 1"}
    to = f"+1{workspace_id.int % 10**12}"
    await api("POST", TEST, json={"template": sms, "to": to})
    caught = await api.http.get("/inbox/messages.json", params={"to": to})
    assert [one["text"] for one in caught.json()["data"]] == ["[Test] Code 1"]


async def test_what_sends_a_template_is_listed_by_name(api, template):
    assert (await api("GET", "/v1/templates/hello/workflows"))["data"] == []
    await published(api, "b", {**sending("hello"), "name": "Alpha"})
    body = {"key": "a", "definition": {**sending("hello"), "name": "Beta"}}
    await api("POST", "/v1/workflows", 201, json=body)
    await api("POST", "/v1/workflows", 201, json={"key": "c", "definition": definition()})
    listed = await api("GET", f"/v1/templates/{template['id']}/workflows")
    assert listed["data"] == [
        {"key": "b", "name": "Alpha", "state": "active"},
        {"key": "a", "name": "Beta", "state": "draft"},
    ]
    await api("GET", "/v1/templates/nothing/workflows", 404)


async def test_saving_over_somebody_else_s_change_is_refused(api, template):
    parts = {"subject": "Mine", "text": "x"}
    known = template["updated_at"]
    saved = await api("PUT", "/v1/templates/hello", json={**parts, "updated_at": known})
    stale = {**parts, "subject": "Theirs", "updated_at": known}
    problem = await api("PUT", "/v1/templates/hello", 409, json=stale)
    assert problem["updated_at"] is not None
    assert (await api("GET", "/v1/templates/hello"))["subject"] == "Mine"
    again = {**stale, "updated_at": saved["updated_at"]}
    assert (await api("PUT", "/v1/templates/hello", json=again))["subject"] == "Theirs"
