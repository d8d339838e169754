"""Links and pixels of mail over HTTP: where they lead, what they tell, and what is refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from api.app import create_app
from engine.tracking.tokens import FollowedLink, Tokens
from runtime.settings import Settings
from tests.support.messages import message_row, sent_message, signs_of

TARGET = "https://shop.example/sale?x=1&y=a%20b#top"


@pytest.fixture
async def message(scenario):
    await scenario.publish()
    return await sent_message(scenario)


@pytest.fixture
def link(tokens):
    def made(message_id, target=TARGET, query=""):
        return f"/t/c/{tokens.click(FollowedLink(message_id, target, query))}"

    return made


@pytest.fixture
def pixel(tokens):
    return lambda message_id: f"/t/o/{tokens.open(message_id)}.gif"


async def test_a_link_leads_on_and_its_click_is_stored(scenario, web, message, link):
    answer = await web.get(link(message, query="utm_source=s"))
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://shop.example/sale?x=1&y=a%20b&utm_source=s#top"
    assert "no-store" in answer.headers["cache-control"]
    assert (await message_row(scenario, message)).state == "clicked"
    assert await signs_of(scenario, message) == [("clicked", TARGET, "", 1)]


async def test_a_pixel_is_an_image_that_nobody_keeps(scenario, web, message, pixel):
    answer = await web.get(pixel(message))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/gif"
    assert "no-store" in answer.headers["cache-control"]
    assert answer.content.startswith(b"GIF89a")
    assert (await message_row(scenario, message)).state == "opened"


async def test_a_link_goes_on_working_when_its_message_is_gone(scenario, web, link, pixel):
    answer = await web.get(link(uuid4()))
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert (await web.get(pixel(uuid4()))).status_code == 200


async def test_a_forged_changed_or_cut_link_leads_nowhere(web, link):
    good = link(uuid4())
    forged = Tokens([b"somebody else's"]).click(FollowedLink(uuid4(), "https://evil.example/", ""))
    for path in (
        good[:-6],
        good[:40],
        f"/t/c/{forged}",
        "/t/c/x",
        "/t/c/%00%ff",
        "/t/c/" + "A" * 9000,
    ):
        answer = await web.get(path)
        assert answer.status_code == 404, path
        assert "location" not in answer.headers
        assert "This link is not complete" in answer.text


@pytest.mark.parametrize(
    "query", ["?url=https://evil.example", "?u=//evil.example", "?next=https://evil.example&x"]
)
async def test_no_query_makes_a_link_lead_elsewhere(web, link, query):
    answer = await web.get(link(uuid4()) + query)
    assert answer.headers["location"] == TARGET
    answer = await web.get("/t/c/" + query)
    assert answer.status_code in (404, 405, 200)
    assert "location" not in answer.headers


async def test_a_target_cannot_add_headers_and_may_hold_any_letters(web, link):
    answer = await web.get(link(uuid4(), "https://shop.example/größe?q=%E2%82%AC\u20ac"))
    assert answer.headers["location"] == "https://shop.example/gr%C3%B6%C3%9Fe?q=%E2%82%AC%E2%82%AC"


async def test_a_forged_pixel_tells_nothing_and_is_no_broken_image(web):
    answer = await web.get(f"/t/o/{Tokens([b'other']).open(uuid4())}.gif")
    assert answer.status_code == 404
    assert answer.content.startswith(b"GIF89a")


@pytest.mark.parametrize(
    ("headers", "machine"),
    [
        ({"user-agent": "Mozilla/5.0"}, "apple_proxy"),
        ({"user-agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0"
                        " (via ggpht.com GoogleImageProxy)"}, "google_proxy"),
        ({"user-agent": "YahooMailProxy; https://help.yahoo.com"}, "yahoo_proxy"),
        ({"user-agent": "Mozilla/5.0 HeadlessChrome/130.0"}, "headless"),
        ({"user-agent": "python-requests/2.31"}, "program"),
        ({"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, "bot"),
        ({"user-agent": "Microsoft Office Existence Discovery"}, "preview"),
        ({"user-agent": ""}, "nameless"),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"x-moz": "prefetch"}, "prefetch"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_machines_are_known_and_do_not_count(scenario, web, pixel, headers, machine):
    await scenario.publish()
    message = await sent_message(scenario)
    await web.get(pixel(message), headers=headers)
    assert (await message_row(scenario, message)).state == "sent"
    assert await signs_of(scenario, message) == [("opened", "", machine, 1)]


async def test_a_look_at_the_headers_alone_is_a_scanner(scenario, web, message, link):
    answer = await web.head(link(message))
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert await signs_of(scenario, message) == [("clicked", TARGET, "head", 1)]


async def test_a_click_in_the_second_of_the_sending_is_a_scanner(scenario, web, link):
    await scenario.publish()
    message = await sent_message(scenario, sent=timedelta(milliseconds=50))
    assert (await web.get(link(message))).status_code == 302
    assert (await message_row(scenario, message)).state == "sent"


async def test_common_mail_programs_and_browsers_are_people(scenario, web, message, pixel):
    agents = [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.5)",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
        "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 Mobile Safari/537.36",
        "okhttp/4.12.0",
    ]
    for agent in agents:
        await web.get(pixel(message), headers={"user-agent": agent})
    assert await signs_of(scenario, message) == [("opened", "", "", len(agents))]


async def test_a_slow_database_keeps_nobody_waiting_and_loses_nothing(
    scenario, web, app, message, link
):
    """Somebody holds the message's row: the link leads on, and the click comes later."""
    recorder = app.state.backend.recorder
    holder = await asyncpg.connect(scenario.database.url)
    try:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("SELECT 1 FROM messages WHERE id = $1 FOR UPDATE", message)
        answer = await web.get(link(message))
        assert answer.status_code == 302
        assert recorder.waiting == 1
        await transaction.rollback()
    finally:
        await holder.close()
    async with asyncio.timeout(10):
        while recorder.waiting:
            await asyncio.sleep(0.01)
    assert (await message_row(scenario, message)).state == "clicked"


async def test_what_waits_is_stored_before_the_process_ends(scenario, web, app, message, link):
    recorder = app.state.backend.recorder
    holder = await asyncpg.connect(scenario.database.url)
    try:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("SELECT 1 FROM messages WHERE id = $1 FOR UPDATE", message)
        await web.get(link(message))
        closing = asyncio.create_task(recorder.close())
        await transaction.rollback()
    finally:
        await holder.close()
    await closing
    assert (await message_row(scenario, message)).state == "clicked"


async def test_many_loads_of_one_pixel_are_one_row(scenario, web, message, pixel):
    await asyncio.gather(*(web.get(pixel(message)) for _ in range(30)))
    assert await signs_of(scenario, message) == [("opened", "", "", 30)]


async def test_without_a_key_links_lead_nowhere(database, link):
    app = create_app(Settings(), database=database)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get(link(uuid4()))).status_code == 404
