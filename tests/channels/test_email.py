"""Email over real SMTP conversations."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import SecretStr

from channels import smtp_pool
from channels.email_smtp import EmailChannel
from channels.errors import TransientFailure
from channels.protocol import Delivered, OutgoingMessage, Recipient, Rejected, Unreachable
from runtime.settings import SmtpSettings
from tests.channels.contract import WORKSPACE, ChannelContract, outgoing
from tests.channels.servers import Mailbox, mail_server, scripted_server


def smtp(port: int, **settings: Any) -> SmtpSettings:
    given = {"host": "127.0.0.1", "sender": "Söjourn <hello@sojourn.example>", "timeout": 2.0}
    return SmtpSettings(**{**given, "port": port, **settings})


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mail_server() as box:
        yield box


@pytest.fixture
async def channel(box: Mailbox) -> AsyncIterator[EmailChannel]:
    channel = EmailChannel(smtp(box.port))
    yield channel
    await channel.close()


class TestEmailChannel(ChannelContract):
    @pytest.fixture(autouse=True)
    def _box(self, box: Mailbox) -> None:
        self.box = box

    @pytest.fixture
    async def away(self) -> AsyncIterator[EmailChannel]:
        async with mail_server() as gone:
            port = gone.port
        channel = EmailChannel(smtp(port))
        yield channel
        await channel.close()

    async def arrived(self, message: OutgoingMessage) -> int:
        wanted = f"<{message.id}@sojourn.example>"
        return sum(mail["Message-ID"] == wanted for mail in self.box.mails())


async def test_the_mail_reads_as_it_was_written(channel: EmailChannel, box: Mailbox) -> None:
    html = "<p>Grüße 😀</p>\n" + "<!-- " + "long " * 400 + "-->"
    message = outgoing(subject="Grüße 😀 " * 20, text="Grüße\n.\n..dots\nFrom here", html=html)
    assert await channel.send(message) == Delivered(f"<{message.id}@sojourn.example>")
    (mail,) = box.mails()
    assert mail["Subject"].split() == ["Grüße", "😀"] * 20
    assert mail["From"].addresses[0].display_name == "Söjourn"
    assert mail["To"] == "ana@example.com"
    assert mail["Message-ID"] == f"<{message.id}@sojourn.example>"
    assert mail["Date"].datetime is not None
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, rich = (part.get_content() for part in mail.iter_parts())
    assert plain.replace("\r\n", "\n").strip() == "Grüße\n.\n..dots\nFrom here"
    assert rich.replace("\r\n", "\n").strip() == html
    assert box.envelopes[0].rcpt_tos == ["ana@example.com"]
    assert max(map(len, box.raw[0].split(b"\r\n"))) <= 998


async def test_mail_with_text_only_is_one_part(channel: EmailChannel, box: Mailbox) -> None:
    await channel.send(outgoing(text="just text"))
    assert box.mails()[0].get_content_type() == "text/plain"
    assert box.mails()[0].get_content().strip() == "just text"


async def test_a_connection_is_used_again_and_a_send_over_it_is_quick(
    channel: EmailChannel, box: Mailbox
) -> None:
    await channel.send(outgoing())
    started = time.process_time()
    for _ in range(50):
        await channel.send(outgoing(html="<p>Hi</p>" * 50))
    assert (time.process_time() - started) / 50 < 0.02
    assert box.connections == 1
    assert len(box.raw) == 51


async def test_no_more_connections_are_opened_than_allowed(box: Mailbox) -> None:
    channel = EmailChannel(smtp(box.port, connections=2))
    await asyncio.gather(*(channel.send(outgoing()) for _ in range(20)))
    await channel.close()
    assert box.connections <= 2
    assert len(box.raw) == 20


async def test_a_connection_is_retired_after_enough_messages(
    channel: EmailChannel, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_pool, "MAX_MESSAGES", 3)
    for _ in range(7):
        await channel.send(outgoing())
    assert box.connections == 3


async def test_an_idle_connection_is_not_trusted(
    channel: EmailChannel, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await channel.send(outgoing())
    monkeypatch.setattr(smtp_pool, "MAX_IDLE", 0.0)
    await channel.send(outgoing())
    assert box.connections == 2


async def test_a_connection_that_the_server_closed_is_replaced_without_a_failure(
    channel: EmailChannel, box: Mailbox
) -> None:
    await channel.send(outgoing())
    box.close_connections()
    assert isinstance(await channel.send(outgoing()), Delivered)
    await asyncio.sleep(0.05)
    box.close_connections()
    await asyncio.sleep(0.05)
    assert isinstance(await channel.send(outgoing()), Delivered)
    assert len(box.raw) == 3


async def test_a_server_that_says_goodbye_on_an_old_connection_is_called_again(
    channel: EmailChannel, box: Mailbox
) -> None:
    await channel.send(outgoing())
    box.answers["MAIL"] = ["421 4.4.2 idle for too long"]
    assert isinstance(await channel.send(outgoing()), Delivered)
    assert box.connections == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [450, 451, 452])
async def test_4xx_at_any_command_is_tried_again_later(
    channel: EmailChannel, box: Mailbox, command: str, code: int
) -> None:
    box.answers[command] = [f"{code} 4.7.1 later please"]
    with pytest.raises(TransientFailure, match=f"{command} refused: {code} 4.7.1 later") as caught:
        await channel.send(outgoing())
    assert caught.value.retry_after
    assert not caught.value.ambiguous
    assert isinstance(await channel.send(outgoing()), Delivered)
    assert box.connections == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [550, 552, 553])
async def test_5xx_at_any_command_is_for_good(
    channel: EmailChannel, box: Mailbox, command: str, code: int
) -> None:
    box.answers[command] = [f"{code} 5.7.1 never"]
    assert await channel.send(outgoing()) == Rejected(f"{command} refused: {code} 5.7.1 never")
    assert isinstance(await channel.send(outgoing()), Delivered)
    assert box.connections == 1


@pytest.mark.parametrize(
    ("answer", "bad"),
    [
        ("550 5.1.1 no such user", True),
        ("550 no such user", True),
        ("550 5.7.1 blocked", False),
        ("552 5.2.2 mailbox full", False),
        ("553 5.1.3 bad address", True),
    ],
)
async def test_a_refusal_tells_whether_the_address_is_bad(
    channel: EmailChannel, box: Mailbox, answer: str, bad: bool
) -> None:
    box.answers["RCPT"] = [answer]
    result = await channel.send(outgoing())
    assert isinstance(result, Rejected)
    assert result.bad_address is bad


async def test_a_refusal_that_is_about_this_client_waits_for_repair(
    channel: EmailChannel, box: Mailbox
) -> None:
    box.answers["MAIL"] = ["530 5.7.0 Authentication required"]
    with pytest.raises(TransientFailure, match="530"):
        await channel.send(outgoing())


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize("manner", ["hangs", "closes"])
async def test_a_server_that_hangs_or_breaks_off_is_a_transient_failure(
    step: str, manner: str
) -> None:
    async with scripted_server(**{step: None if manner == "hangs" else ""}) as script:
        channel = EmailChannel(smtp(script.port, timeout=0.3))
        started = time.monotonic()
        with pytest.raises(TransientFailure) as caught:
            await channel.send(outgoing())
        assert time.monotonic() - started < 5
        assert caught.value.ambiguous is (step in {"DATA", "BODY"})
        await channel.close()


async def test_a_server_that_answers_each_step_just_in_time_is_left_in_the_end() -> None:
    async with scripted_server(delay=0.3) as script:
        channel = EmailChannel(smtp(script.port, timeout=0.4))
        started = time.monotonic()
        with pytest.raises(TransientFailure, match="took more than 1 s"):
            await channel.send(outgoing())
        assert time.monotonic() - started < 1.3
        await channel.close()


async def test_a_mail_whose_answer_was_lost_is_sent_again_under_the_same_message_id() -> None:
    message = outgoing()
    async with scripted_server(BODY="") as script:
        channel = EmailChannel(smtp(script.port))
        for _ in range(2):
            with pytest.raises(TransientFailure):
                await channel.send(message)
        await channel.close()
    ids = [line for body in script.bodies for line in body.split(b"\r\n") if b"Message-ID" in line]
    assert ids == [f"Message-ID: <{message.id}@sojourn.example>".encode()] * 2


@pytest.mark.parametrize("greeting", ["554 no service", "421 too busy", "gibberish"])
async def test_a_server_that_does_not_let_us_in_is_a_transient_failure(greeting: str) -> None:
    async with scripted_server(GREETING=greeting) as script:
        channel = EmailChannel(smtp(script.port))
        with pytest.raises(TransientFailure, match="no connection to the mail server 127"):
            await channel.send(outgoing())
        await channel.close()


async def test_a_host_that_does_not_exist_is_a_transient_failure() -> None:
    channel = EmailChannel(smtp(25, host="mail.invalid"))
    with pytest.raises(TransientFailure, match=r"mail\.invalid:25"):
        await channel.send(outgoing())
    await channel.close()


async def test_waiting_for_a_busy_connection_ends() -> None:
    async with scripted_server(BODY=None) as script:
        channel = EmailChannel(smtp(script.port, connections=1, timeout=0.5))
        results = await asyncio.gather(
            *(channel.send(outgoing()) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(result, TransientFailure) for result in results)
        await channel.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return context, path


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_tls_and_login(authority: tuple[ssl.SSLContext, Path], mode: str) -> None:
    context, ca_file = authority
    async with mail_server(
        **{mode: context}, auth_required=True, auth_require_tls=mode == "starttls"
    ) as box:
        box_server = box
        channel = EmailChannel(
            smtp(
                box.port,
                tls=mode,
                ca_file=str(ca_file),
                username="user",
                password=SecretStr("secret"),
            )
        )
        assert isinstance(await channel.send(outgoing()), Delivered)
        assert isinstance(await channel.send(outgoing()), Delivered)
        await channel.close()
    assert box_server.tls == [True, True]
    assert box_server.connections == 1


async def test_a_wrong_password_waits_for_repair(authority: tuple[ssl.SSLContext, Path]) -> None:
    context, ca_file = authority
    async with mail_server(starttls=context, auth_required=True) as box:
        channel = EmailChannel(
            smtp(
                box.port, tls="starttls", ca_file=str(ca_file),
                username="user", password=SecretStr("wrong"),
            )
        )  # fmt: skip
        with pytest.raises(TransientFailure, match="535") as caught:
            await channel.send(outgoing())
        assert "wrong" not in caught.value.reason
        await channel.close()
    assert box.raw == []


@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_a_certificate_of_a_stranger_is_not_trusted(
    authority: tuple[ssl.SSLContext, Path], mode: str
) -> None:
    context, _ = authority
    async with mail_server(**{mode: context}) as box:
        channel = EmailChannel(smtp(box.port, tls=mode))
        with pytest.raises(TransientFailure, match="certificate"):
            await channel.send(outgoing())
        await channel.close()
    assert box.raw == []


async def test_starttls_is_never_skipped_when_the_server_does_not_offer_it(box: Mailbox) -> None:
    channel = EmailChannel(smtp(box.port, tls="starttls"))
    with pytest.raises(TransientFailure, match="STARTTLS"):
        await channel.send(outgoing())
    await channel.close()
    assert box.raw == []


async def test_domains_and_local_parts_beyond_ascii_are_carried(
    channel: EmailChannel, box: Mailbox
) -> None:
    address = channel.address(Recipient(WORKSPACE, email="ana@Straße.example"))
    assert address == "ana@xn--strae-oqa.example"
    jose = channel.address(Recipient(WORKSPACE, email="josé@example.com"))
    assert jose == "josé@example.com"
    assert isinstance(await channel.send(outgoing(to="josé@example.com")), Delivered)
    assert box.envelopes[0].rcpt_tos == ["josé@example.com"]
    assert "SMTPUTF8" in box.envelopes[0].mail_options
    assert "josé@example.com".encode() in box.raw[0]


async def test_a_server_that_cannot_carry_such_an_address_refuses_it_for_good() -> None:
    async with scripted_server() as script:
        channel = EmailChannel(smtp(script.port))
        result = await channel.send(outgoing(to="josé@example.com"))
        assert isinstance(result, Rejected)
        assert "ASCII" in result.reason
        await channel.close()


async def test_a_header_cannot_be_added_through_a_value(
    channel: EmailChannel, box: Mailbox
) -> None:
    for breaks in ("\r\n", "\n", "\r", "\x00", "\x85"):
        result = await channel.send(outgoing(subject=f"Hi{breaks}Bcc: all@example.com"))
        assert isinstance(result, Rejected)
    assert box.raw == []


@pytest.mark.parametrize("email", [None, "", "  "])
def test_a_contact_without_email_is_unreachable(email: str | None) -> None:
    channel = EmailChannel(smtp(1))
    assert channel.address(Recipient(WORKSPACE, email=email)) == Unreachable("no email")


def test_a_sender_that_is_no_address_is_refused_at_the_start() -> None:
    for sender in ("Sojourn", "a@b\r\nBcc: x@y.z", "", "x <a b@c.d>"):
        with pytest.raises(ValueError, match="is no sender"):
            EmailChannel(smtp(1, sender=sender))
