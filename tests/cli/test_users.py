"""`sojourn users`, and the link that a first start prints."""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from runtime.ports import free_port


async def take_up(api_url, link, **body):
    async with httpx.AsyncClient(base_url=api_url) as client:
        body = {"name": "Ada", "password": "correct horse battery", **body}
        return await client.post(f"/v1/invitations/{link.rpartition('/')[2]}", json=body)


async def test_users_are_invited_listed_and_given_new_passwords(sojourn, workspace_id, api_url):
    email = f"{uuid4().hex}@example.com"
    here = ("--workspace", workspace_id)
    invited = await sojourn("users", "invite", email.upper(), "--role", "editor", *here)
    assert invited.code == 0, invited.err
    assert len(invited.out.split()) == 1
    assert "/welcome/" in invited.out
    assert (await take_up(api_url, invited.out.strip())).status_code == 200

    listed = await sojourn("users", "list", *here, "--json")
    assert [(one["email"], one["role"], one["state"]) for one in listed.json] == [
        (email, "editor", "active")
    ]
    assert email in (await sojourn("users", "list", *here)).out

    reset = await sojourn("users", "reset", email, *here, "--json")
    assert (await take_up(api_url, reset.json["link"])).status_code == 200
    assert (await take_up(api_url, reset.json["link"])).status_code == 404


async def test_links_lead_to_where_browsers_reach_the_api(sojourn, workspace_id):
    email = f"{uuid4().hex}@example.com"
    arguments = ("users", "invite", email, "--role", "viewer", "--workspace", workspace_id)
    public = await sojourn(*arguments, SOJOURN_PUBLIC_URL="https://sojourn.example.com/")
    assert public.out.startswith("https://sojourn.example.com/welcome/")
    local = await sojourn(*arguments, SOJOURN_API_HOST="0.0.0.0", SOJOURN_API_PORT="81")
    assert local.out.startswith("http://127.0.0.1:81/welcome/")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("invite", "nobody", "--role", "viewer"), "not a mail address"),
        (("invite", "a@b.example", "--role", "root"), "root"),
        (("reset", "nobody-at-all@example.com"), "no user with the address"),
    ],
    ids=str,
)
async def test_what_the_user_can_put_right_is_said(sojourn, workspace_id, arguments, words):
    ran = await sojourn("users", *arguments, "--workspace", workspace_id)
    assert ran.code in (1, 2)
    assert words in ran.err


@pytest.mark.parametrize(
    "env",
    [
        {"SOJOURN_PUBLIC_URL": "sojourn.example.com"},
        {"SOJOURN_PUBLIC_URL": "https://sojourn.example.com/app"},
        {"SOJOURN_OIDC_ISSUER": "https://login.example.com"},
        {
            "SOJOURN_OIDC_ISSUER": "http://login.example.com",
            "SOJOURN_OIDC_CLIENT_ID": "a",
            "SOJOURN_OIDC_CLIENT_SECRET": "b",
        },
        {
            "SOJOURN_OIDC_ISSUER": "https://login.example.com",
            "SOJOURN_OIDC_CLIENT_ID": "a",
            "SOJOURN_OIDC_CLIENT_SECRET": "b",
            "SOJOURN_OIDC_DEFAULT_ROLE": "viewer",
        },
    ],
    ids=["no scheme", "a path", "no client", "no TLS", "everybody"],
)
async def test_settings_that_would_not_be_safe_are_refused(sojourn, env):
    ran = await sojourn("users", "list", **env)
    assert ran.code == 1
    assert "SOJOURN_" in ran.err


@pytest.fixture
async def empty_url(database_url, database):
    """A migrated database in which nobody is."""
    name = f"empty_{uuid4().hex[:12]}"
    async with database.statements() as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    return database_url.rsplit("/", 1)[0] + f"/{name}"


async def test_migrating_an_empty_database_prints_the_link_until_there_is_an_owner(
    sojourn, empty_url
):
    env = {"SOJOURN_DATABASE_URL": empty_url}
    first = await sojourn("migrate", "--database-only", **env)
    assert first.err.count("/welcome/") == 1
    user = await sojourn("users", "invite", "ada@example.com", "--role", "owner", **env)
    assert user.code == 0
    assert "/welcome/" in (await sojourn("migrate", "--database-only", **env)).err
    from storage.database import Database

    other = Database(empty_url, pooled=False)
    async with other.transaction() as connection:
        await connection.execute(text("UPDATE users SET activated_at = now()"))
    await other.close()
    assert "/welcome/" not in (await sojourn("migrate", "--database-only", **env)).err


async def test_the_api_logs_the_link_once_there_is_a_database(sojourn, empty_url):
    """It starts though the database is not migrated yet."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "cli.main", "api", "--port", str(free_port()),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **sojourn.env, "SOJOURN_DATABASE_URL": empty_url,
             "SOJOURN_DISPATCH_LANES": "0"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        async with asyncio.timeout(60):
            while b"startup complete" not in await process.stderr.readline():
                pass
            await sojourn("migrate", "--database-only", SOJOURN_DATABASE_URL=empty_url)
            while b"/welcome/" not in await process.stderr.readline():
                pass
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0
