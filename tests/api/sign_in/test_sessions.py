"""Signing in with a password: the cookie, its life and its end, and what guards it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.app import create_app
from engine.wakeup import Wakeup
from runtime.settings import Settings
from tests.api.sign_in.conftest import CSRF, PASSWORD, new_email


async def test_a_session_says_who_and_where_and_opens_the_management_api(office, workspace_id):
    email = new_email()
    user = await office.user("editor", email)
    session = await user("GET", "/v1/session")
    assert session["user"].items() >= {"email": email, "name": "Ada", "role": "editor"}.items()
    assert session["workspace"] == {"id": str(workspace_id), "name": "test", "timezone": "UTC"}
    assert session["csrf_token"] == user.http.headers[CSRF]
    assert (await user("GET", "/v1/workflows"))["data"] == []
    await user("PUT", "/v1/segments/s", 201, json={"name": "Mine"})


async def test_signing_in_again_gives_another_session_whatever_the_case_of_the_address(
    office, browser
):
    email = new_email()
    await office.user("viewer", email)
    first, second = browser(), browser()
    await first.sign_in(email.upper())
    await second.sign_in(email)
    assert first.http.headers[CSRF] != second.http.headers[CSRF]
    await first("DELETE", "/v1/session", 204)
    await first("GET", "/v1/session", 401)
    await second("GET", "/v1/session")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(office, browser):
    email = new_email()
    await office.user("viewer", email)
    body = {"email": email, "password": PASSWORD}
    plain = await browser().raw("POST", "/v1/session", json=body)
    cookie = plain.headers["set-cookie"].lower()
    assert cookie.startswith("sojourn_session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    assert plain.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("by", ["the request", "the setting"])
async def test_over_https_the_cookie_is_for_https_and_this_host_only(office, browser, database, by):
    email = new_email()
    await office.user("viewer", email)
    settings = Settings(public_url="https://sojourn.example" if by == "the setting" else None)
    app = create_app(settings, database=database, wakeup=Wakeup())
    base = "http://sojourn.example" if by == "the setting" else "https://sojourn.example"
    one = browser(base=base, on=app)
    answer = await one.raw("POST", "/v1/session", json={"email": email, "password": PASSWORD})
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    assert name == "__Host-sojourn_session"
    assert "secure" in answer.headers["set-cookie"].lower()
    for cookie, status in ((name, 200), ("sojourn_session", 401)):
        one.http.cookies.clear()
        answer = await one.raw("GET", "/v1/session", headers={"Cookie": f"{cookie}={value}"})
        assert answer.status_code == status


async def test_neither_password_nor_session_is_stored_as_it_is(office, database):
    user = await office.user("viewer")
    token = user.http.cookies["sojourn_session"]
    async with database.transaction() as connection:
        row = (
            await connection.execute(
                text(
                    "SELECT u.password_hash, s.hash FROM users u JOIN user_sessions s "
                    "ON s.user_id = u.id WHERE u.workspace_id = :w"
                ),
                {"w": office.workspace_id},
            )
        ).one()
    assert row.password_hash.startswith("$argon2id$")
    assert token.encode() not in row.hash
    assert row.hash.hex() != user.http.headers[CSRF]


async def test_unknown_users_and_wrong_passwords_get_the_same_answer(office, browser):
    email = new_email()
    await office.user("viewer", email)
    invited = new_email()
    owner = await office.user("owner")
    await owner("POST", "/v1/users", 201, json={"email": invited, "role": "viewer"})
    answers = [
        await browser().raw("POST", "/v1/session", json={"email": one, "password": "wrong one !"})
        for one in (email, new_email(), invited, "no address", "\u00e4@b.c")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert all("set-cookie" not in answer.headers for answer in answers)


async def set_times(database, workspace_id, **shift):
    assignments = ", ".join(f"{name} = {name} - CAST(:{name} AS interval)" for name in shift)
    async with database.transaction() as connection:
        await connection.execute(
            text(f"UPDATE user_sessions SET {assignments} WHERE workspace_id = :w"),
            {"w": workspace_id, **shift},
        )


async def test_use_lets_a_session_last_on_but_not_for_ever(office, database, workspace_id):
    user = await office.user("viewer")
    almost = timedelta(days=6, hours=23)
    for _ in range(3):
        await set_times(database, workspace_id, used_at=almost, expires_at=almost, ends_at=almost)
        await user("GET", "/v1/session")
    await set_times(database, workspace_id, ends_at=timedelta(days=10))
    await user("GET", "/v1/session", 401)


async def test_a_session_that_is_not_used_ends(office, database, workspace_id):
    user = await office.user("viewer")
    await set_times(database, workspace_id, expires_at=timedelta(days=7, minutes=1))
    answer = await user.raw("GET", "/v1/workflows")
    assert answer.status_code == 401
    assert "Basic" not in answer.headers["www-authenticate"]


async def test_a_new_password_ends_all_other_sessions(office, browser):
    email = new_email()
    user, other = await office.user("viewer", email), browser()
    await other.sign_in(email)
    body = {"password": "another long one", "current_password": "not this one"}
    problem = await user("PATCH", "/v1/session/user", 422, json=body)
    assert problem["errors"][0]["path"] == "$.current_password"
    await user("PATCH", "/v1/session/user", 422, json={"password": "another long one"})
    body["current_password"] = PASSWORD
    user.trust(await user("PATCH", "/v1/session/user", json=body))
    await other("GET", "/v1/session", 401)
    await user("PATCH", "/v1/session/user", json={"name": "Countess"})
    assert (await user("GET", "/v1/session"))["user"]["name"] == "Countess"
    await browser()("POST", "/v1/session", 401, json={"email": email, "password": PASSWORD})
    await browser().sign_in(email, "another long one")


async def test_what_changes_something_needs_the_token_of_this_very_session(office):
    user, other = await office.user("editor"), await office.user("editor")
    mine = user.http.headers.pop(CSRF)
    segment = {"name": "S"}
    await user("PUT", "/v1/segments/s", 403, json=segment)
    for wrong in ("", "x", other.http.headers[CSRF], "é".encode()):
        headers = {CSRF: wrong}
        await user("PUT", "/v1/segments/s", 403, json=segment, headers=headers)
    await user("DELETE", "/v1/session", 403)
    await user("GET", "/v1/segments")
    await user("PUT", "/v1/segments/s", 201, json=segment, headers={CSRF: mine})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://sojourn.example:81"}, 403),
        ({"Origin": "http://sojourn.example"}, 201),
        ({"Origin": "https://sojourn.example"}, 201),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://sojourn.example"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
    ],
    ids=str,
)
async def test_another_sites_requests_are_refused_though_they_had_the_token(
    office, browser, headers, status
):
    user = await office.user("editor")
    await user("PUT", "/v1/segments/s", status, json={"name": "S"}, headers=headers)
    body = {"email": new_email(), "password": PASSWORD}
    wanted = 403 if status == 403 else 401
    await browser()("POST", "/v1/session", wanted, json=body, headers=headers)


async def test_with_both_a_key_and_a_session_the_key_counts(office):
    viewer = await office.user("viewer")
    secret = {"Authorization": f"Bearer {await office.key('secret')}", CSRF: ""}
    await viewer("PUT", "/v1/segments/s", 201, json={"name": "S"}, headers=secret)
    owner = await office.user("owner")
    for key in (await office.key("write"), "sjn_secret_unknown"):
        headers = {"Authorization": f"Bearer {key}"}
        answer = await owner.raw("GET", "/v1/segments", headers=headers)
        assert answer.status_code == (403 if "write" in key else 401)


async def test_a_session_is_no_key_for_ingestion(office):
    owner = await office.user("owner")
    for path in ("identify", "track", "batch"):
        await owner("POST", f"/v1/{path}", 401, json={"userId": "u1", "event": "E", "batch": []})


async def test_a_browser_is_not_asked_for_a_password_of_its_own_accord(browser):
    answer = await browser().raw("GET", "/v1/workflows", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 401
    assert "Basic" not in answer.headers["www-authenticate"]
    assert "Basic" in (await browser().raw("GET", "/v1/workflows")).headers["www-authenticate"]


async def test_signing_in_at_once_from_many_places_works(office, browser):
    email = new_email()
    await office.user("viewer", email)
    await asyncio.gather(*(browser().sign_in(email) for _ in range(6)))


async def test_changes_are_logged_with_who_made_them(office):
    import structlog

    user = await office.user("editor")
    with structlog.testing.capture_logs() as lines:
        await user("PUT", "/v1/segments/s", 201, json={"name": "S"})
        await user("GET", "/v1/segments")
        await user("PUT", "/v1/keys", 405, json={})
    changes = [one for one in lines if one["event"] == "change by a user"]
    assert [(one["path"], one["status"]) for one in changes] == [("/v1/segments/s", 201)]
    assert changes[0]["user_name"] == "Ada"


async def test_changes_with_a_secret_key_are_logged_by_its_name_data_and_previews_are_not(
    office, browser
):
    import structlog

    backend, key = browser(), await office.key("secret")
    backend.http.headers["Authorization"] = f"Bearer {key}"
    with structlog.testing.capture_logs() as lines:
        await backend("PUT", "/v1/segments/s", 201, json={"name": "S"})
        await backend("PUT", "/v1/segments/s", 422, json={"name": 7})
        await backend(
            "POST", "/v1/segments/preview", json={"where": {"field": "plan", "op": "exists"}}
        )
        await backend("POST", "/v1/contacts", json=[{"userId": "u1"}])
    changes = [one for one in lines if one["event"] == "change by a key"]
    assert [(one["path"], one["status"]) for one in changes] == [
        ("/v1/segments/s", 201),
        ("/v1/segments/s", 422),
    ]
    assert changes[0]["key_name"] == "test"
    assert key not in str(lines)


async def test_who_saved_a_draft_meanwhile_is_named(office):
    ada, grace = await office.user("editor"), await office.user("owner")
    await grace("PATCH", "/v1/session/user", json={"name": "Grace"})
    drawn = {"name": "Hi", "blocks": []}
    made = await ada("PUT", "/v1/workflows/hi?check=later", 201, json={"definition": drawn})
    assert made["saved_by"] == "Ada"
    theirs = {"definition": drawn, "revision": made["revision"]}
    assert (await grace("PUT", "/v1/workflows/hi?check=later", json=theirs))["saved_by"] == "Grace"
    problem = await ada("PUT", "/v1/workflows/hi?check=later", 409, json=theirs)
    assert problem["saved_by"] == "Grace"
    assert "saved meanwhile by Grace" in problem["detail"]
    assert (await ada("GET", "/v1/workflows/hi"))["saved_by"] == "Grace"
