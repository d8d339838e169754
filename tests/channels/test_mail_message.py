"""Addresses, and mails read back by the standard library's parser."""

# ruff: noqa: E501  (a table reads better)

from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.addresses import mail_address
from channels.mail_message import Sender, mail_bytes
from channels.protocol import OutgoingMessage
from journeys.templates import RenderedMessage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SENDER = Sender.parse("Sojourn <hello@sojourn.example>")
_line = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300).map(
    str.strip
)
_body = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\n =.-"), max_size=400
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ana@example.com", "ana@example.com"),
        (" Ana.B+tag@EXAMPLE.com ", "Ana.B+tag@example.com"),
        ("o'hara@sub.example.co.uk", "o'hara@sub.example.co.uk"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("josé@例え.jp", "josé@xn--r8jz45g.jp"),
        ("x@localhost", "x@localhost"),
    ],
)
def test_addresses_are_brought_to_normal_form(written: str, normal: str) -> None:
    assert mail_address(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        "", "ana", "ana@", "@example.com", "a@b@c.d", "Ana <ana@example.com>", "a b@example.com",
        "ana@exam ple.com", "ana@example..com", ".ana@example.com", "ana.@example.com",
        "a..b@example.com", "ana@-example.com", "ana@example.com,eve@example.com", '"a"@example.com',
        "ana@[127.0.0.1]", "ana\r\nRCPT TO:<x@y>@example.com", "ana@example.com\r\nDATA", "a\x00@b.c",
        "x" * 65 + "@example.com", "x@" + "y" * 64 + ".com", "x@" + "y." * 130 + "com", "ana@xn--\u2028.com",
        "ana\u2028@example.com", "ana@ex_ample.com", "<ana@example.com>",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(written: str) -> None:
    assert mail_address(written) is None


@given(subject=_line, text=_body, html=_body, id_=st.uuids())
def test_every_mail_reads_back_as_it_was_written(
    subject: str, text: str, html: str, id_: UUID
) -> None:
    message = OutgoingMessage(
        id_, id_, "ana@example.com", RenderedMessage(subject=subject, text=text, html=html)
    )
    raw = mail_bytes(message, SENDER, NOW)
    mail = message_from_bytes(raw, policy=policy.default)
    assert not mail.defects
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert str(mail["Subject"]).split() == subject.split()
    assert mail["Message-ID"] == f"<{id_}@sojourn.example>"
    parts = [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()]  # type: ignore[attr-defined]
    assert parts == [text, html]


@given(st.text(max_size=60))
def test_no_address_that_is_accepted_could_add_a_command_or_a_header(written: str) -> None:
    address = mail_address(written)
    if address is not None:
        assert not any(character.isspace() or ord(character) < 33 for character in address)
        assert address.count("@") == 1
        assert not set(address) & set('<>\\"(),:;[]\x7f')


def test_a_line_break_in_a_header_is_refused() -> None:
    content = RenderedMessage(subject="a\nb", text="x")
    with pytest.raises(ValueError, match="Subject header"):
        mail_bytes(OutgoingMessage(uuid4(), uuid4(), "a@b.example", content), SENDER, NOW)
