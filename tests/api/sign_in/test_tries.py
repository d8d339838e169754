"""Guessing passwords is slowed down, for an account and for a network address, in all processes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from engine.users.tries import (
    PER_ACCOUNT,
    PER_ADDRESS,
    WINDOW,
    Limit,
    count_try,
    forgive,
    of_address,
)
from tests.api.sign_in.conftest import new_email

WRONG = "wrong password"


async def test_after_too_many_tries_even_the_right_password_waits(office, browser):
    email = new_email()
    await office.user("viewer", email)
    body = {"email": email, "password": WRONG}
    for _ in range(PER_ACCOUNT):
        await browser()("POST", "/v1/session", 401, json=body)
    answer = await browser().raw("POST", "/v1/session", json=body)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= WINDOW.total_seconds()
    one = await browser().raw("POST", "/v1/session", json={**body, "password": "right"})
    assert one.status_code == 429


async def test_an_unknown_account_is_limited_alike(browser):
    body = {"email": new_email(), "password": WRONG}
    answers = [await browser().raw("POST", "/v1/session", json=body) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * PER_ACCOUNT + [429]


async def test_signing_in_clears_the_account(office, browser):
    email = new_email()
    await office.user("viewer", email)
    for _ in range(2):
        for _ in range(PER_ACCOUNT - 1):
            await browser()("POST", "/v1/session", 401, json={"email": email, "password": WRONG})
        await browser().sign_in(email)


async def test_guessing_the_present_password_in_a_stolen_session_is_limited_too(office):
    user = await office.user("viewer")
    body = {"password": "another long one", "current_password": WRONG}
    answers = [await user.raw("PATCH", "/v1/session/user", json=body) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * PER_ACCOUNT + [429]


def limit(tries: int = 3) -> Limit:
    return Limit(uuid4().bytes, tries)


async def test_tries_made_at_once_are_all_counted(database):
    one, now = limit(5), datetime.now(UTC)

    async def attempt():
        async with database.transaction() as connection:
            return await count_try(connection, [one, limit(99)], now)

    waits = await asyncio.gather(*(attempt() for _ in range(12)))
    assert sum(wait is None for wait in waits) == 5


async def test_a_window_ends_and_another_begins(database):
    one, now = limit(2), datetime.now(UTC)
    async with database.transaction() as connection:
        tries = [
            await count_try(connection, [one], now + timedelta(minutes=after))
            for after in (0, 5, 10, 14, 15, 16, 17)
        ]
    assert tries == [None, None, 300, 60, None, None, 780]


async def test_an_address_gets_back_only_the_try_that_was_right(database):
    account, address, now = limit(9), limit(3), datetime.now(UTC)
    async with database.transaction() as connection:
        for _ in range(3):
            assert await count_try(connection, [account, address], now) is None
        await forgive(connection, account, address)
        assert await count_try(connection, [address], now) is None
        assert await count_try(connection, [address], now) is not None


async def test_the_limit_of_an_address_holds_for_accounts_that_nobody_tried_before(
    browser, database
):
    at = f"2001:db8:{uuid4().hex[:4]}:1::1"
    async with database.transaction() as connection:
        for _ in range(PER_ADDRESS):
            await count_try(connection, [of_address(at)], datetime.now(UTC))
    body = {"email": new_email(), "password": WRONG}
    assert (await browser(at=at).raw("POST", "/v1/session", json=body)).status_code == 429
    neighbour = at.replace("::1", ":9::7")
    answer = await browser(at=neighbour).raw("POST", "/v1/session", json=body)
    assert answer.status_code == 429
    assert (await browser().raw("POST", "/v1/session", json=body)).status_code == 401


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("unknown", "192.0.2.1", False),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one, other, same):
    assert (of_address(one) == of_address(other)) is same
