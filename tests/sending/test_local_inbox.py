"""The local inbox: as a channel, as a mail server, and as a page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import aiosmtplib
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.routes import inbox
from channels.email_smtp import EmailChannel
from channels.errors import TransientFailure
from channels.in_app import AppChannel
from channels.local_inbox import LocalInboxChannel
from channels.protocol import Delivered, OutgoingMessage, Recipient, Unreachable
from channels.registry import close_channels, open_channels
from journeys.templates import RenderedMessage
from runtime.inbox import InboxServer, caught_mail
from runtime.settings import Settings, SmtpSettings
from storage.database import Database
from storage.repositories.caught import CaughtSummary, find, newest
from tests.channels.contract import ChannelContract, outgoing

SOMEBODY = Recipient(uuid4(), user_id="ana", email="ana@example.com", phone="+331")


async def caught_for(database: Database, to: str) -> list[CaughtSummary]:
    async with database.transaction() as connection:
        return await newest(connection, limit=100, to=to)


@pytest.fixture
def somebody() -> str:
    """An address of this test's own: the inbox is one for all workspaces."""
    return f"{uuid4().hex}@example.com"


@pytest.fixture
async def server(database: Database) -> AsyncIterator[InboxServer]:
    server = InboxServer(database, "127.0.0.1", 0)
    await server.start()
    yield server
    await server.stop()


class TestLocalInboxChannel(ChannelContract):
    needs_an_address = False
    has_a_provider = False

    @pytest.fixture
    def channel(self, database: Database) -> LocalInboxChannel:
        self.database = database
        return LocalInboxChannel("push", database)

    @pytest.fixture
    def away(self) -> None:
        return None

    async def arrived(self, message: OutgoingMessage) -> int:
        async with self.database.transaction() as connection:
            return int(await find(connection, message.id) is not None)


async def test_a_push_message_is_kept_once_with_its_parts(
    database: Database, somebody: str
) -> None:
    channel = LocalInboxChannel("push", database)
    content = RenderedMessage(title="Go", body="Now", link="app://x", data={"plan": "p1"})
    message = OutgoingMessage(uuid4(), uuid4(), somebody, content)
    assert await channel.send(message) == await channel.send(message) == Delivered(str(message.id))
    (summary,) = await caught_for(database, somebody)
    assert (summary.channel, summary.subject, summary.text) == ("push", "Go", "Now")
    async with database.transaction() as connection:
        caught = await find(connection, message.id)
    assert caught is not None
    assert caught.headers == {"link": "app://x", "data.plan": "p1"}


@pytest.mark.parametrize(
    ("channel", "recipient", "address"),
    [
        ("push", SOMEBODY, "ana"),
        ("sms", SOMEBODY, "+331"),
        ("sms", Recipient(UUID(int=1)), Unreachable("no phone")),
        ("email", SOMEBODY, "ana@example.com"),
        ("email", Recipient(UUID(int=1)), Unreachable("no email")),
        ("in_app", Recipient(UUID(int=1)), str(UUID(int=1))),
    ],
)
def test_addresses_in_the_inbox(
    database: Database, channel: str, recipient: Recipient, address: object
) -> None:
    assert LocalInboxChannel(channel, database).address(recipient) == address


async def test_mail_by_smtp_is_kept_and_parsed(
    database: Database, server: InboxServer, somebody: str
) -> None:
    channel = EmailChannel(SmtpSettings(port=server.port))
    message = outgoing(to=somebody, subject="Grüße 😀", text="Grüße", html="<p>Grüße</p>")
    assert isinstance(await channel.send(message), Delivered)
    await channel.close()
    (summary,) = await caught_for(database, somebody.upper())
    assert (summary.channel, summary.subject) == ("email", "Grüße 😀")
    async with database.transaction() as connection:
        caught = await find(connection, summary.id)
    assert caught is not None
    assert (caught.text or "").strip() == "Grüße"
    assert (caught.html or "").strip() == "<p>Grüße</p>"
    assert caught.headers["Message-ID"] == f"<{message.id}@sojourn.example>"
    assert caught.sender == "hello@sojourn.example"
    assert b"multipart/alternative" in (caught.raw or b"")


async def test_stopping_hangs_up_on_senders_that_stay_connected(
    database: Database, somebody: str
) -> None:
    server = InboxServer(database, "127.0.0.1", 0)
    await server.start()
    channel = EmailChannel(SmtpSettings(port=server.port, timeout=2))
    assert isinstance(await channel.send(outgoing(to=somebody)), Delivered)
    await asyncio.wait_for(server.stop(), 2)
    with pytest.raises(TransientFailure):
        await channel.send(outgoing(to=somebody))
    await channel.close()


async def test_mail_to_many_is_kept_for_each(database: Database, server: InboxServer) -> None:
    people = [f"{uuid4().hex}@example.com" for _ in range(3)]
    await aiosmtplib.send(
        b"Subject: x\r\n\r\nhi\r\n", sender="a@b.example", recipients=people,
        hostname="127.0.0.1", port=server.port, start_tls=False,
    )  # fmt: skip
    for person in people:
        assert len(await caught_for(database, person)) == 1


async def test_mail_that_is_too_large_is_refused(
    server: InboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(aiosmtplib.SMTPResponseException) as caught:
        await aiosmtplib.send(
            b"Subject: x\r\n\r\n" + b"x\r\n" * 4_000_000, sender="a@b.example",
            recipients=["c@d.example"], hostname="127.0.0.1", port=server.port, start_tls=False,
        )  # fmt: skip
    assert caught.value.code == 552


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe garbage",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"Subject: =?utf-8?b?AAAA?=\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nhi",
        b"To: \xff\xff\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/html\r\n\r\n!!!",
        b"Subject: " + b"a" * 900 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_proper_mail_is_kept_by_its_source(
    database: Database, server: InboxServer, somebody: str, raw: bytes
) -> None:
    caught = caught_mail(raw, None, somebody)
    assert caught.raw == raw
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=server.port, start_tls=False) as client:
        await client.sendmail("a@b.example", [somebody], raw)
    assert len(await caught_for(database, somebody)) == 1


async def test_only_the_newest_messages_are_kept(database: Database, workspace_id: UUID) -> None:
    from storage.repositories.caught import keep, keep_newest

    # In a transaction that is rolled back: other tests have messages in the same inbox.
    async with database.engine.connect() as connection:
        await connection.execute(text("DELETE FROM caught_messages"))
        for number in range(7):
            mail = caught_mail(f"Subject: {number}\r\n\r\n".encode(), None, "x@y.example")
            await keep(connection, mail)
        await keep_newest(connection, 100)
        assert len(await newest(connection, limit=100)) == 7
        await keep_newest(connection, 3)
        assert [m.subject for m in await newest(connection, limit=100)] == ["6", "5", "4"]
        await connection.rollback()


async def test_a_taken_port_is_an_error_at_the_start(
    database: Database, server: InboxServer
) -> None:
    with pytest.raises(OSError, match="address already in use"):
        await InboxServer(database, "127.0.0.1", server.port).start()


async def test_the_registry_puts_the_inbox_where_the_settings_say(database: Database) -> None:
    channels = open_channels(Settings(inbox_channels=["push", "sms"]), database)
    assert {name: type(channel) for name, channel in channels.items()} == {
        "push": LocalInboxChannel, "sms": LocalInboxChannel, "email": EmailChannel,
        "in_app": AppChannel, "inbox": AppChannel,
    }  # fmt: skip
    await close_channels(channels)
    with pytest.raises(ValueError, match="SOJOURN_INBOX_CHANNELS names fax"):
        open_channels(Settings(inbox_channels=["fax"]), database)


def app(database: Database, *, enabled: bool) -> FastAPI:
    application = create_app(Settings(inbox_enabled=enabled), database=database)
    if not any(getattr(route, "path", "") == "/inbox" for route in application.routes):
        application.include_router(inbox.router)
    return application


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app(database, enabled=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def put(database: Database, to: str, **parts: str) -> str:
    message = OutgoingMessage(uuid4(), uuid4(), to, RenderedMessage(**parts))  # type: ignore[arg-type]
    await LocalInboxChannel("email", database).send(message)
    return str(message.id)


async def test_the_page_lists_the_newest_first(
    database: Database, client: httpx.AsyncClient, somebody: str
) -> None:
    for number in range(3):
        await put(database, somebody, subject=f"number {number}", text="<b>x</b>")
    answer = await client.get("/inbox", params={"to": somebody})
    assert answer.status_code == 200
    positions = [answer.text.index(f"number {number}") for number in (2, 1, 0)]
    assert positions == sorted(positions)
    assert "&lt;b&gt;x&lt;/b&gt;" in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_html_of_a_message_can_do_nothing(
    database: Database, client: httpx.AsyncClient, somebody: str
) -> None:
    script = "<script>alert(1)</script>"
    id_ = await put(database, somebody, subject=script, text=script, html=f"<p>Hi</p>{script}")
    page = await client.get(f"/inbox/{id_}")
    assert script not in page.text
    assert (
        f'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/inbox/{id_}/html"'
        in page.text
    )
    html = await client.get(f"/inbox/{id_}/html")
    assert html.text.endswith(f"<p>Hi</p>{script}")
    policy = html.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


async def test_messages_as_json_by_address_and_time(
    database: Database, client: httpx.AsyncClient, somebody: str
) -> None:
    id_ = await put(database, somebody, subject="s", text="t")
    answer = await client.get("/inbox/messages.json", params={"to": somebody.upper()})
    (message,) = answer.json()["data"]
    assert (message["id"], message["subject"], message["text"]) == (id_, "s", "t")
    after = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    later = await client.get("/inbox/messages.json", params={"to": somebody, "after": after})
    assert later.json() == {"data": []}
    bad = await client.get("/inbox/messages.json", params={"after": "yesterday"})
    assert bad.status_code == 422


async def test_messages_are_found_by_channel_and_by_parts_of_subject_and_recipient(
    database: Database, client: httpx.AsyncClient, somebody: str
) -> None:
    await put(database, somebody, subject="100% off", text="t")
    await put(database, somebody, subject="1000 off", text="t")

    async def found(**params: str) -> list[str]:
        answer = await client.get("/inbox/messages.json", params={"to": somebody, **params})
        return [message["subject"] for message in answer.json()["data"]]

    assert await found(search="100%") == ["100% off"]
    assert await found(search=somebody[3:20].upper()) == ["1000 off", "100% off"]
    assert await found(channel="sms") == []
    assert len(await found(channel="email")) == 2


async def test_one_message_as_json_says_what_else_there_is(
    database: Database, client: httpx.AsyncClient, somebody: str
) -> None:
    id_ = await put(database, somebody, subject="s", html="<p>x</p>", link="https://x.example")
    message = (await client.get(f"/inbox/{id_}/message.json")).json()
    assert (message["to"], message["has_html"], message["has_source"]) == (somebody, True, False)
    assert message["headers"] == {"link": "https://x.example"}
    assert "html" not in message
    assert (await client.get(f"/inbox/{uuid4()}/message.json")).status_code == 404


async def test_a_message_can_be_deleted_and_its_source_read(
    database: Database, client: httpx.AsyncClient, server: InboxServer, somebody: str
) -> None:
    await aiosmtplib.send(
        b"Subject: source\r\n\r\nhi\r\n", sender="a@b.example", recipients=[somebody],
        hostname="127.0.0.1", port=server.port, start_tls=False,
    )  # fmt: skip
    (caught,) = await caught_for(database, somebody)
    source = await client.get(f"/inbox/{caught.id}/raw")
    assert source.text.startswith("Subject: source\r\n")
    assert (await client.delete(f"/inbox/{caught.id}")).status_code == 204
    assert (await client.get(f"/inbox/{caught.id}")).status_code == 404
    assert (await client.get("/inbox/nonsense")).status_code == 422


async def test_without_the_setting_there_is_no_inbox(database: Database) -> None:
    transport = httpx.ASGITransport(app(database, enabled=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for path in ("/inbox", "/inbox/messages.json", f"/inbox/{uuid4()}"):
            assert (await client.get(path)).status_code == 404
        assert (await client.delete("/inbox")).status_code == 404


async def test_a_message_is_refused_for_now_when_the_database_is_away() -> None:
    nowhere = Database("postgresql://postgres@127.0.0.1:1/none")
    server = InboxServer(nowhere, "127.0.0.1", 0)
    await server.start()
    with pytest.raises(aiosmtplib.SMTPDataError) as caught:
        await aiosmtplib.send(
            b"Subject: x\r\n\r\nhi\r\n", sender="a@b.example", recipients=["c@d.example"],
            hostname="127.0.0.1", port=server.port, start_tls=False,
        )  # fmt: skip
    assert caught.value.code == 451
    await server.stop()
    await nowhere.close()
