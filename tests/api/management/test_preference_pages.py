"""The pages that messages link to: leaving by one click, choosing, and looking without changing."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert, text

from engine.consent.links import sign
from storage.tables import Contact, Identity, Journey, Message, Workflow, WorkflowVersion

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONTENT = "application/x-www-form-urlencoded"


@pytest.fixture
async def visitor(app):
    """Somebody without a key, as a mail program or a browser is."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api"
    ) as client:
        yield client


@pytest.fixture
async def mailed(api, database):
    """Sends a message to Ann; the token of its links."""
    await api("POST", "/v1/topics", 201, json={"key": "news", "name": "News <b>&"})
    await api("POST", "/v1/topics", 201, json={"key": "offers", "name": "Offers"})
    contact_id = uuid4()
    ours = {"workspace_id": api.workspace_id}

    async def send(block: dict[str, Any] | None = None, *, test: bool = False, **contact: Any):
        id_, workflow_id, version_id, journey_id = (uuid4() for _ in range(4))
        definition = {"blocks": [{"id": "hello", **(block or {})}]}
        async with database.transaction() as c:
            values = {"user_id": "ann", "email": "ann@example.com", "fields": {}, **contact}
            await c.execute(insert(Contact).values(id=contact_id, **ours, **values))
            who = {"kind": "user", "value": "ann", "contact_id": contact_id}
            await c.execute(insert(Identity).values(**ours, **who))
            about = {"definition": definition, "version": 1}
            await c.execute(
                insert(Workflow).values(
                    id=workflow_id, **ours, key="flow", name="Flow", state="active", revision=1,
                    **about,
                )
            )  # fmt: skip
            await c.execute(
                insert(WorkflowVersion).values(
                    id=version_id, **ours, workflow_id=workflow_id, **about
                )
            )
            await c.execute(
                insert(Journey).values(
                    id=journey_id, **ours, workflow_id=workflow_id, version_id=version_id,
                    contact_id=contact_id, params={}, key_hash=uuid4(), exclusive=True,
                    state="completed", visit=1, step=1, parked=False, depth=0, started_at=NOW,
                    test_to="me@example.com" if test else None,
                )
            )  # fmt: skip
            await c.execute(
                insert(Message).values(
                    id=id_, **ours, journey_id=journey_id, workflow_id=workflow_id,
                    contact_id=contact_id, block="hello", visit=1, channel="email",
                    template="hello", state="sent",
                )
            )  # fmt: skip
            return sign(await secret_of(c, api.workspace_id), id_)

    return send


async def secret_of(connection, workspace_id: UUID) -> bytes:
    found = text("SELECT link_secret FROM workspaces WHERE id = :id")
    return (await connection.execute(found, {"id": workspace_id})).scalar_one()


async def gets(api) -> dict[str, bool]:
    """Which topics Ann gets by mail."""
    found = await api("GET", "/v1/contacts/ann/subscriptions")
    return {one["topic"]: one["channels"]["email"] for one in found["topics"]}


async def said(api) -> dict[str, Any]:
    return await api("GET", "/v1/contacts/ann/subscriptions")


async def save(visitor, token, *topics, **more):
    data = {"topic": list(topics), **more}
    return await visitor.post(f"/preferences/{token}", data=data)


async def test_one_click_unsubscribes_at_once(api, visitor, mailed):
    """What a mail program sends by RFC 8058: no cookie, no session, no question."""
    token = await mailed({"topic": "news"})
    body = b"List-Unsubscribe=One-Click"
    answer = await visitor.post(
        f"/unsubscribe/{token}", content=body, headers={"content-type": CONTENT}
    )
    assert answer.status_code == 200
    assert await gets(api) == {"news": False, "offers": True}
    topics = {one["topic"]: one for one in (await said(api))["topics"]}
    assert topics["news"]["source"] == "one_click"
    assert topics["news"]["channels"]["push"] is True
    again = await visitor.post(f"/unsubscribe/{token}")
    assert again.status_code == 200


async def test_without_a_topic_one_click_leaves_the_channel(api, visitor, mailed):
    token = await mailed()
    await visitor.post(f"/unsubscribe/{token}")
    found = await said(api)
    assert (found["unsubscribed"], found["channels"]["email"]) == (False, False)
    assert found["channels"]["sms"] is True


async def test_looking_changes_nothing(api, visitor, mailed):
    """Mail programs and scanners follow links ahead of people."""
    token = await mailed({"topic": "news"})
    before = await said(api)
    for path in ("unsubscribe", "preferences"):
        for method in ("GET", "HEAD", "OPTIONS"):
            await visitor.request(method, f"/{path}/{token}")
            await visitor.request(method, f"/{path}/{token}?List-Unsubscribe=One-Click&all=1")
    assert await said(api) == before


async def test_choosing_saves_what_is_ticked(api, visitor, mailed):
    token = await mailed({"topic": "news"})
    answer = await save(visitor, token, "offers", "unknown")
    assert 'role="status"' in answer.text
    assert await gets(api) == {"news": False, "offers": True}
    await save(visitor, token, "offers", "news")
    assert await gets(api) == {"news": True, "offers": True}
    await save(visitor, token)
    assert await gets(api) == {"news": False, "offers": False}


async def test_who_left_everything_and_wants_one_topic_gets_nothing_else(api, visitor, mailed):
    token = await mailed()
    await save(visitor, token, all="1")
    assert (await said(api))["unsubscribed"] is True
    await save(visitor, token)
    assert (await said(api))["unsubscribed"] is True
    await save(visitor, token, "news")
    found = await said(api)
    assert await gets(api) == {"news": True, "offers": False}
    assert found["unsubscribed"] is False
    assert {name for name, open_ in found["channels"].items() if open_} == {"email"}


async def test_a_test_message_changes_nothing_of_the_contact(api, visitor, mailed):
    token = await mailed({"topic": "news"}, test=True)
    before = await said(api)
    await visitor.post(f"/unsubscribe/{token}")
    await save(visitor, token)
    answer = await save(visitor, token, all="1")
    assert "test message" in answer.text
    assert await said(api) == before


async def test_nobody_unsubscribes_from_what_is_owed_to_them(api, visitor, mailed):
    token = await mailed({"topic": "news", "transactional": True})
    before = await said(api)
    answer = await visitor.post(f"/unsubscribe/{token}")
    assert "ordered" in answer.text
    assert await said(api) == before


class Page(HTMLParser):
    """What matters of a page to those who do not see it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("path", ["unsubscribe", "preferences"])
async def test_the_pages_work_without_scripts_and_say_nothing_to_others(visitor, mailed, path):
    token = await mailed({"topic": "news"})
    answer = await visitor.get(f"/{path}/{token}")
    page = Page(answer.text)
    assert page.all("script") == page.all("img") == page.all("b") == []
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("title")) == 1
    assert [form["method"] for form in page.all("form")] == ["post"]
    assert len(page.all("input")) == len(page.all("label"))
    assert "News &lt;b&gt;&amp;" in answer.text
    assert "ann@example.com" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("locale", "accepted", "language"),
    [
        ("de-AT", "en", "de"), ("de_CH", None, "de"), (None, "de;q=0.9, en;q=0.8", "de"),
        ("fr", "de", "de"), ("fr", "it", "en"), (None, "de;q=0, fr", "en"), (None, None, "en"),
        (None, "," * 5000, "en"),
    ],
    ids=["contact", "underscore", "browser", "other", "neither", "refused", "none", "long"],
)  # fmt: skip
async def test_the_pages_speak_the_contacts_language(visitor, mailed, locale, accepted, language):
    token = await mailed(locale=locale)
    headers = {"accept-language": accepted} if accepted is not None else {}
    answer = await visitor.get(f"/unsubscribe/{token}", headers=headers)
    assert Page(answer.text).all("html") == [{"lang": language}]
    assert ("Abmelden" in answer.text) is (language == "de")


async def test_a_link_works_after_its_contact_was_merged_and_is_nobodys_once_it_is_erased(
    api, visitor, mailed
):
    token = await mailed({"topic": "news"}, user_id=None)
    await api("POST", "/v1/contacts", json={"contacts": [{"userId": "ann-2"}]})
    await api("POST", "/v1/alias", json={"userId": "ann-2", "previousId": "ann"})
    await visitor.post(f"/unsubscribe/{token}")
    found = await api("GET", "/v1/contacts/ann-2/subscriptions")
    topics = {one["topic"]: one["channels"]["email"] for one in found["topics"]}
    assert topics["news"] is False
    await api("DELETE", "/v1/contacts/ann-2", 204)
    assert (await visitor.get(f"/unsubscribe/{token}")).status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00" * 43, "a" * 101, "..a"])
@pytest.mark.parametrize("path", ["unsubscribe", "preferences"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_no_token_leads_nowhere(visitor, method, path, token):
    answer = await visitor.request(method, f"/{path}/{token}")
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"topic=" * 1001, 200), (b"topic=a&" * 1001, 400), (b"\xff", 400), (b"a" * 70_000, 413)],
    ids=["one field", "many fields", "not ascii", "large"],
)
async def test_forms_are_bounded(visitor, mailed, body, status):
    token = await mailed()
    answer = await visitor.post(
        f"/preferences/{token}", content=body, headers={"content-type": CONTENT}
    )
    assert answer.status_code == status
