"""Users and one-time links: the first owner, invitations, new passwords, and the last owner."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engine.users.links import first_start_link
from tests.api.sign_in.conftest import PASSWORD, new_email


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


async def test_the_first_link_makes_an_owner_and_then_none_is_given(office, browser, database):
    first, second = await office.first_link(), await office.first_link()
    one = browser()
    looked = await one("GET", f"/v1/invitations/{first}")
    assert looked == {"email": None, "name": "", "role": "owner"}
    problem = await one(
        "POST", f"/v1/invitations/{first}", 422, json={"name": "A", "password": PASSWORD}
    )
    assert problem["errors"][0]["path"] == "$.email"
    session = await one.take_up(first, email=new_email())
    assert session["user"]["role"] == "owner"
    for used in (first, second):
        body = {"email": new_email(), "name": "B", "password": PASSWORD}
        await browser()("GET", f"/v1/invitations/{used}", 404)
        await browser()("POST", f"/v1/invitations/{used}", 404, json=body)
    async with database.transaction() as connection:
        now = datetime.now(UTC)
        assert await first_start_link(connection, office.workspace_id, now) is None


async def test_two_who_use_first_links_at_once_become_one_owner(office, browser):
    links = [await office.first_link() for _ in range(4)]
    body = {"name": "A", "password": PASSWORD}
    answers = await asyncio.gather(
        *(
            browser().raw("POST", f"/v1/invitations/{link}", json={**body, "email": new_email()})
            for link in links
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]


async def test_an_invitation_is_used_once_by_the_invited_address(office, browser):
    owner, email = await office.user("owner"), new_email()
    made = await owner("POST", "/v1/users", 201, json={"email": email.upper(), "role": "editor"})
    assert made["user"].items() >= {"email": email, "state": "invited"}.items()
    assert made["link"].startswith("http://sojourn.example/welcome/")
    token = token_of(made["link"])
    guest = browser()
    looked = await guest("GET", f"/v1/invitations/{token}")
    assert looked == {"email": email, "name": "", "role": "editor"}
    body = {"name": "Grace", "password": PASSWORD}
    await guest("POST", f"/v1/invitations/{token}", 422, json={**body, "email": new_email()})
    session = await guest.take_up(token, name="Grace", email=email)
    assert session["user"]["name"] == "Grace"
    await browser()("POST", f"/v1/invitations/{token}", 404, json=body)
    listed = (await owner("GET", "/v1/users"))["data"]
    assert [one["state"] for one in listed] == ["active", "active"]
    assert listed[1]["last_seen_at"] is not None


async def test_inviting_again_gives_another_role_and_ends_the_older_link(office, browser):
    owner, email = await office.user("owner"), new_email()
    old = await owner("POST", "/v1/users", 201, json={"email": email, "role": "editor"})
    new = await owner("POST", "/v1/users", 201, json={"email": email, "role": "viewer"})
    assert new["user"]["id"] == old["user"]["id"]
    await browser()("GET", f"/v1/invitations/{token_of(old['link'])}", 404)
    guest = browser()
    await guest.take_up(token_of(new["link"]))
    assert (await guest("GET", "/v1/session"))["user"]["role"] == "viewer"
    await owner("POST", "/v1/users", 409, json={"email": email, "role": "owner"})


async def test_a_link_for_a_new_password_ends_sessions_once_it_is_used(office, browser):
    email = new_email()
    user, owner = await office.user("viewer", email), await office.user("owner")
    id_ = (await user("GET", "/v1/session"))["user"]["id"]
    made = await owner("POST", f"/v1/users/{id_}/link", 201)
    await user("GET", "/v1/session")
    await browser().take_up(token_of(made["link"]), password="a new long one")
    await user("GET", "/v1/session", 401)
    await user("POST", "/v1/session", 401, json={"email": email, "password": PASSWORD})
    await user.sign_in(email, "a new long one")


async def test_a_link_that_is_too_old_is_refused(office, browser, database):
    token = await office.first_link()
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE invitations SET expires_at = now() WHERE workspace_id = :w"),
            {"w": office.workspace_id},
        )
    await browser()("GET", f"/v1/invitations/{token}", 404)


async def test_another_workspaces_users_are_out_of_reach(office, database, browser):
    from uuid import uuid4

    from sqlalchemy import insert

    from storage.tables import Workspace
    from tests.api.sign_in.conftest import Office

    other = uuid4()
    async with database.transaction() as connection:
        await connection.execute(
            insert(Workspace).values(
                id=other, name="other", timezone="UTC", paused=False, rules_revision=0
            )
        )
    email = new_email()
    theirs = await Office(database, other, browser).user("owner", email)
    id_ = (await theirs("GET", "/v1/session"))["user"]["id"]
    owner = await office.user("owner")
    assert id_ not in {one["id"] for one in (await owner("GET", "/v1/users"))["data"]}
    await owner("PATCH", f"/v1/users/{id_}", 404, json={"name": "Mine"})
    await owner("DELETE", f"/v1/users/{id_}", 404)
    await owner("POST", f"/v1/users/{id_}/link", 404)
    await owner("POST", "/v1/users", 409, json={"email": email, "role": "viewer"})
    assert (await theirs("GET", "/v1/session"))["user"]["role"] == "owner"


async def test_the_last_owner_stays(office):
    owner = await office.user("owner")
    id_ = (await owner("GET", "/v1/session"))["user"]["id"]
    # Somebody who is only invited is not there yet.
    await owner("POST", "/v1/users", 201, json={"email": new_email(), "role": "owner"})
    await owner("PATCH", f"/v1/users/{id_}", 409, json={"role": "editor"})
    await owner("DELETE", f"/v1/users/{id_}", 409)
    another = await office.user("owner")
    await another("DELETE", f"/v1/users/{id_}", 204)
    await owner("GET", "/v1/session", 401)


async def test_two_owners_who_demote_each_other_at_once_leave_one(office):
    owners = [await office.user("owner") for _ in range(2)]
    ids = [(await one("GET", "/v1/session"))["user"]["id"] for one in owners]
    answers = await asyncio.gather(
        *(
            one.raw("PATCH", f"/v1/users/{id_}", json={"role": "viewer"})
            for one, id_ in zip(owners, reversed(ids), strict=True)
        )
    )
    assert min(answer.status_code for answer in answers) == 200
    roles = [
        (await one.raw("GET", "/v1/session")).json().get("user", {}).get("role") for one in owners
    ]
    assert roles.count("owner") == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"email": "x", "role": "viewer"}, {"email": "a@b.example", "role": "root"},
     {"email": "a@b.example\x00", "role": "viewer"}],
)  # fmt: skip
async def test_an_invitation_that_makes_no_sense_is_refused(office, body):
    owner = await office.user("owner")
    await owner("POST", "/v1/users", 422, json=body)


@pytest.mark.parametrize("password", ["", "123456789", "x" * 257, "0123456789\x00"])
async def test_a_password_that_is_too_short_or_cannot_be_kept_is_refused(office, browser, password):
    body = {"email": new_email(), "name": "A", "password": password}
    token = await office.first_link()
    await browser()("POST", f"/v1/invitations/{token}", 422, json=body)


async def test_the_sign_in_page_learns_which_ways_there_are(browser, office):
    await office.user("owner")
    assert await browser()("GET", "/v1/sign-in") == {
        "password": True, "oidc": None, "first_start": False,
    }  # fmt: skip


async def test_a_secret_key_may_invite(office, browser):
    headers = {"Authorization": f"Bearer {await office.key('secret')}"}
    body = {"email": new_email(), "role": "owner"}
    await browser()("POST", "/v1/users", 201, json=body, headers=headers)
    headers = {"Authorization": f"Bearer {await office.key('write')}"}
    await browser()("POST", "/v1/users", 403, json=body, headers=headers)


def test_links_live_for_days_not_for_ever():
    from engine.users import links

    assert links.FIRST_START <= links.INVITATION <= timedelta(days=7)
