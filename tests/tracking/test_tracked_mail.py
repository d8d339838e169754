"""Mail as it leaves: tracked by what workspace and template say, and by nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import text

from channels.pool import ChannelPool
from channels.provider_settings import ProviderContext
from engine.sending import deliver
from engine.workspaces import change_tracking
from journeys.tracking import TrackingChoice, Utm
from storage.encryption import Encryption
from tests.support.messages import message_row, sent_message
from tests.support.outbox import Outbox
from tests.tracking.conftest import KEY, PUBLIC

HTML = '<body><a href="https://shop.example/?for={{ contact.first_name }}">Shop</a></body>'


@pytest.fixture
async def outbox():
    async with Outbox() as outbox:
        yield outbox


@pytest.fixture
def send(scenario, outbox):
    """Send one mail; its HTML, and the message's id."""

    async def sent(public_url=PUBLIC, keys=(KEY,), locale=None, **template):
        await scenario.publish()
        await scenario.template(html=HTML, **template)
        contact = await scenario.contact(fields={"first_name": "Ann"}, locale=locale)
        message = await sent_message(scenario, contact_id=contact, state="queued", sent=None)
        pool = ChannelPool(
            outbox.channels,
            caught=(),
            encryption=Encryption(keys),
            context=ProviderContext(public_url=public_url),
        )
        outcome = await deliver(scenario.database, pool, message, now=datetime.now(UTC))
        assert outcome == "sent"
        part = next(p for p in outbox.messages[-1].walk() if p.get_content_type() == "text/html")
        return part.get_payload(decode=True).decode(), message

    return sent


def link_in(html):
    found = re.search(r'href="([^"]+)"', html)
    assert found is not None
    return unescape(found[1])


async def choose(scenario, **choice):
    async with scenario.database.transaction() as connection:
        await change_tracking(connection, scenario.workspace_id, TrackingChoice(**choice))


async def test_what_is_sent_leads_back_to_the_message(scenario, send, web):
    html, message = await send()
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("UPDATE messages SET sent_at = sent_at - CAST(:d AS interval) WHERE id = :id"),
            {"d": timedelta(minutes=1), "id": message},
        )
    answer = await web.get(link_in(html).removeprefix(PUBLIC))
    assert answer.headers["location"] == "https://shop.example/?for=Ann"
    row = await message_row(scenario, message)
    assert row.state == "clicked"
    clicks = await scenario.rows(
        "SELECT link FROM message_clicks WHERE message_id = :id", id=message
    )
    assert [click.link for click in clicks] == ["https://shop.example/?for=Ann"]
    pixel = re.search(r'src="([^"]+)"', html)
    assert pixel is not None
    assert (await web.get(pixel[1].removeprefix(PUBLIC))).status_code == 200


@pytest.mark.parametrize(
    "missing", [{"public_url": None}, {"keys": ()}], ids=lambda one: next(iter(one))
)
async def test_without_an_address_or_a_key_the_mail_is_as_written(send, missing):
    html, _ = await send(**missing)
    assert html == HTML.replace("{{ contact.first_name }}", "Ann")


async def test_a_workspace_that_tracks_nothing(scenario, send):
    await choose(scenario, opens=False, clicks=False)
    html, _ = await send()
    assert html == HTML.replace("{{ contact.first_name }}", "Ann")


async def test_a_template_that_says_otherwise_wins(scenario, send):
    await choose(scenario, opens=False, clicks=False, utm=Utm(source="sojourn"))
    html, _ = await send(tracking={"opens": True, "utm": {"source": "own", "term": "x"}})
    assert "<img" in html
    assert link_in(html) == (
        "https://shop.example/?for=Ann"
        "&utm_source=own&utm_medium=email&utm_campaign=flow&utm_content=hello&utm_term=x"
    )


@pytest.mark.parametrize(("locale", "opens"), [("de-AT", False), ("fr", True), (None, True)])
async def test_the_variant_that_is_sent_says_how_it_is_tracked(send, locale, opens):
    german = {"subject": "Hallo", "tracking": {"opens": False, "clicks": False}}
    variants = {"de": german, "fr": {"subject": "Salut"}}
    html, _ = await send(locale=locale, tracking={"clicks": False}, locales=variants)
    assert ("<img" in html) == opens
    assert link_in(html) == "https://shop.example/?for=Ann"


async def test_settings_of_a_newer_release_are_taken_for_a_no(scenario, send):
    async with scenario.database.transaction() as connection:
        await connection.execute(
            text("""UPDATE workspaces SET tracking = '{"opens": "by_consent"}' WHERE id = :w"""),
            {"w": scenario.workspace_id},
        )
    html, _ = await send()
    assert html == HTML.replace("{{ contact.first_name }}", "Ann")


async def test_a_bounce_that_is_told_before_the_sending_is_noted_is_not_forgotten(scenario, outbox):
    """Some providers refuse an address in the moment in which they take the message."""
    from engine.sending import _SENT
    from engine.tracking.states import Told, tell

    await scenario.publish()
    message = await sent_message(scenario, state="queued", sent=None)
    now = datetime.now(UTC)
    async with scenario.database.transaction() as connection:
        await tell(connection, None, [Told(message, "bounced", now, reason="no such user")])
        values = {"id": message, "to": "a@b.example", "subject": "s", "provider_id": "1"}
        await connection.execute(_SENT, {**values, "now": now, "counts": False})
    row = await message_row(scenario, message)
    assert (row.state, row.reason, row.sent_at) == ("failed", "no such user", now)
