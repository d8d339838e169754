"""The web app as people use it: Chromium on a `sojourn dev` of its own, one for each xdist worker.

`SOJOURN_SCREENSHOTS=docs/screenshots pytest -n 0 -m browser` keeps a picture of each page.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.people import PASSWORD, Person, let_in
from tests.stack.conftest import Dev

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDE, NARROW = (1440, 900), (390, 844)
PATIENCE = 20_000
"""Milliseconds: nobody waits so long, but the machine may have much else to do."""
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def stack() -> Iterator[Dev]:
    directory = Path(tempfile.mkdtemp(prefix="sojourn-browser-"))
    dev = Dev(directory, builder=True)
    dev.start()
    assert "the builder is not served" not in dev.output, dev.output
    yield dev
    dev.stop()
    dev.end()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def api(stack: Dev) -> Iterator[httpx.Client]:
    """The stack's API, with its secret key."""
    with stack.api() as api:
        yield api


@pytest.fixture(scope="session")
def people(stack: Dev, api: httpx.Client) -> dict[str, Person]:
    """One person of each role."""
    return let_in(stack, api)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, f"None of {', '.join(NAMES)} is on the PATH; -m 'not browser' goes without."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            # Root, as in containers, may not sandbox.
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        yield browser
        await browser.close()


OpenAs = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of those who have signed in, by their roles."""
    return {}


@pytest.fixture
async def open_as(
    browser: Browser, stack: Dev, people: dict[str, Person], sessions: dict[str, Any]
) -> AsyncIterator[OpenAs]:
    """Opens a page of the app as one of the people (None: as a stranger).

    All tests share one session of each, except those that end it (`own_session`). A page whose
    script failed fails the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    async def session(who: str, own: bool) -> Any:
        if own:
            return await people[who].sign_in(browser, stack)
        if who not in sessions:
            sessions[who] = await people[who].sign_in(browser, stack)
        return sessions[who]

    async def open_as(
        who: str | None,
        path: str = "/",
        *,
        size: tuple[int, int] = WIDE,
        own_session: bool = False,
        **options: Any,
    ) -> Page:
        context = await browser.new_context(
            base_url=stack.info["api"],
            viewport={"width": size[0], "height": size[1]},
            storage_state=None if who is None else await session(who, own_session),
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.set_default_timeout(PATIENCE)
        await page.goto(path)
        return page

    yield open_as
    for context in contexts:
        await context.close()
    assert faults == []


@pytest.fixture
async def page(open_as: OpenAs) -> Page:
    """The app as its owner sees it, wide."""
    return await open_as("owner")


__all__ = ["NARROW", "PASSWORD", "WIDE", "OpenAs"]
