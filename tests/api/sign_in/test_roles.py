"""What each role may do, tried on every route that the application has."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.permissions import OWN, READING_METHODS, READING_POSTS, refusal
from tests.api.sign_in.conftest import CSRF, new_email

BY_KEY = {
    f"/v1/{name}"
    for name in (
        "identify", "track", "page", "screen", "group", "alias", "batch", "import",
        "i", "t", "p", "s", "g", "a", "b", "devices", "in-app", "in-app/stream",
        "in-app/{message_id}/{deed}", "app-inbox", "app-inbox/read-all",
        "app-inbox/{message_id}/{deed}",
    )
}  # fmt: skip
"""Ingestion, and what apps ask for: a session does not serve there."""
OPEN = {
    "/v1/session",
    "/v1/invitations/{token}",
    "/v1/hooks/{kind}/{account}",
    "/unsubscribe/{token}",
    "/preferences/{token}",
}
"""What changes something without anybody being signed in (POST): others vouch for it."""
OWNERS = ("/v1/users", "/v1/keys", "/v1/settings", "/v1/providers")


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every method of every route, those that no schema shows too."""
    found = {
        (method, context.path)
        for context in iter_route_contexts(app.routes)
        for method in getattr(context, "methods", None) or ()
    }
    assert len(found) > 90
    assert ("DELETE", "/inbox") in found
    return sorted(found)


def address(path: str) -> str:
    return re.sub(r"{[^}]+}", str(uuid4()), path.replace("{deed}", "clicked"))


def changing(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (method, path)
        for method, path in routes(app)
        if method not in READING_METHODS
        and (method, path) not in {("POST", one) for one in READING_POSTS}
    ]


async def tried(user, method, path):
    """The status of a call with a body that is JSON, but not what the route wants."""
    options = {} if method in {"GET", "HEAD", "DELETE"} else {"json": {}}
    if path == "/v1/contacts/import":
        options = {"content": b"userId\n", "headers": {"Content-Type": "text/csv"}}
    async with user.http.stream(method, address(path), **options) as answer:
        return answer.status_code


async def test_a_viewer_changes_nothing_through_any_route(app, office):
    viewer = await office.user("viewer")
    count = 0
    for method, path in changing(app):
        if path in OWN or (method == "POST" and path in OPEN):
            continue
        count += 1
        expected = 401 if path in BY_KEY else 403
        assert await tried(viewer, method, path) == expected, (method, path)
    assert count > 45
    await viewer("GET", "/v1/session")


async def test_a_viewer_reads_everywhere(app, office):
    viewer = await office.user("viewer")
    for method, path in routes(app):
        if path in BY_KEY:
            continue
        if method == "GET" or (method == "POST" and path in READING_POSTS):
            assert await tried(viewer, method, path) not in {401, 403, 405, 500}, (method, path)


async def test_an_editor_changes_all_but_users_keys_and_settings(app, office):
    editor = await office.user("editor")
    for method, path in changing(app):
        if path in OWN | OPEN:
            continue
        status = await tried(editor, method, path)
        if path in BY_KEY:
            assert status == 401, (method, path)
        elif path.startswith(OWNERS):
            assert status == 403, (method, path)
        else:
            assert status not in {401, 403, 405, 500}, (method, path)
    await editor("GET", "/v1/session")


async def test_an_owner_changes_everything(app, office):
    owner = await office.user("owner")
    for method, path in changing(app):
        if path not in OWN | OPEN | BY_KEY:
            status = await tried(owner, method, path)
            assert status not in {401, 403, 405, 500}, (method, path)


async def test_no_route_changes_anything_for_someone_with_a_cookie_but_no_csrf_token(app, office):
    owner = await office.user("owner")
    del owner.http.headers[CSRF]
    for method, path in changing(app):
        if path in BY_KEY or path.startswith("/inbox") or (method == "POST" and path in OPEN):
            continue
        assert await tried(owner, method, path) == 403, (method, path)


async def test_no_route_changes_anything_for_strangers(app, browser):
    stranger = browser()
    for method, path in changing(app):
        # The local inbox has no login, and is there in development only.
        if not path.startswith("/inbox") and not (method == "POST" and path in OPEN):
            assert await tried(stranger, method, path) == 401, (method, path)


def test_what_reads_by_post_exists_and_stores_nothing(app):
    assert {("POST", path) for path in READING_POSTS} <= set(routes(app))


@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/{id}/link", "/v1/settings"])
def test_only_the_address_and_what_is_below_it_belongs_to_owners(path):
    assert refusal("editor", "POST", path)
    assert not refusal("owner", "POST", path)
    assert not refusal("editor", "POST", "/v1/usersx")
    assert not refusal("viewer", "GET", path)


async def test_another_role_holds_from_the_next_request_on(office):
    email = new_email()
    editor, owner = await office.user("editor", email), await office.user("owner")
    users = (await owner("GET", "/v1/users"))["data"]
    id_ = next(one["id"] for one in users if one["email"] == email)
    changed = await owner("PATCH", f"/v1/users/{id_}", json={"role": "viewer"})
    assert changed["role"] == "viewer"
    await editor("GET", "/v1/session", 401)
    await editor.sign_in(email)
    await editor("PUT", "/v1/segments/s", 403, json={"name": "S"})
