"""Signing in through a company's OpenID provider: a real one, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from api.app import create_app
from engine.wakeup import Wakeup
from runtime.settings import Settings
from tests.api.sign_in.conftest import new_email
from tests.api.sign_in.provider import CLIENT, SECRET

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def issuer():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.sign_in.provider"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture
def company(issuer, database):
    """The application with this provider, and more settings."""

    def make(**more):
        settings = Settings(
            oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
            oidc_name="Example Inc", **more,
        )  # fmt: skip
        return create_app(settings, database=database, wakeup=Wakeup())

    return make


@pytest.fixture
def person(issuer):
    """Tells the provider who is at it, and how it is to behave."""

    def tell(email, *, sub=None, verified=True, claims=None, **behaviour):
        told = {"sub": sub or uuid4().hex, "name": "Ada L.", "email": email,
                "email_verified": verified, **(claims or {})}  # fmt: skip
        httpx.put(f"{issuer}/person", json={"claims": told, **behaviour})

    return tell


async def visit(address):
    async with httpx.AsyncClient() as client:
        return await client.get(address)


async def go(one, path="/v1/sign-in/oidc"):
    """Follow the redirects as a browser does, to the provider and back; where it ends."""
    answer = await one.raw("GET", path)
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    if location.startswith("/"):
        return location
    at_provider = await visit(location)
    back = urlsplit(at_provider.headers["location"])
    assert f"{back.scheme}://{back.netloc}" == "http://sojourn.example"
    answer = await one.raw("GET", f"{back.path}?{back.query}")
    assert answer.status_code == 303
    return answer.headers["location"]


async def invited(office, role="editor"):
    owner, email = await office.user("owner"), new_email()
    made = await owner("POST", "/v1/users", 201, json={"email": email, "role": role})
    return owner, email, made


async def test_an_invited_address_signs_in_and_is_known_from_then_on(
    office, browser, company, person
):
    owner, email, made = await invited(office)
    one, sub = browser(on=company()), uuid4().hex
    assert (await one("GET", "/v1/sign-in"))["oidc"] == {
        "name": "Example Inc", "url": "/v1/sign-in/oidc",
    }  # fmt: skip
    person(email.upper(), sub=sub)
    assert await go(one, "/v1/sign-in/oidc?next=/workflows%3Fa%3D1") == "/workflows?a=1"
    session = await one("GET", "/v1/session")
    assert session["user"].items() >= {
        "email": email, "name": "Ada L.", "role": "editor",
    }.items()  # fmt: skip
    one.trust(session)
    await one("PUT", "/v1/segments/s", 201, json={"name": "S"})
    # The invitation is used up, and a new address at the provider is the same person.
    token = made["link"].rpartition("/")[2]
    await browser()("GET", f"/v1/invitations/{token}", 404)
    person(new_email(), sub=sub)
    again = browser(on=company())
    assert await go(again) == "/"
    assert (await again("GET", "/v1/session"))["user"]["email"] == email
    states = {one["email"]: one["state"] for one in (await owner("GET", "/v1/users"))["data"]}
    assert states[email] == "active"


async def test_who_has_a_password_may_sign_in_both_ways(office, browser, company, person):
    email = new_email()
    await office.user("viewer", email)
    person(email)
    assert await go(browser(on=company())) == "/"
    await browser().sign_in(email)


async def test_nobody_else_gets_in_unless_a_role_for_newcomers_is_set(
    office, browser, company, person, database
):
    email = f"{uuid4().hex}@Company.example"
    person(email)
    one = browser(on=company())
    assert await go(one) == "/sign-in?problem=not_invited"
    await one("GET", "/v1/session", 401)
    open_house = {"oidc_default_role": "viewer", "oidc_allowed_domains": ["company.example"]}
    assert await go(browser(on=company(**open_house))) == "/"
    person(new_email())
    assert await go(browser(on=company(**open_house))) == "/sign-in?problem=domain"


async def test_an_address_given_to_another_person_opens_nothing(office, browser, company, person):
    _, email, _ = await invited(office)
    person(email)
    assert await go(browser(on=company())) == "/"
    person(email)
    assert await go(browser(on=company())) == "/sign-in?problem=not_invited"


async def test_the_address_may_come_from_userinfo(office, browser, company, person):
    _, email, _ = await invited(office)
    told = {"sub": "s-1", "email": email, "email_verified": "true"}
    person(None, sub="s-1", verified=None, userinfo={**told, "sub": "s-2"})
    assert await go(browser(on=company())) == "/sign-in?problem=provider"
    person(None, sub="s-1", verified=None, userinfo=told)
    assert await go(browser(on=company())) == "/"


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        ({"verified": False}, "unverified_email"),
        ({"verified": None}, "unverified_email"),
        ({"claims": {"email": "nobody"}}, "no_email"),
        ({"claims": {"nonce": "another"}}, "provider"),
        ({"claims": {"nonce": None}}, "provider"),
        ({"claims": {"aud": "another"}}, "provider"),
        ({"claims": {"iss": "https://evil.example"}}, "provider"),
        ({"claims": {"exp": 1}}, "provider"),
        ({"claims": {"iat": None}}, "provider"),
        ({"claims": {"azp": "another"}}, "provider"),
        ({"sign": "none"}, "provider"),
        ({"sign": "HS256"}, "provider"),
        ({"sign": "stranger"}, "provider"),
        ({"issuer": "https://evil.example"}, "provider"),
        ({"refuses": True}, "denied"),
    ],
    ids=str,
)
async def test_what_cannot_be_believed_is_refused(
    office, browser, company, person, *, behaviour, problem
):
    _, email, _ = await invited(office)
    person(email, **behaviour)
    one = browser(on=company())
    assert await go(one) == f"/sign-in?problem={problem}"
    await one("GET", "/v1/session", 401)


async def test_only_the_browser_that_began_it_can_finish_it(office, browser, company, person):
    _, email, _ = await invited(office)
    person(email)
    app = company()
    one, other = browser(on=app), browser(on=app)
    location = (await one.raw("GET", "/v1/sign-in/oidc")).headers["location"]
    await other.raw("GET", "/v1/sign-in/oidc")
    back = urlsplit((await visit(location)).headers["location"])
    callback = f"{back.path}?{back.query}"
    for thief in (browser(on=app), other):
        answer = await thief.raw("GET", callback)
        assert answer.headers["location"] == "/sign-in?problem=expired"
    forged = browser(on=app)
    forged.http.cookies.set("sojourn_oidc", one.http.cookies["sojourn_oidc"][:-4] + "AAAA")
    answer = await forged.raw("GET", callback)
    assert answer.headers["location"] == "/sign-in?problem=expired"
    answer = await one.raw("GET", callback)
    assert answer.headers["location"] == "/"
    # Nor can it be finished twice.
    answer = await one.raw("GET", callback)
    assert answer.headers["location"] == "/sign-in?problem=expired"


async def test_the_flow_is_guarded_by_pkce_state_and_nonce(browser, company):
    answer = await browser(on=company()).raw("GET", "/v1/sign-in/oidc")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/v1/sign-in/oidc" in cookie


@pytest.mark.parametrize(
    "next_",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/%09/evil", "javascript:x", ""],
)
async def test_the_way_back_never_leaves_the_app(office, browser, company, person, next_):
    _, email, _ = await invited(office)
    person(email)
    assert await go(browser(on=company()), f"/v1/sign-in/oidc?next={next_}") == "/"


async def test_a_provider_that_is_away_is_told_on_the_sign_in_page(browser, database):
    settings = Settings(
        oidc_issuer="http://127.0.0.1:9", oidc_client_id="a", oidc_client_secret="b"
    )
    one = browser(on=create_app(settings, database=database, wakeup=Wakeup()))
    assert await go(one) == "/sign-in?problem=provider"


async def test_without_a_provider_there_is_nothing(browser):
    await browser()("GET", "/v1/sign-in/oidc", 404)
    await browser()("GET", "/v1/sign-in/oidc/callback", 404)
